package import HostSystem
package import PathPatterns
package import SystemPackage

/// What a build context holds and what its ignore file keeps out, by which line: what `context ls` shows.
package struct ContextListing: Sendable {
    package struct File: Sendable, Hashable {
        package var path: FilePath
        package var kind: FileMetadata.Kind
        /// Bytes; of a symlink, the length of its target.
        package var size: Int64

        /// `file`, `directory`, `symlink`, …
        package var type: String {
            switch kind {
            case .file: "file"
            case .directory: "directory"
            case .symlink: "symlink"
            case .characterDevice, .blockDevice: "device"
            case .fifo: "fifo"
            case .socket: "socket"
            }
        }
    }

    package struct Exclusion: Sendable, Hashable {
        package var path: FilePath
        /// Stands for all that is in it.
        package var isDirectory: Bool
        package var rule: IgnoreRule
    }

    /// In path order, directories before what they hold.
    package internal(set) var files: [File] = []
    /// A directory of which nothing is visible is reported once.
    package internal(set) var exclusions: [Exclusion] = []
    package internal(set) var audit = IgnoreAudit()

    /// Sum of the sizes of the visible regular files, in bytes.
    package var totalSize: Int64 { files.reduce(0) { $0 + ($1.kind == .file ? $1.size : 0) } }

    /// Reads the whole tree but for directories that are excluded with all they hold.
    package init(of tree: SourceTree) throws {
        var walker = ListingWalk(ignore: tree.ignore)
        try tree.relatively { try TreeWalk.visit(tree.directory, sorted: true) { walker.visit($0) } }
        walker.leave(downTo: 1)
        self = walker.listing
        audit = walker.auditor.finish()
    }

    init() {}
}

private struct ListingWalk {
    /// A directory on the way down that is ignored but may hold exceptions.
    private struct Open {
        var depth: Int
        var file: ContextListing.File
        var rule: IgnoreRule
        var firstExclusion: Int
        var isVisible = false
    }

    let ignore: IgnoreFile?
    var listing = ContextListing()
    var auditor: IgnoreAuditor
    private var cursors: [PatternCursor]
    private var open: [Open] = []

    init(ignore: IgnoreFile?) {
        self.ignore = ignore
        auditor = IgnoreAuditor(ignore?.rules ?? [])
        cursors = [PatternCursor(ignore?.patterns ?? PatternList())]
    }

    mutating func visit(_ entry: TreeWalk.Entry) -> TreeWalk.Decision {
        leave(downTo: entry.depth)
        let metadata = entry.metadata
        let file = ContextListing.File(path: entry.path, kind: metadata.kind, size: metadata.size)
        let isDirectory = metadata.kind == .directory
        let name = entry.nameBytes.bytes
        let verdict: PatternVerdict
        var isSkipped = !isDirectory
        if isDirectory {
            cursors.removeSubrange(entry.depth...)
            let inner: PatternCursor
            (verdict, inner) = cursors[entry.depth - 1].descending(into: name)
            cursors.append(inner)
            isSkipped = inner.excludesEverythingBelow
        } else {
            verdict = cursors[entry.depth - 1].verdict(on: name)
        }
        auditor.visit(name, file, depth: entry.depth, isVisible: !verdict.isExcluded)
        if verdict.isExcluded, let rule = verdict.entry.flatMap({ ignore?.rules[$0] }) {
            if isSkipped {
                listing.exclusions.append(.init(path: file.path, isDirectory: isDirectory, rule: rule))
            } else {
                let first = listing.exclusions.count
                open.append(Open(depth: entry.depth, file: file, rule: rule, firstExclusion: first))
            }
        } else {
            for index in open.indices where !open[index].isVisible {
                listing.files.append(open[index].file)
                open[index].isVisible = true
            }
            listing.files.append(file)
        }
        return isDirectory && !isSkipped ? .descend : .skip
    }

    /// Closes the ignored directories at this depth and below.
    mutating func leave(downTo depth: Int) {
        while let last = open.last, last.depth >= depth {
            open.removeLast()
            guard !last.isVisible else { continue }
            listing.exclusions.removeSubrange(last.firstExclusion...)
            listing.exclusions.append(.init(path: last.file.path, isDirectory: true, rule: last.rule))
        }
    }
}
