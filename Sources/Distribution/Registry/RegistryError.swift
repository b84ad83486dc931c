package import OCI

/// What a registry refused or got wrong, in a sentence. Knows no secrets.
package struct RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        /// 401, and we had nothing to show.
        case credentialsMissing
        /// 401, although we showed somebody's credentials.
        case credentialsRefused(user: String?)
        /// 403: known, and not allowed.
        case forbidden(user: String?)
        /// There is no such tag or digest; the repository exists when other tags are known.
        case manifestUnknown
        case repositoryUnknown
        case blobUnknown(Digest)
        /// 429, more often than we had patience for.
        case tooManyRequests(after: Duration?)
        case schema1
        case notAnImage(MediaType)
        case wrongDigest(expected: Digest, found: Digest)
        case wrongSize(Digest, expected: Int64, found: Int64)
        case tooLong(what: String, limit: Int)
        /// The answer breaks the protocol.
        case malformed(String)
        case status(Int)
        case network(HTTPError)
        /// A file of ours that says how registries are reached.
        case configuration(String)
        /// Neither the registry nor a mirror may be pushed to.
        case notAllowed(String)
    }

    package var reason: Reason
    /// As in references: `docker.io`.
    package var registry: String
    package var repository: String?
    /// Tag or digest that was asked for.
    package var target: String?
    /// What the registry says itself: code and message of the distribution specification, on one line.
    package var said: String?
    /// Without secrets; nil when nothing was asked yet.
    package var url: String?
    package var attempts = 1
    /// Tags the repository has, for suggestions.
    package var known: [String] = []

    init(_ reason: Reason, registry: String, repository: String? = nil, target: String? = nil) {
        self.reason = reason
        self.registry = registry
        self.repository = repository
        self.target = target
    }

    /// As people write it.
    private var name: String {
        guard let repository else { return registry }
        let isOfficial = registry == Reference.defaultRegistry && repository.hasPrefix("library/")
        let path = isOfficial ? String(repository.dropFirst(8)) : repository
        return registry == Reference.defaultRegistry ? path : registry + "/" + path
    }

    private var image: String {
        guard let target else { return name }
        return name + (target.contains(":") ? "@" : ":") + target
    }

    package var description: String { sentence + (said.map { " (\(registry) says: \($0))" } ?? "") }

    private var sentence: String {
        let tries = attempts > 1 ? " (tried \(attempts) times)" : ""
        switch reason {
        case .credentialsMissing:
            return repository == nil
                ? "\(registry) wants credentials, and none are saved for it"
                : "\(registry) shows \(name) to nobody without credentials: it is private, or does not exist"
        case .credentialsRefused(let user):
            return "the \(user.map { "credentials of \"\($0)\"" } ?? "saved token") for \(registry) "
                + (user == nil ? "was refused" : "were refused") + (repository == nil ? "" : " for \(name)")
        case .forbidden(let user): return "\(user.map { "\"\($0)\" may not" } ?? "you may not") do this with \(name) on \(registry)"
        case .manifestUnknown: return "\(registry) has no image \(image)"
        case .repositoryUnknown: return "\(registry) has no repository \(repository ?? name)"
        case .blobUnknown(let digest): return "\(registry) has lost a part of \(name): the blob \(digest)"
        case .tooManyRequests(let after):
            return "\(registry) takes no more requests for now" + (after.map { ": it wants \($0.components.seconds) seconds of rest" } ?? "") + tries
        case .schema1: return "\(image) is in docker's first image format (schema 1), which nobody builds from any more"
        case .notAnImage(let type): return "\(image) is no container image, but \(type)"
        case .wrongDigest(let expected, let found): return "\(registry) sent other bytes than asked for: \(found) for \(expected)"
        case .wrongSize(let digest, let expected, let found):
            return "\(registry) sends \(found < expected ? "only " : "")\(found) bytes for \(digest), which has \(expected)"
        case .tooLong(let what, let limit): return "\(registry) sends \(what) of more than \(limit) bytes for \(image)"
        case .malformed(let detail): return "\(registry) answers with something that no registry says: \(detail)"
        case .status(let code): return "\(registry) answers \(code)\(HTTPError.words(code)) to \(url ?? "our request")" + tries
        case .network(let error): return "\(error)"
        case .configuration(let detail): return detail
        case .notAllowed(let detail): return detail
        }
    }

    /// What to do about it.
    package var help: String? {
        switch reason {
        case .credentialsMissing:
            repository == nil ? "jettison login \(registry)" : "check the name; for a private one: jettison login \(registry)"
        case .credentialsRefused: "log in again: jettison login \(registry)"
        case .forbidden: "ask whoever owns \(name) for access, or log in as somebody else: jettison login \(registry)"
        case .tooManyRequests where registry == Reference.defaultRegistry:
            "Docker Hub allows more to those who log in: jettison login docker.io"
        case .tooManyRequests: "try again later"
        case .schema1: "somebody has to push the image again with a docker of this decade"
        case .wrongDigest, .wrongSize: "something between here and \(registry) changes what passes: a proxy or a mirror"
        case .network(let error): Self.help(error, registry)
        default: nil
        }
    }

    private static func help(_ error: HTTPError, _ registry: String) -> String? {
        switch error.reason {
        case .tls(let detail) where detail.contains("TLS there"):
            "for a registry without https: server = \"http://\(registry)\" in /etc/jettison/certs.d/\(registry)/hosts.toml"
        case .tls: "put the authority's certificate into /etc/jettison/certs.d/\(registry)/ca.crt"
        default: error.help
        }
    }
}

/// The body of a registry's error (distribution-spec, "Error Codes").
struct RegistryErrorBody: Codable, Sendable {
    struct Item: Codable, Sendable {
        var code: String?
        var message: String?
    }
    var errors: [Item]

    /// Its codes and what it says on one line; nil for a body that is something else.
    static func read(_ bytes: [UInt8]) -> (codes: [String], said: String)? {
        guard let body = try? Document<RegistryErrorBody>(decoding: bytes, mediaType: MediaType(rawValue: "application/json")).value,
            let first = body.errors.first
        else { return nil }
        let said = RegistryText.clean([first.code, first.message].compactMap { $0 }.joined(separator: ": "))
        return (body.errors.compactMap(\.code), said)
    }
}
