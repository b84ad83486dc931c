import BuildPlan
import HostSystem
import OCI
import Snapshots
import SystemPackage
import TestSupport
import Testing

@testable import BuildSolver

/// What every cache back end must do, run over the real one and the double.
struct CacheBackendContract {
    enum Kind: String, CaseIterable, Sendable { case local, memory }

    private func withBackend(_ kind: Kind, _ body: (any CacheBackend) async throws -> Void) async throws {
        switch kind {
        case .memory: try await body(MemoryCache())
        case .local:
            let directory = try TemporaryDirectory(prefix: "jettison-cache-")
            try await body(LocalCache(directory: directory.path))
            try directory.remove()
        }
    }

    private func record(_ directory: String, title: String = "WORKDIR /a", seconds: Double = 1) -> CacheRecord {
        let key = CacheKey(
            operation: .workdir(.init(path: directory, owner: "")), inputs: [.scratch],
            platform: Platform(os: "linux", architecture: "amd64"))
        return CacheRecord(
            key: key, title: title, result: .random(), parent: nil,
            outcome: .init(created: 1, seconds: seconds, bytes: 2, isEmpty: false))
    }

    @Test(arguments: Kind.allCases)
    func whatIsSavedIsFoundByItsKey(_ kind: Kind) async throws {
        try await withBackend(kind) { cache in
            let record = record("/a")
            #expect(try await cache.record(for: record.key) == nil)
            try await cache.save(record)
            #expect(try await cache.record(for: record.key) == record)
            #expect(try await cache.record(for: .sha256(of: "other")) == nil)
        }
    }

    @Test(arguments: Kind.allCases)
    func theLastWriterWins(_ kind: Kind) async throws {
        try await withBackend(kind) { cache in
            let (first, second) = (record("/a", seconds: 1), record("/a", seconds: 2))
            try await cache.save(first)
            try await cache.save(second)
            #expect(try await cache.record(for: first.key) == second)
        }
    }

    @Test(arguments: Kind.allCases)
    func theLatestOfATitleIsKnown(_ kind: Kind) async throws {
        try await withBackend(kind) { cache in
            let (first, second) = (record("/a", title: "RUN make"), record("/b", title: "RUN make"))
            #expect(try await cache.latest(titled: "RUN make") == nil)
            try await cache.save(first)
            try await cache.save(second)
            #expect(try await cache.latest(titled: "RUN make") == second)
            #expect(try await cache.record(for: first.key) == first)
        }
    }

    @Test(arguments: Kind.allCases)
    func oneAtATimePerformsAStep(_ kind: Kind) async throws {
        try await withBackend(kind) { cache in
            let key = Digest.sha256(of: "step")
            let first = try #require(try cache.claim(key))
            #expect(try cache.claim(key) == nil)
            #expect(try cache.claim(.sha256(of: "other step")) != nil)
            first.release()
            first.release()
            #expect(try cache.claim(key) != nil)
        }
    }

    @Test func aDamagedRecordIsAMiss() async throws {
        let directory = try TemporaryDirectory(prefix: "jettison-cache-")
        let cache = LocalCache(directory: directory.path)
        let record = record("/a")
        try await cache.save(record)
        let path = directory.path.appending("records").appending(record.key.hex)
        for damage in [[UInt8]("{".utf8), [], [UInt8](repeating: 0xff, count: 100)] {
            try AtomicFile.write(damage, to: path)
            #expect(try await cache.record(for: record.key) == nil)
        }
        try directory.remove()
    }
}
