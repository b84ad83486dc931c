import HostSystem
import PathPatterns
import SystemPackage

/// Visits what is below a place, wanted and not ignored, in path order. A directory that is hidden, or only on the way
/// to what is wanted, is reported when, and just before, something visible in it is.
struct VisibleWalk {
    let tree: SourceTree
    let top: PathResolver.Place
    var excludes = PatternList()
    /// nil: everything.
    var wanted: PatternList?

    /// Valid only during the call.
    struct Visited {
        /// Relative to the top of the walk.
        let relative: UnsafeRawBufferPointer
        let metadata: FileMetadata
        /// nil for a hidden directory that is reported late.
        let entry: TreeWalk.Entry?
        /// Not wanted itself.
        var isPassage = false
    }

    /// A hidden directory on the way down.
    private struct Late {
        var depth: Int
        var relative: [UInt8]
        var metadata: FileMetadata
        var isPassage: Bool
    }

    /// Nothing when the place is no directory.
    func visit(_ visitor: (Visited) throws -> Void) throws {
        guard top.metadata.kind == .directory else { return }
        let base =
            top.path.isEmpty
            ? tree.directory : try tree.relatively { try tree.directory.directory(at: top.path, followLast: false) }
        var sieve = Sieve(
            ignore: top.cursor, excludes: PatternCursor(excludes), wanted: wanted.map { PatternCursor($0) })
        var late: [Late] = []
        try tree.relatively {
            try TreeWalk.visit(base, sorted: true) { entry in
                while let last = late.last, last.depth >= entry.depth { late.removeLast() }
                let metadata = tree.presented(entry.metadata)
                let isDirectory = metadata.kind == .directory
                let judgement = sieve.judge(entry.nameBytes.bytes, depth: entry.depth, isDirectory: isDirectory)
                switch judgement {
                case .skipped: return .skip
                case .hidden, .passage:
                    late.append(
                        Late(
                            depth: entry.depth, relative: Array(entry.pathBytes), metadata: metadata,
                            isPassage: judgement == .passage))
                    return .descend
                case .visible:
                    for directory in late {
                        try directory.relative.withUnsafeBytes {
                            try visitor(
                                Visited(
                                    relative: $0, metadata: directory.metadata, entry: nil,
                                    isPassage: directory.isPassage))
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

/// The ignore file, the exclusions and the wish of a selection, standing side by side in each directory of a walk.
struct Sieve {
    enum Judgement {
        case visible
        /// A directory that is ignored and may hold exceptions.
        case hidden
        /// A directory that is excluded or not wanted, while something in it may be.
        case passage
        case skipped
    }

    private var ignore: [PatternCursor]
    private var excludes: [PatternCursor]
    private var wanted: [PatternCursor]?

    init(ignore: PatternCursor, excludes: PatternCursor, wanted: PatternCursor? = nil) {
        self.ignore = [ignore]
        self.excludes = [excludes]
        self.wanted = wanted.map { [$0] }
    }

    /// - Parameter depth: 1 for names in the top directory.
    mutating func judge(_ name: UnsafeBufferPointer<UInt8>, depth: Int, isDirectory: Bool) -> Judgement {
        guard isDirectory else {
            let isHidden = Self.hides(ignore[depth - 1], name) || Self.hides(excludes[depth - 1], name)
            return isHidden || !isWanted(name, depth) ? .skipped : .visible
        }
        let isIgnored = Self.enter(&ignore, name, depth)
        let isExcluded = Self.enter(&excludes, name, depth)
        let wish = enterWanted(name, depth)
        if isIgnored == .skipped || isExcluded == .skipped || wish == .skipped { return .skipped }
        if isExcluded == .hidden || wish == .passage { return .passage }
        return isIgnored == .hidden ? .hidden : .visible
    }

    private func isWanted(_ name: UnsafeBufferPointer<UInt8>, _ depth: Int) -> Bool {
        guard let wanted else { return true }
        return !wanted[depth - 1].isIdle && wanted[depth - 1].verdict(on: name).isExcluded
    }

    private mutating func enterWanted(_ name: UnsafeBufferPointer<UInt8>, _ depth: Int) -> Judgement {
        guard wanted != nil else { return .visible }
        if wanted![depth - 1].isIdle { return .skipped }
        let (verdict, inner) = wanted![depth - 1].descending(into: name)
        wanted!.removeSubrange(depth...)
        wanted!.append(inner)
        if verdict.isExcluded { return .visible }
        return inner.isIdle ? .skipped : .passage
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
