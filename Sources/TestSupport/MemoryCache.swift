package import BuildSolver
import HostSystem
package import OCI

/// A step cache in memory.
package final class MemoryCache: CacheBackend {
    private struct State {
        var records: [Digest: CacheRecord] = [:]
        var latest: [String: CacheRecord] = [:]
        var claimed: Set<Digest> = []
    }
    private let state = Monitor(State())

    package init() {}

    package func record(for key: Digest) async throws -> CacheRecord? { state.with { $0.records[key] } }
    package func latest(titled title: String) async throws -> CacheRecord? { state.with { $0.latest[title] } }
    package func save(_ record: CacheRecord) async throws {
        state.with {
            $0.records[record.key] = record
            $0.latest[record.title] = record
        }
    }
    package func claim(_ key: Digest) throws -> CacheClaim? {
        guard state.with({ $0.claimed.insert(key).inserted }) else { return nil }
        return CacheClaim { [state] in state.with { _ = $0.claimed.remove(key) } }
    }
    package func forget(_ key: Digest) { state.with { $0.records[key] = nil } }
    package var all: [CacheRecord] { state.with { Array($0.records.values) } }
}
