import NIOHTTP1
package import OCI

extension RegistryRepository: BlobSink {
    package func contains(_ blob: Descriptor) async throws -> Bool {
        let isDocument = blob.mediaType.isIndex || blob.mediaType.isManifest
        return try await ask(.push) { host, attempts in
            var call = RegistryCall(
                method: .HEAD, path: "\(name)/\(isDocument ? "manifests" : "blobs")/\(blob.digest)", scope: scope("pull,push"),
                target: blob.digest.description)
            if isDocument { call.headers = [("Accept", blob.mediaType.rawValue)] }
            let response = try await session.send(call, to: host, attempts: attempts)
            switch response.status {
            case 200: return true
            case 404: return false
            default: throw await session.unexpected(response, call, at: host)
            }
        }
    }

    package func write(_ blob: Descriptor, from bytes: BlobBytes) async throws {
        guard blob.mediaType.isIndex || blob.mediaType.isManifest else {
            return try await ask(.push) { host, _ in try await upload(blob, bytes, to: host) }
        }
        guard let document = try await bytes.collected(limit: Self.documentLimit) else {
            throw RegistryError(.tooLong(what: "a manifest", limit: Self.documentLimit), registry: registry, repository: name)
        }
        try await put(document, of: blob, as: blob.digest.description)
    }

    /// Stores a document under a tag, or under its digest.
    package func put(_ document: [UInt8], of descriptor: Descriptor, as target: String) async throws {
        try await ask(.push) { host, attempts in
            let call = RegistryCall(
                method: .PUT, path: "\(name)/manifests/\(target)", headers: [("Content-Type", descriptor.mediaType.rawValue)],
                body: .bytes(document), scope: scope("pull,push"), target: target)
            let response = try await session.send(call, to: host, attempts: attempts)
            guard (200..<300).contains(response.status) else { throw await session.unexpected(response, call, at: host) }
            await response.drain()
            if let text = response.header("docker-content-digest"), let found = try? Digest(parsing: text), found != descriptor.digest {
                throw session.error(.wrongDigest(expected: descriptor.digest, found: found), call)
            }
        }
    }
}

extension RegistryRepository {
    /// Sends a blob: not at all when another repository has it, in one piece, or in several.
    private func upload(_ blob: Descriptor, _ bytes: BlobBytes, to host: RegistryHost) async throws {
        let upload = BlobUpload(blob, body: try BlobBody(bytes, blob), to: self, at: host)
        var attempt = 1
        while true {
            do {
                guard let location = try await begin(blob, at: host, mounting: attempt == 1) else { return }
                return try await upload.send(to: location, inPieces: attempt > 2)
            } catch let failure as TemporaryFailure {
                // What was sent may be anywhere: a new session.
                guard upload.body.isRepeatable, let pause = settings.retry.pause(after: attempt, asked: failure.pause) else {
                    var inner = failure.error
                    inner.attempts = attempt
                    var error = RegistryError(.network(inner), registry: registry, repository: name)
                    if case .status(let code) = inner.reason { error.reason = code == 429 ? .tooManyRequests(after: failure.pause) : .status(code) }
                    error.attempts = attempt
                    error.url = inner.url
                    throw error
                }
                try await settings.retry.sleep(pause)
                attempt += 1
            }
        }
    }

