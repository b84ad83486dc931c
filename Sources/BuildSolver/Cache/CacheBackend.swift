package import OCI

/// Remembers steps by key.
package protocol CacheBackend: Sendable {
    /// nil when nothing usable is known: a damaged record is a miss, not an error.
    func record(for key: Digest) async throws -> CacheRecord?
    /// Atomic; the last writer of a key wins. Also makes the record the latest of its title.
    func save(_ record: CacheRecord) async throws
    /// The record saved last under this title, for explaining a miss.
    func latest(titled title: String) async throws -> CacheRecord?
    /// The right to perform the step of this key, until it is released; nil while another build has it. Never waits.
    func claim(_ key: Digest) throws -> CacheClaim?
}
