package import HostSystem
package import OCI
package import SystemPackage

/// Keeps the collector away from what a running process makes or relies on. Whoever builds, loads or pulls holds one;
/// nothing younger than the oldest live lease is ever collected. The kernel ends it with its process.
package final class Lease: Sendable {
    package let started: Timestamp
    private let paths: StorePaths
    private let name: String
    private let lock: FileLock
    private let needs = Monitor(Needs())

    /// Ends when it is released.
    package init(root: FilePath) throws {
        paths = StorePaths(root: root)
        // The collector tells dead leases by their locks, so it must not look between creation and locking.
        let registry = try paths.lockCollection(.shared)
        defer { registry.release() }
        var generator = SystemRandomNumberGenerator()
        name = "lease-" + String(generator.next(), radix: 36)
        started = .now
        guard let lock = try FileLock.tryAcquire(paths.leases.appending(name)) else {
            throw StorageError("the new lease \(name) is locked already")
        }
        self.lock = lock
        try write(Needs())
    }

    deinit {
        _ = try? paths.remove(name, in: paths.leases)
        lock.release()
    }

    /// Protects things that are older than this lease. Protect first, then look whether they are there.
    package func protect(_ more: Needs) throws {
        let registry = try paths.lockCollection(.shared)
        defer { registry.release() }
        let all = needs.with { needs in
            needs.formUnion(more)
            return needs
        }
        try write(all)
    }

    private func write(_ needs: Needs) throws {
        let bytes = try Document(LeaseRecord(started: started, needs: needs), mediaType: StoreRecord.mediaType).bytes
        try bytes.withUnsafeBytes { try lock.file.write($0, at: 0) }
        try lock.file.truncate(to: Int64(bytes.count))
    }
}

/// Things in the store that must stay.
package struct Needs: Codable, Sendable, Hashable {
    package var blobs: Set<Digest>
    package var layers: Set<DiffID>
    /// By name.
    package var snapshots: Set<String>

    package init(blobs: Set<Digest> = [], layers: Set<DiffID> = [], snapshots: Set<String> = []) {
        self.blobs = blobs
        self.layers = layers
        self.snapshots = snapshots
    }

    package var isEmpty: Bool { blobs.isEmpty && layers.isEmpty && snapshots.isEmpty }

    package mutating func formUnion(_ other: Needs) {
        blobs.formUnion(other.blobs)
        layers.formUnion(other.layers)
        snapshots.formUnion(other.snapshots)
    }
}

struct LeaseRecord: Codable, Sendable {
    var started: Timestamp
    var needs: Needs
}

/// What live processes hold, seen by a collector that has the collection lock.
struct LiveLeases {
    /// When the oldest live process began; nil when there is none.
    private(set) var oldest: Timestamp?
    private(set) var needs = Needs()

    /// Also removes the files of dead processes.
    init(paths: StorePaths) throws {
        for name in try paths.names(in: paths.leases) where name.hasPrefix("lease-") {
            let path = paths.leases.appending(name)
            guard
                let file = try ifPresent({ () throws(SystemError) in try File(opening: path, options: [.read, .write]) }
                )
            else { continue }
            if let lock = try FileLock.tryAcquire(file) {
                _ = try paths.remove(name, in: paths.leases)
                lock.release()
                continue
            }
            let bytes = try file.readAll(limit: 256 << 20)
            guard let record = try? Document<LeaseRecord>(decoding: bytes, mediaType: StoreRecord.mediaType).value
            else {
                throw StorageError(
                    .inUse, "a running process holds the lease \(path), which cannot be read",
                    help: "try again when it has ended")
            }
            oldest = min(oldest ?? record.started, record.started)
            needs.formUnion(record.needs)
        }
    }
}