    /// Begins an upload and returns where it goes; nil when the blob was mounted and nothing has to be sent.
    private func begin(_ blob: Descriptor, at host: RegistryHost, mounting: Bool) async throws -> WebAddress? {
        var scope = scope("pull,push")
        var fields: [(String, String)] = []
        if mounting, let source = mountSources(blob.digest).first(where: { $0 != name }) {
            scope.sources = [source]
            fields = [("mount", blob.digest.description), ("from", source)]
        }
        var call = RegistryCall(
            method: .POST, path: "\(name)/blobs/uploads/", query: fields.isEmpty ? nil : QueryText.join(fields),
            body: .bytes([]), scope: scope, target: nil)
        var response: HTTPTransport.Response
        do { response = try await session.send(call, to: host) } catch let error as RegistryError where !fields.isEmpty && error.isAboutAccess {
            // The other repository is not ours to read.
            return try await begin(blob, at: host, mounting: false)
        }
        if !fields.isEmpty, ![201, 202].contains(response.status) {
            await response.drain()
            (call.query, call.scope) = (nil, self.scope("pull,push"))
            response = try await session.send(call, to: host)
        }
        switch response.status {
        case 201 where !fields.isEmpty:
            await response.drain()
            return nil
        case 202:
            await response.drain()
            return try location(response, call, at: host)
        default: throw await session.unexpected(response, call, at: host)
        }
    }

    /// Where the registry wants the upload to go on.
    func location(_ response: HTTPTransport.Response, _ call: RegistryCall, at host: RegistryHost) throws -> WebAddress {
        guard let text = response.header("location"), var address = response.address.resolving(text), ["http", "https"].contains(address.scheme)
        else { throw session.error(.malformed("an upload without a place to send it to"), call) }
        // Behind a proxy that ends TLS, a registry may not know that it is reached by https.
        if address.scheme == "http", response.address.scheme == "https" {
            guard address.host == response.address.host else {
                throw session.error(.malformed("it wants the upload sent unencrypted to \(address.authority)"), call)
            }
            address.scheme = "https"
            if address.port == 80 { address.port = nil }
            if let port = response.address.port, address.port == nil { address.port = port }
        }
        return address
    }
}

extension RegistryError {
    fileprivate var isAboutAccess: Bool {
        switch reason {
        case .credentialsMissing, .credentialsRefused, .forbidden: true
        default: false
        }
    }
}

/// The bytes of a blob as they can be sent: whole or in pieces.
struct BlobBody: Sendable {
    private let bytes: BlobBytes
    private let size: Int64

    init(_ bytes: BlobBytes, _ blob: Descriptor) throws {
        self.bytes = bytes
        size = blob.size
    }

    var isRepeatable: Bool { if case .stream = bytes { false } else { true } }

    func part(_ range: Range<Int64>) -> HTTPTransport.Body {
        switch bytes {
        case .memory(let all): .bytes(Array(all[Int(range.lowerBound)..<min(all.count, Int(range.upperBound))]))
        case .file(let path): .file(path, range)
        case .fileRange(let path, let inner): .file(path, inner.lowerBound + range.lowerBound..<inner.lowerBound + range.upperBound)
        case .stream(let chunks): .stream(chunks, length: size)
        }
    }
}

/// One blob on its way to a registry, in a session that the registry opened for it.
struct BlobUpload: Sendable {
    let blob: Descriptor
    let body: BlobBody
    private let repository: RegistryRepository
    private let host: RegistryHost
    private static let fallbackChunk: Int64 = 8 << 20

    init(_ blob: Descriptor, body: BlobBody, to repository: RegistryRepository, at host: RegistryHost) {
        self.blob = blob
        self.body = body
        self.repository = repository
        self.host = host
    }

    /// Throws `TemporaryFailure` when the whole may be tried again.
    func send(to location: WebAddress, inPieces: Bool) async throws {
        let chunk = repository.settings.chunkSize ?? (inPieces ? Self.fallbackChunk : nil)
        if let chunk, blob.size > chunk, body.isRepeatable { return try await sendPieces(of: chunk, to: location) }
        let call = call(.PUT, closing(location), body.part(0..<blob.size), ("Content-Type", "application/octet-stream"))
        let response = try await once(call)
        // A proxy in between that takes no large requests.
        if response.status == 413, body.isRepeatable, blob.size > Self.fallbackChunk {
            await response.drain()
            return try await sendPieces(of: Self.fallbackChunk, to: location)
        }
        try await finish(response, call)
    }

