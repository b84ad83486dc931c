import HostSystem
import PathPatterns
import SystemPackage

/// Visits what is below a place and not ignored, in path order. A hidden directory is reported when, and just before,
/// something visible in it is.
struct VisibleWalk {
    let tree: SourceTree
    let top: PathResolver.Place
    var excludes = PatternList()

    /// Valid only during the call.
    struct Visited {
        /// Relative to the top of the walk.
        let relative: UnsafeRawBufferPointer
        let metadata: FileMetadata
        /// nil for a hidden directory that is reported late.
        let entry: TreeWalk.Entry?
    }

    /// A hidden directory on the way down.
    private struct Late {
        var depth: Int
        var relative: [UInt8]
        var metadata: FileMetadata
    }

    /// Nothing when the place is no directory.
    func visit(_ visitor: (Visited) throws -> Void) throws {
        guard top.metadata.kind == .directory else { return }
        let base =
            top.path.isEmpty
            ? tree.directory : try tree.relatively { try tree.directory.directory(at: top.path, followLast: false) }
        var sieve = Sieve(ignore: top.cursor, excludes: PatternCursor(excludes))
        var late: [Late] = []
        try tree.relatively {
            try TreeWalk.visit(base, sorted: true) { entry in
                while let last = late.last, last.depth >= entry.depth { late.removeLast() }
                let metadata = tree.presented(entry.metadata)
                let isDirectory = metadata.kind == .directory
                switch sieve.judge(entry.nameBytes.bytes, depth: entry.depth, isDirectory: isDirectory) {
                case .skipped: return .skip
                case .hidden:
                    late.append(Late(depth: entry.depth, relative: Array(entry.pathBytes), metadata: metadata))
                    return .descend
                case .visible:
                    for directory in late {
                        try directory.relative.withUnsafeBytes {
                            try visitor(Visited(relative: $0, metadata: directory.metadata, entry: nil))
                        }
                    }
                    late.removeAll()
                    try visitor(Visited(relative: entry.pathBytes, metadata: metadata, entry: entry))
                    return isDirectory ? .descend : .skip
                }
            }
        }
    }
}

/// The ignore file and the exclusions of a selection, standing side by side in each directory of a walk.
struct Sieve {
    enum Judgement {
        case visible
        /// An excluded directory that may hold exceptions.
        case hidden
        case skipped
    }

    private var ignore: [PatternCursor]
    private var excludes: [PatternCursor]

    init(ignore: PatternCursor, excludes: PatternCursor) {
        self.ignore = [ignore]
        self.excludes = [excludes]
    }

    /// - Parameter depth: 1 for names in the top directory.
    mutating func judge(_ name: UnsafeBufferPointer<UInt8>, depth: Int, isDirectory: Bool) -> Judgement {
        guard isDirectory else {
            let isHidden = Self.hides(ignore[depth - 1], name) || Self.hides(excludes[depth - 1], name)
            return isHidden ? .skipped : .visible
        }
        let inner = Self.enter(&ignore, name, depth)
        let outer = Self.enter(&excludes, name, depth)
        if inner == .skipped || outer == .skipped { return .skipped }
        return inner == .hidden || outer == .hidden ? .hidden : .visible
    }

    @inline(__always)
    private static func hides(_ cursor: PatternCursor, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        !cursor.isIdle && cursor.verdict(on: name).isExcluded
    }

    private static func enter(
        _ cursors: inout [PatternCursor], _ name: UnsafeBufferPointer<UInt8>, _ depth: Int
    ) -> Judgement {
        if cursors.count > depth { cursors.removeSubrange(depth...) }
        let (verdict, inner) = cursors[depth - 1].descending(into: name)
        cursors.append(inner)
        guard verdict.isExcluded else { return .visible }
        return inner.excludesEverythingBelow ? .skipped : .hidden
    }
}
