import OCI
import Subprocess
import SystemPackage

/// A program that keeps credentials elsewhere: `docker-credential-NAME` (docker's credential helper protocol).
struct CredentialHelper: Sendable, Hashable {
    let name: String
    /// What it is started with.
    let environment: [String: String]

    /// A person may have to unlock a keyring, but a build must not wait for ever.
    private static let patience = Duration.seconds(120)

    var program: String { "docker-credential-" + name }

    private struct Secret: Codable, Sendable {
        var ServerURL: String?
        var Username: String
        var Secret: String
    }

    /// nil when it has none for that server.
    func get(_ server: String) async throws -> Credentials? {
        let output = try await run("get", input: Array(server.utf8))
        guard output.succeeded else {
            if Self.isNotFound(output.text) { return nil }
            throw failure("has no credentials of \(server) to give", output.text)
        }
        let secret: Secret
        do { secret = try Document<Secret>(decoding: output.bytes, mediaType: MediaType(rawValue: "application/json")).value } catch {
            // Not what it says: there may be a secret in it.
            throw failure("answers with something that is no credentials", "")
        }
        guard !secret.Secret.isEmpty else { return nil }
        // docker's mark for a token in the place of a password.
        return secret.Username == "<token>"
            ? .identityToken(secret.Secret) : .password(user: secret.Username, password: secret.Secret)
    }

    func store(_ credentials: Credentials, for server: String) async throws {
        let secret =
            switch credentials {
            case .password(let user, let password): Secret(ServerURL: server, Username: user, Secret: password)
            case .identityToken(let token), .registryToken(let token): Secret(ServerURL: server, Username: "<token>", Secret: token)
            }
        let output = try await run("store", input: try Document(secret, mediaType: MediaType(rawValue: "application/json")).bytes)
        guard output.succeeded else { throw failure("cannot save the credentials of \(server)", output.text) }
    }

    func erase(_ server: String) async throws {
        let output = try await run("erase", input: Array(server.utf8))
        guard output.succeeded || Self.isNotFound(output.text) else {
            throw failure("cannot remove the credentials of \(server)", output.text)
        }
    }

    private struct Output: Sendable {
        var succeeded: Bool
        var bytes: [UInt8]
        /// What a failing helper says: on standard output, by the protocol.
        var text: String { String(decoding: bytes.prefix(300), as: UTF8.self) }
    }

    private func run(_ verb: String, input: [UInt8]) async throws -> Output {
        guard !name.contains("/"), name.utf8.count <= 100 else {
            throw CredentialError("\"\(name.prefix(100))\" is not the name of a credential helper")
        }
        let (program, variables) = (program, environment)
        return try await withThrowingTaskGroup(of: Output?.self) { group in
            group.addTask {
                let path = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
                guard let found = Self.locate(program, in: path) else {
                    throw CredentialError(
                        "the credential helper \"\(program)\" is not installed",
                        help: "install it, or remove it from the docker configuration (credsStore, credHelpers)")
                }
                let values = variables.map { Array("\($0.key)=\($0.value)\0".utf8) }
                let result = try await Subprocess.run(
                    .path(found), arguments: [verb], environment: .custom(values), input: .array(input),
                    output: .bytes(limit: 1 << 20), error: .discarded)
                return Output(succeeded: result.terminationStatus.isSuccess, bytes: result.standardOutput)
            }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let output = first else {
                throw failure("does not answer", "")
            }
            return output
        }
    }

    private static func locate(_ program: String, in path: String) -> FilePath? {
        path.split(separator: ":").lazy.map { FilePath(String($0)).appending(program) }
            .first { (try? FileDescriptor.open($0, .readOnly).close()) != nil }
    }

    /// The sentence every helper is written to say (docker-credential-helpers, credentials/error.go).
    private static func isNotFound(_ text: String) -> Bool {
        text.hasPrefix("credentials not found") || text.hasPrefix("no credentials server URL")
            || text.contains("not found in native keychain")
    }

    private func failure(_ what: String, _ said: String) -> CredentialError {
        let said = RegistryText.clean(said)
        return CredentialError("the credential helper \"\(program)\" \(what)" + (said.isEmpty ? "" : ": \(said)"))
    }
}
