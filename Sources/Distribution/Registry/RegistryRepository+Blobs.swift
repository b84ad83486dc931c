package import OCI

extension RegistryRepository: BlobSource {
    package func read(_ blob: Descriptor) async throws -> BlobBytes {
        if blob.mediaType.isIndex || blob.mediaType.isManifest {
            let target = blob.digest.description
            return .memory(try await ask(.pull) { try await get(target, digest: blob.digest, at: $0, $1).bytes })
        }
        let download = BlobDownload(blob, from: self)
        // The first answer now: an error belongs to whoever asks.
        try await download.begin()
        return .stream(AsyncThrowingStream { try await download.next() })
    }

    /// The bytes of a blob from `offset` on; the answer may begin earlier.
    func open(_ blob: Descriptor, from offset: Int64) async throws -> (response: HTTPTransport.Response, start: Int64) {
        try await ask(.pull) { host, attempts in
            var call = RegistryCall(
                path: "\(name)/blobs/\(blob.digest)", query: query(at: host), scope: scope(), target: blob.digest.description)
            if offset > 0 { call.headers = [("Range", "bytes=\(offset)-")] }
            let response = try await session.send(call, to: host, attempts: attempts)
            switch response.status {
            case 200:
                if let length = response.length, length != blob.size { throw wrongSize(blob, length) }
                return (response, 0)
            case 206 where offset > 0 && response.rangeStart == offset:
                if let length = response.length, length != blob.size - offset { throw wrongSize(blob, length + offset) }
                return (response, offset)
            case 404: throw session.error(.blobUnknown(blob.digest), call)
            default: throw await session.unexpected(response, call, at: host)
            }
        }
    }

    func wrongSize(_ blob: Descriptor, _ found: Int64) -> RegistryError {
        RegistryError(.wrongSize(blob.digest, expected: blob.size, found: found), registry: registry, repository: name)
    }
}

extension HTTPTransport.Response {
    /// Where a part begins: `bytes 5-9/10`.
    fileprivate var rangeStart: Int64? {
        guard let text = header("content-range"), text.lowercased().hasPrefix("bytes ") else { return nil }
        return Int64(text.dropFirst(6).prefix { $0 != "-" })
    }
}

/// A blob on its way from a registry, over one connection after another: what broke is asked for again from where it
/// broke. Pulled: nothing is read that nobody waits for.
actor BlobDownload {
    private let blob: Descriptor
    private let repository: RegistryRepository
    private var body: PartIterator?
    private var received: Int64 = 0
    /// Bytes of the answer at hand that came before.
    private var skipping: Int64 = 0
    /// In a row, without a byte that is new.
    private var failures = 0

    init(_ blob: Descriptor, from repository: RegistryRepository) {
        self.blob = blob
        self.repository = repository
    }

    func begin() async throws {
        let (response, start) = try await repository.open(blob, from: received)
        skipping = received - start
        body = PartIterator(response)
    }

    func next() async throws -> [UInt8]? {
        while true {
            try Task.checkCancellation()
            do {
                if body == nil {
                    if received == blob.size { return nil }
                    try await begin()
                }
                guard let part = try await body?.next() else {
                    body = nil
                    guard received == blob.size else { throw repository.wrongSize(blob, received) }
                    return nil
                }
                if let fresh = try accept(part) { return fresh }
            } catch let failure as TemporaryFailure {
                body = nil
                try await rest(failure)
            } catch let error as HTTPError {
                throw RegistryError(.network(error), registry: repository.registry, repository: repository.name)
            }
        }
    }

    /// nil when it was all there before.
    private func accept(_ part: [UInt8]) throws -> [UInt8]? {
        guard skipping < part.count else {
            skipping -= Int64(part.count)
            return nil
        }
        let fresh = skipping > 0 ? Array(part.dropFirst(Int(skipping))) : part
        skipping = 0
        received += Int64(fresh.count)
        guard received <= blob.size else { throw repository.wrongSize(blob, received) }
        failures = 0
        repository.received(blob, received)
        return fresh
    }

    private func rest(_ failure: TemporaryFailure) async throws {
        failures += 1
        guard let pause = repository.settings.retry.pause(after: failures, asked: failure.pause) else {
            var inner = failure.error
            inner.attempts = failures
            throw RegistryError(.network(inner), registry: repository.registry, repository: repository.name)
        }
        try await repository.settings.retry.sleep(pause)
    }
}