    private func call(_ method: HTTPMethod, _ address: WebAddress, _ body: HTTPTransport.Body?, _ headers: (name: String, value: String)...) -> RegistryCall {
        RegistryCall(
            method: method, address: address, headers: headers, body: body, scope: repository.scope("pull,push"), target: nil)
    }

    private func closing(_ location: WebAddress) -> WebAddress {
        var address = location
        let query = QueryText.join([("digest", blob.digest.description)])
        address.query = [location.query, query].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "&")
        return address
    }

    /// Not again by itself: what a session has of a request that broke, only the session knows.
    private func once(_ call: RegistryCall) async throws -> HTTPTransport.Response {
        do { return try await repository.session.send(call, to: host, attempts: 1) } catch let error as RegistryError {
            throw error.asTemporary ?? error
        }
    }

    private func finish(_ response: HTTPTransport.Response, _ call: RegistryCall) async throws {
        guard (200..<300).contains(response.status) else { throw await repository.session.unexpected(response, call, at: host) }
        await response.drain()
    }

    private func sendPieces(of size: Int64, to first: WebAddress) async throws {
        var location = first
        var sent: Int64 = 0
        var failures = 0
        var size = size
        while sent < blob.size {
            let end = min(blob.size, sent + size)
            let call = call(
                .PATCH, location, body.part(sent..<end), ("Content-Type", "application/octet-stream"), ("Content-Range", "\(sent)-\(end - 1)"))
            do {
                let response = try await once(call)
                // The specification's way to say that a piece was not the next one.
                if response.status == 416 { throw TemporaryFailure(HTTPError(.status(416), at: response.address)) }
                guard response.status == 202 || response.status == 204 || response.status == 201 else {
                    throw await repository.session.unexpected(response, call, at: host)
                }
                await response.drain()
                if let least = response.header("oci-chunk-min-length").flatMap({ Int64($0) }) { size = max(size, min(least, 1 << 30)) }
                location = try repository.location(response, call, at: host)
                sent = end
                failures = 0
            } catch let failure as TemporaryFailure {
                failures += 1
                guard let pause = repository.settings.retry.pause(after: failures, asked: failure.pause) else { throw failure }
                try await repository.settings.retry.sleep(pause)
                (location, sent) = try await position(location)
            }
        }
        let last = call(.PUT, closing(location), .bytes([]))
        try await finish(try await once(last), last)
    }

    /// How much of it has arrived, and where it goes on.
    private func position(_ location: WebAddress) async throws -> (WebAddress, Int64) {
        let call = call(.GET, location, nil)
        let response = try await repository.session.send(call, to: host)
        guard response.status == 204 || response.status == 202 || response.status == 200 else {
            throw await repository.session.unexpected(response, call, at: host)
        }
        await response.drain()
        let next = response.header("location") == nil ? location : try repository.location(response, call, at: host)
        guard let range = response.header("range"), let last = range.split(separator: "-").last.flatMap({ Int64($0) }), last > 0 else {
            return (next, 0)
        }
        return (next, min(last + 1, blob.size))
    }
}

extension RegistryError {
    /// As it was before `RegistrySession` gave up on it.
    fileprivate var asTemporary: TemporaryFailure? {
        guard attempts == 1, let url, let address = WebAddress(parsing: url) else {
            if case .network(let error) = reason, error.isTemporary { return TemporaryFailure(error) }
            return nil
        }
        switch reason {
        case .network(let error) where error.isTemporary: return TemporaryFailure(error)
        case .tooManyRequests(let pause): return TemporaryFailure(HTTPError(.status(429), at: address), pause: pause)
        case .status(let code) where RetryPolicy.isTemporary(code): return TemporaryFailure(HTTPError(.status(code), at: address))
        default: return nil
        }
    }
}

extension HTTPError {
    fileprivate var isTemporary: Bool {
        switch reason {
        case .unreachable, .connectTimeout, .silence, .lost: true
        default: false
        }
    }
}
