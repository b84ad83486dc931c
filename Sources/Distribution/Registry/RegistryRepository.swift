import NIOHTTP1
package import OCI

/// A repository of a registry: images and blobs to read and to write.
///
/// As a `BlobSource`, documents come whole and verified; other blobs as they arrive, not verified, over as many
/// connections as it takes.
package struct RegistryRepository: Sendable {
    package let registry: String
    /// `library/node`.
    package let name: String
    let settings: RegistryClient.Settings
    let session: RegistrySession
    /// Repositories of the same registry that have a blob, best first: it may be had from there without sending it.
    package var mountSources: @Sendable (Digest) -> [String] = { _ in [] }

    /// Told how much of a blob has come.
    package var received: @Sendable (_ blob: Descriptor, _ bytes: Int64) -> Void = { _, _ in }

    static let documentLimit = 4 << 20

    init(registry: String, name: String, settings: RegistryClient.Settings, session: RegistrySession) {
        self.registry = registry
        self.name = name
        self.settings = settings
        self.session = session
    }

    func scope(_ actions: String = "pull") -> RegistryScope { RegistryScope(repository: name, actions: actions) }

    /// Asks the registry's hosts one after another; the last one's error is the one that counts.
    func ask<T>(
        _ capability: RegistryHost.Capability, _ body: (_ host: RegistryHost, _ attempts: Int?) async throws -> T
    ) async throws -> T {
        let hosts = try settings.hosts.hosts(for: registry).filter { $0.capabilities.contains(capability) }
        guard let last = hosts.last else {
            throw RegistryError(
                .notAllowed("the configuration of \(registry) has no host that can be asked to \(capability.rawValue)"), registry: registry)
        }
        for host in hosts.dropLast() {
            // A mirror that does not work is one that is not there.
            do { return try await body(host, 2) } catch let error as RegistryError {
                try Task.checkCancellation()
                if case .configuration = error.reason { throw error }
            }
        }
        return try await body(last, nil)
    }

    /// Mirrors are told whose content is wanted, as containerd does.
    func query(at host: RegistryHost, _ fields: [(String, String)] = []) -> String? {
        let isOwn = host.credentialName == registry
        let all = fields + (isOwn ? [] : [("ns", registry)])
        return all.isEmpty ? nil : QueryText.join(all)
    }
}

extension RegistryRepository {
    /// The documents we understand, the richest first.
    private static let accepted: [MediaType] = [.index, .manifest, .dockerIndex, .dockerManifest]
    private static let schema1 = ["application/vnd.docker.distribution.manifest.v1+json", "application/vnd.docker.distribution.manifest.v1+prettyjws"]

    /// What a tag or digest stands for now. Throws `RegistryError`, with the tags there are when there is no such one.
    package func resolve(_ reference: Reference) async throws -> Descriptor {
        do {
            return try await ask(.resolve) { host, attempts in
                if let found = try await head(reference, at: host, attempts) { return found }
                // Some do not answer HEAD, or say too little.
                return try await get(reference.target, digest: reference.digest, at: host, attempts).descriptor
            }
        } catch var error as RegistryError {
            if error.reason == .manifestUnknown, let tags = try? await tags() { error.known = tags }
            throw error
        }
    }

    private func call(_ target: String, at host: RegistryHost) -> RegistryCall {
        var call = RegistryCall(path: "\(name)/manifests/\(target)", query: query(at: host), scope: scope(), target: target)
        call.headers = [("Accept", Self.accepted.map(\.rawValue).joined(separator: ", "))]
        return call
    }

    private func head(_ reference: Reference, at host: RegistryHost, _ attempts: Int?) async throws -> Descriptor? {
        var call = call(reference.target, at: host)
        call.method = .HEAD
        let response = try await session.send(call, to: host, attempts: attempts)
        switch response.status {
        case 200: break
        case 403, 404: throw await session.unexpected(response, call, at: host)
        default: return nil
        }
        let type = Self.mediaType(response)
        if Self.schema1.contains(type) { throw session.error(.schema1, call) }
        let mediaType = MediaType(rawValue: type)
        guard let text = response.header("docker-content-digest"), let digest = try? Digest(parsing: text), let size = response.length,
            mediaType.isIndex || mediaType.isManifest
        else { return nil }
        if let expected = reference.digest, expected != digest {
            throw session.error(.wrongDigest(expected: expected, found: digest), call)
        }
        guard (1...Int64(Self.documentLimit)).contains(size) else {
            throw session.error(.tooLong(what: "a manifest", limit: Self.documentLimit), call)
        }
        return Descriptor(mediaType: mediaType, digest: digest, size: size)
    }

