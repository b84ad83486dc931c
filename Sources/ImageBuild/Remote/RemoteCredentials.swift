import BuildContext
import BuildPlan
import BuildSolver
import Distribution
import OCI

/// What the command line's secrets prove to the servers of ADD and of contexts. They are BuildKit's predefined ones:
///
///     GIT_AUTH_TOKEN[.HOST]  GIT_AUTH_HEADER[.HOST]     repositories over http
///     HTTP_AUTH_TOKEN_HOST   HTTP_AUTH_HEADER_HOST      files over http
///
/// A Dockerfile chooses whom it fetches from: a token that names no host is sent over TLS, or to this machine, only.
struct RemoteCredentials: Sendable {
    let secrets: BuildSecrets

    /// Of an address's own user information first.
    func git(_ source: GitSource) throws -> GitCredentials? {
        guard let address = WebAddress(parsing: source.remote) else { return nil }
        let scope = "\(address.scheme)://\(address.authority)/"
        if let userInfo = source.userInfo { return GitCredentials(scope: scope, authorization: BasicAuthorization.header(userInfo)) }
        let isSafe = address.scheme == "https" || address.host == "localhost" || address.host.hasPrefix("127.")
        for suffix in ["." + address.authority, "." + address.host] + (isSafe ? [""] : []) {
            if let token = try value("GIT_AUTH_TOKEN" + suffix) {
                return GitCredentials(scope: scope, authorization: BasicAuthorization.header(name: "x-access-token", password: token))
            }
            if let header = try value("GIT_AUTH_HEADER" + suffix) { return GitCredentials(scope: scope, authorization: header) }
        }
        return nil
    }

    /// The value of an `Authorization` header; nil leaves the address's own user information.
    func http(_ address: WebAddress) throws -> String? {
        for host in [address.authority, address.host] {
            if let token = try value("HTTP_AUTH_TOKEN_" + host) { return "Bearer " + token }
            if let header = try value("HTTP_AUTH_HEADER_" + host) { return header }
        }
        return nil
    }

    private func value(_ id: String) throws -> String? {
        guard let bytes = try secrets.value(of: id) else { return nil }
        var text = String(decoding: bytes, as: UTF8.self)
        while text.last?.isWhitespace == true { text.removeLast() }
        guard !text.isEmpty else { return nil }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw FetchFailure(
                code: "fetch-failed", message: "the secret \"\(id)\" cannot be sent: it is more than one line",
                help: "write the token alone into it")
        }
        return text
    }
}
