package import HostSystem
import OCI
package import SystemPackage

/// Remembers the content of a tree's files between builds, so that an unchanged file is never opened.
///
/// A file is unchanged when its path, inode, size, modification and change time are. The change time cannot be set by
/// anybody, so that restoring size and modification time hides nothing. A file that changed less than two seconds
/// before it was looked at is not remembered: it may change again within the same tick of the clock.
///
/// One small file per tree, read once when first asked and replaced as a whole. It is a cache: a missing, damaged or
/// foreign one is an empty memo, and one that cannot be written is not written.
package final class ContentMemo: Sendable {
    private struct State {
        var table: MemoTable?
        var added: [UInt64: (key: MemoKey, identity: ContentIdentity)] = [:]
        var used: Set<Int> = []
    }

    private let path: FilePath
    private let tree: UInt64
    private let now: @Sendable () -> Timestamp
    private let state = Monitor(State())

    /// - Parameters:
    ///   - directory: where memo files are; made when the first one is saved.
    ///   - tree: names the tree: the absolute path of the context.
    ///   - now: the clock, for tests.
    package init(directory: FilePath, tree: FilePath, now: @escaping @Sendable () -> Timestamp = { .now }) {
        var hash = PathHash()
        tree.withRawBytes { hash.add(UnsafeRawBufferPointer($0)) }
        self.tree = hash.value
        self.path = directory.appending(Digest.sha256(of: tree.rawBytes).hex + ".memo")
        self.now = now
    }

    /// What one walk asks and finds: a fixed view, so that no lock is taken per file.
    struct Pass: Sendable {
        fileprivate let table: MemoTable
        fileprivate let added: [UInt64: (key: MemoKey, identity: ContentIdentity)]
        fileprivate let horizon: Timestamp
        /// Records of the table that were asked for and right.
        fileprivate var used: [Int] = []
        private(set) var news: [(key: MemoKey, identity: ContentIdentity)] = []

        fileprivate init(
            table: MemoTable, added: [UInt64: (key: MemoKey, identity: ContentIdentity)], horizon: Timestamp
        ) {
            self.table = table
            self.added = added
            self.horizon = horizon
        }

        mutating func find(_ key: MemoKey) -> ContentIdentity? {
            if let (record, identity) = table.find(key) {
                used.append(record)
                return identity
            }
            guard !added.isEmpty, let found = added[key.path], found.key == key else { return nil }
            return found.identity
        }

        mutating func add(_ key: MemoKey, _ identity: ContentIdentity) {
            guard key.modified < horizon, key.changed < horizon else { return }
            news.append((key, identity))
        }
    }

    /// To be begun before the first file is looked at.
    func begin() -> Pass {
        let horizon = now()
        return state.with { state in
            if state.table == nil {
                state.table = (try? Self.read(path)).flatMap { MemoTable(parsing: $0, tree: tree) } ?? .empty
            }
            return Pass(
                table: state.table ?? .empty, added: state.added,
                horizon: Timestamp(seconds: horizon.seconds - 2, nanoseconds: horizon.nanoseconds))
        }
    }

    /// Takes over what a pass found and, when there is something new, writes the file.
    func end(_ pass: Pass) {
        let bytes = state.with { state -> [UInt8]? in
            state.used.formUnion(pass.used)
            guard !pass.news.isEmpty else { return nil }
            for item in pass.news { state.added[item.key.path] = item }
            return (state.table ?? .empty).merging(state.added, used: state.used, tree: tree)
        }
        if let bytes { try? CacheFile.write(bytes, to: path) }
    }

    private static func read(_ path: FilePath) throws -> [UInt8] {
        try File(opening: path).readAll(limit: MemoTable.headerSize + MemoTable.mostRecords * MemoTable.recordSize)
    }
}
