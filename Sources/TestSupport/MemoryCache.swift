package import BuildSolver
import HostSystem
package import OCI

/// A step cache in memory.
package final class MemoryCache: CacheBackend {
    private struct State {
        var records: [Digest: CacheRecord] = [:]
        var latest: [String: CacheRecord] = [:]
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
    package func forget(_ key: Digest) { state.with { $0.records[key] = nil } }
    package var all: [CacheRecord] { state.with { Array($0.records.values) } }
}
