/// What proves to a registry who asks. Shown as text it tells no secret.
package enum Credentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    case password(user: String, password: String)
    /// A refresh token: a token server gives access tokens for it.
    case identityToken(String)
    /// An access token as it is.
    case registryToken(String)

    /// Who it is, for messages; nil when a token does not say.
    package var user: String? {
        if case .password(let user, _) = self { return user }
        return nil
    }

    package var description: String { user.map { "the credentials of \"\($0)\"" } ?? "the saved token" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// The `Authorization` of RFC 7617, for the kinds that have one.
    var header: String? {
        switch self {
        case .password(let user, let password): "Basic " + Base64.encode(Array("\(user):\(password)".utf8))
        case .registryToken(let token): "Bearer " + token
        case .identityToken: nil
        }
    }
}

/// The names under which a registry's credentials may be kept, best first.
struct CredentialNames: Sendable, Hashable {
    let registry: String
    let repository: String

    /// docker keeps those of Docker Hub under an address of its first days.
    static let dockerHub = "https://index.docker.io/v1/"

    /// What a credential helper is asked for.
    var server: String { registry == "docker.io" ? Self.dockerHub : registry }

    /// podman's keys may end in a part of the repository's path: the longest wins.
    var keys: [String] {
        var found: [String] = []
        var path = repository.split(separator: "/").map(String.init)
        while !path.isEmpty {
            found.append(registry + "/" + path.joined(separator: "/"))
            path.removeLast()
        }
        return found + hosts
    }

    /// The names of the host alone.
    var hosts: [String] {
        registry == "docker.io" ? ["docker.io", "index.docker.io", "registry-1.docker.io"] : [registry]
    }

    /// The best of `keys`, as they stand in a file: with a scheme and `/v1/` in old ones.
    func best(among keys: some Collection<String>) -> String? {
        let plain = Dictionary(keys.sorted().map { (Self.plain($0), $0) }, uniquingKeysWith: { first, _ in first })
        return self.keys.lazy.compactMap { plain[$0] }.first
    }

    static func plain(_ key: String) -> String {
        guard let mark = key.firstRange(of: "://") else { return key.hasSuffix("/") ? String(key.dropLast()) : key }
        return String(key[mark.upperBound...].prefix { $0 != "/" })
    }
}

/// Why saved credentials cannot be used or saved, in a sentence.
package struct CredentialError: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String
    package var help: String?
    package init(_ description: String, help: String? = nil) {
        self.description = description
        self.help = help
    }
}
