#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import BuildPlan
import BuildSolver
import Distribution
import HostSystem
import OCI
import SystemPackage

/// What is known of a URL's file: enough to ask whether it is still the same.
struct HTTPEntry: Codable, Sendable, Hashable {
    /// Without credentials; for people.
    var url: String
    var digest: Digest
    var size: Int64
    var etag: String?
    var lastModified: String?

    static func read(_ place: FilePath) -> HTTPEntry? {
        guard let bytes = try? File(opening: place.appending("entry.json")).readAll(limit: 1 << 16) else { return nil }
        return try? JSONDecoder().decode(HTTPEntry.self, from: Data(bytes))
    }

    func save(in place: FilePath) throws {
        try AtomicFile.write([UInt8](try JSONEncoder().encode(self)), to: place.appending("entry.json"), mode: 0o600)
    }

    /// What lets a server answer "not modified" (RFC 9110, section 13.1).
    var conditions: [(name: String, value: String)] {
        if let etag { return [("If-None-Match", etag)] }
        return lastModified.map { [("If-Modified-Since", $0)] } ?? []
    }
}

extension RemoteStore {
    /// The file itself, fetched when it is not here.
    func file(of source: HTTPSource) async throws -> FilePath {
        guard let entry = try await entry(of: source, fetching: true) else {
            throw FetchFailure(code: "fetch-failed", message: "\(source.address.redacted) could not be fetched")
        }
        return root.appending("http").appending(Digest.sha256(of: Self.key(source)).hex)
            .appending(entry.digest.hex).appending(source.fileName)
    }

    private static func key(_ source: HTTPSource) -> String { source.address.text + "\n" + source.fileName }

    /// What is at the address now; nil when it changed and nothing may be stored.
    func entry(of source: HTTPSource, fetching: Bool) async throws -> HTTPEntry? {
        if let known = remembered(source) { return known }
        let (place, lock) = try await place("http", Self.key(source))
        defer { lock.release() }
        var known = HTTPEntry.read(place)
        if let entry = known, (try? FileMetadata(at: place.appending(entry.digest.hex).appending(source.fileName)))?.size != entry.size {
            known = nil
        }
        if let known, known.digest == source.checksum {
            remember(known, for: source)
            return known
        }
        do {
            let found = fetching ? try await fetch(source, into: place, known: known) : try await ask(source, known: known)
            if let found { remember(found, for: source) }
            return found
        } catch let error as HTTPError { throw FetchFailure(code: "fetch-failed", message: "\(error)", help: error.help) }
    }

    /// Whether the file is what we have, without fetching it.
    private func ask(_ source: HTTPSource, known: HTTPEntry?) async throws -> HTTPEntry? {
        guard let known else { return nil }
        let answer = try await download.head(HTTPRequest(source.address, headers: known.conditions, authorization: credentials.http(source.address)))
        if answer.status == 304 { return known }
        // Servers that do not know conditions still tell the tag.
        if let etag = answer.etag { return etag == known.etag ? known : nil }
        return answer.lastModified != nil && answer.lastModified == known.lastModified && answer.length == known.size ? known : nil
    }

    private func fetch(_ source: HTTPSource, into place: FilePath, known: HTTPEntry?) async throws -> HTTPEntry {
        let temporary = try TemporaryDirectory(in: place, prefix: "fetching-")
        let name = FilePath(source.fileName)
        let activity = "fetching \(source.address.shown)"
        let events = events
        var sink = FileSink(file: try temporary.directory.createFile(at: name, mode: 0o600)) { received in
            events(.activity(name: activity, detail: "\((received + 500_000) / 1_000_000) MB", done: false))
        }
        let answer = try await download.get(HTTPRequest(source.address, headers: known?.conditions ?? [], authorization: credentials.http(source.address)), into: &sink)
        if answer.status == 304, let known { return known }
        if sink.received > 0 { events(.activity(name: activity, detail: "done", done: true)) }
        let digest = sink.finish()
        if let checksum = source.checksum, checksum != digest {
            throw FetchFailure(
                code: "checksum-mismatch", message: "\(source.address.redacted) is not what its checksum says",
                notes: ["expected \(checksum)", "fetched  \(digest)"],
                help: "if the new content is right, write --checksum=\(digest)", concernsChecksum: true)
        }
        // BuildKit's rule: without a time of the server's the file is from 1970.
        let modified = Timestamp(seconds: answer.lastModified.flatMap(HTTPDate.seconds) ?? 0)
        try sink.file.setTimes(modified: modified)
        let entry = HTTPEntry(
            url: source.address.redacted, digest: digest, size: sink.received, etag: answer.etag, lastModified: answer.lastModified)
        let folder = try Directory.making(place.appending(digest.hex), mode: 0o700)
        try temporary.directory.rename(name, to: name, in: folder)
        try entry.save(in: place)
        return entry
    }
}

/// A download on its way to a file.
private struct FileSink: DownloadSink {
    let file: File
    let report: @Sendable (Int64) -> Void
    private var hasher = SHA256Hasher()
    private(set) var received: Int64 = 0
    private var reported: Int64 = 0

    init(file: File, report: @escaping @Sendable (Int64) -> Void) {
        self.file = file
        self.report = report
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        try file.write(bytes)
        hasher.update(bytes)
        received += Int64(bytes.count)
        guard received - reported >= 2_000_000 else { return }
        reported = received
        report(received)
    }

    mutating func restart() throws {
        try file.truncate(to: 0)
        try file.seek(to: 0)
        hasher = SHA256Hasher()
        received = 0
        reported = 0
    }

    consuming func finish() -> Digest { hasher.finish() }
}
