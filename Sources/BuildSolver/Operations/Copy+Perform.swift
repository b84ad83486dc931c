import Archives
import BuildContext
import BuildPlan
import HostSystem
import PathPatterns
import SystemPackage

/// COPY and ADD: *where files land*. Which files they are is `SourceTree`'s business.
///
/// Docker's rules: a source directory stands for its contents; the destination is a directory when it ends in a slash,
/// when there are several sources, or when it is one already. Symbolic links on the way to the destination, and the
/// destination itself, are followed inside the root; what is in it never is. Directories made on the way, the
/// destination among them, have mode 0755 (or that of an octal `--chmod`) and belong to root (or `--chown`), whatever
/// the source's are; a directory that exists keeps its own when it is the destination, and takes the source's below.
struct CopyPerformance {
    let operation: CopyOperation
    /// nil when only inline files are copied.
    let source: SourceTree?
    let root: Directory
    let epoch: Int64?
    private let owner: FileOwner?
    private var making: DirectoryMaking
    private var writer: TreeWriter
    /// The destination is a file that this copy wrote.
    private var wroteDestination = false
    private var isDestinationDirectory: Bool

    init(operation: CopyOperation, source: SourceTree?, root: Directory, epoch: Int64?) throws {
        self.operation = operation
        self.source = source
        self.root = root
        self.epoch = epoch
        owner = try operation.owner.map { try CopyOwner.resolve($0, in: root) }
        making = DirectoryMaking(root: root, mode: operation.mode?.forNewDirectories ?? 0o755, owner: owner, time: nil)
        writer = TreeWriter(operation: operation, source: source, owner: owner, root: root)
        isDestinationDirectory = operation.destinationIsDirectory
    }

    mutating func run() throws {
        let matches = try source?.resolve(operation.selection) ?? []
        let newest = epoch.map { Timestamp(seconds: $0) } ?? matches.map(\.metadata.modified).max()
        making.time = newest
        for match in matches { try copy(match, of: matches.count) }
        for file in operation.inlineFiles { try write(file, time: newest) }
        try writer.restoreTimes()
        try making.restoreTimes()
    }

    private var destination: FilePath { FilePath(operation.destination) }

    private mutating func copy(_ match: SourceMatch, of count: Int) throws {
        writer.begin()
        if match.metadata.kind == .directory {
            let target = try making.open(destination)
            isDestinationDirectory = true
            return try writer.copyContents(of: match, into: target)
        }
        if operation.unpacksArchives, match.metadata.kind == .file, let source,
            let archive = try ArchiveUnpacking(match: match, tree: source, owner: owner)
        {
            let target = try making.open(destination, mode: 0o755)
            isDestinationDirectory = true
            defer { making.forget() }
            return try archive.unpack(into: target)
        }
        guard let given = match.matchedName else { return }
        let (parent, name) = try target(named: given, of: count)
        try writer.copy(match.path, match.metadata, to: name, in: parent)
    }

    /// Where a single file goes: into the destination when it is a directory, else in its place.
    private mutating func target(
        named name: FilePath.Component, of count: Int
    ) throws -> (Directory, FilePath.Component) {
        if !isDestinationDirectory, !wroteDestination {
            let place = try RootPath(destination, in: root)
            if try place.isDirectory(in: root) {
                isDestinationDirectory = true
            } else if let last = place.missing.last ?? place.found.lastComponent {
                wroteDestination = true
                let above = place.missing.isEmpty
                    ? place.found.removingLastComponent()
                    : place.missing.dropLast().reduce(place.found) { $0.appending($1) }
                return (try making.open(above), last)
            }
        }
        guard !wroteDestination || isDestinationDirectory else {
            throw DestinationNotDirectory(destination: operation.destination, count: count)
        }
        return (try making.open(destination), name)
    }

    private mutating func write(_ file: CopyOperation.InlineFile, time: Timestamp?) throws {
        guard let name = FilePath.Component(file.name) else { throw UnusableName(name: file.name) }
        writer.begin()
        let (parent, target) = try target(named: name, of: operation.inlineFiles.count)
        try writer.write(
            [UInt8](file.content.utf8), to: target, in: parent, time: time ?? Timestamp(seconds: epoch ?? 0))
    }
}

/// Several files and a destination that is one.
struct DestinationNotDirectory: LandingProblem {
    let destination: String
    let count: Int
    let code = "destination-not-directory"
    var message: String { "\(count) sources match, and the destination is not a directory" }
    var help: String? { "write \(destination)/" }
}

/// A heredoc whose name is no file name.
struct UnusableName: Error, CustomStringConvertible {
    let name: String
    var description: String { "\"\(name)\" cannot be the name of a file" }
}