    /// A document by tag or digest, checked against the digest when there is one.
    func get(_ target: String, digest: Digest?, at host: RegistryHost, _ attempts: Int?) async throws -> (descriptor: Descriptor, bytes: [UInt8]) {
        let call = call(target, at: host)
        let response = try await session.send(call, to: host, attempts: attempts)
        guard response.status == 200 else { throw await session.unexpected(response, call, at: host) }
        let bytes: [UInt8]?
        do { bytes = try await response.collect(limit: Self.documentLimit) } catch let failure as TemporaryFailure {
            throw session.error(.network(failure.error), call)
        }
        guard let bytes else { throw session.error(.tooLong(what: "a manifest", limit: Self.documentLimit), call) }
        let found = Digest.sha256(of: bytes)
        let promised = digest ?? response.header("docker-content-digest").flatMap { try? Digest(parsing: $0) }
        if let promised, promised != found { throw session.error(.wrongDigest(expected: promised, found: found), call) }
        let type = try type(of: bytes, announced: Self.mediaType(response), call)
        return (Descriptor(mediaType: type, digest: found, size: Int64(bytes.count)), bytes)
    }

    private static func mediaType(_ response: HTTPTransport.Response) -> String {
        (response.header("content-type") ?? "").prefix { $0 != ";" }.split(separator: " ").first.map { $0.lowercased() } ?? ""
    }

    private struct Shape: Codable, Sendable {
        var schemaVersion: Int?
        var mediaType: MediaType?
        var manifests: [Empty]?
        var config: Empty?
        struct Empty: Codable, Sendable {}
    }

    /// What a document is: as it says itself, as the server says, or as its keys show.
    private func type(of bytes: [UInt8], announced: String, _ call: RegistryCall) throws -> MediaType {
        let shape: Shape
        do { shape = try Document<Shape>(decoding: bytes, mediaType: MediaType(rawValue: announced)).value } catch {
            throw session.error(.malformed("a manifest that is not well-formed JSON"), call)
        }
        if shape.schemaVersion == 1 || Self.schema1.contains(announced) { throw session.error(.schema1, call) }
        for type in [shape.mediaType, MediaType(rawValue: announced)].compactMap({ $0 }) where type.isIndex || type.isManifest { return type }
        if shape.manifests != nil { return .index }
        if shape.config != nil { return .manifest }
        let name = RegistryText.clean((shape.mediaType?.rawValue).flatMap { $0.isEmpty ? nil : $0 } ?? announced)
        throw session.error(.notAnImage(MediaType(rawValue: name)), call)
    }

    private struct TagList: Codable, Sendable { var tags: [String]? }

    /// The tags of the repository, at least the first thousand. Throws `.repositoryUnknown` when there is none.
    package func tags() async throws -> [String] {
        try await ask(.resolve) { host, attempts in
            let call = RegistryCall(path: "\(name)/tags/list", query: query(at: host, [("n", "1000")]), scope: scope())
            let response = try await session.send(call, to: host, attempts: attempts)
            guard response.status == 200 else { throw await session.unexpected(response, call, at: host) }
            guard let bytes = try? await response.collect(limit: 2 << 20),
                let list = try? Document<TagList>(decoding: bytes, mediaType: MediaType(rawValue: "application/json")).value
            else { throw session.error(.malformed("a list of tags that is none"), call) }
            return (list.tags ?? []).filter { $0.utf8.count <= 128 }
        }
    }
}

extension Reference {
    /// What a registry is asked for.
    var target: String { digest?.description ?? tag ?? Self.defaultTag }
}
