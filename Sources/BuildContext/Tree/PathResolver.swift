import HostSystem
import PathPatterns
import SystemPackage

/// Finds what a path names inside a tree, as a build sees it: component by component, symlinks resolved below the
/// top, `..` clamped there, ignored files absent, also where a symlink leads to them.
struct PathResolver {
    let tree: SourceTree

    struct Place {
        var path: FilePath
        var metadata: FileMetadata
        /// Standing in it, when it is a directory.
        var cursor: PatternCursor
    }

    enum Outcome {
        case found(Place)
        case missing
        case hidden(by: IgnoreRule?)
        /// A symlink on the way (its path) leads to nothing.
        case dangling(FilePath)
    }

    private static let mostLinks = 40

    func top() throws -> Place {
        let metadata = try tree.relatively { try tree.directory.metadata() }
        return Place(
            path: FilePath(), metadata: tree.presented(metadata, isTop: true),
            cursor: PatternCursor(tree.ignore?.patterns ?? PatternList()))
    }

    /// With `followLast`, a symlink at the end is followed as well.
    func resolve(_ path: FilePath, followLast: Bool = true) throws -> Outcome {
        var places = [try top()]
        var pending = Array(path.components.reversed())
        var links = 0
        var lastLink: FilePath?
        while let component = pending.popLast() {
            if component.kind == .currentDirectory { continue }
            if component.kind == .parentDirectory {
                if places.count > 1 { places.removeLast() }
                continue
            }
            let place: Place
            switch try step(from: places[places.count - 1], to: component) {
            case .found(let found): place = found
            case .missing: return lastLink.map { .dangling($0) } ?? .missing
            case .hidden(let rule): return .hidden(by: rule)
            case .dangling(let link): return .dangling(link)
            }
            guard place.metadata.kind == .symlink, followLast || !pending.isEmpty else {
                places.append(place)
                continue
            }
            links += 1
            lastLink = place.path
            guard links <= Self.mostLinks else { return .dangling(place.path) }
            let target = try tree.relatively { try tree.directory.symlinkTarget(at: place.path) }
            if target.isAbsolute { places.removeSubrange(1...) }
            pending.append(contentsOf: target.components.reversed())
        }
        let place = places[places.count - 1]
        // An ignored directory with exceptions below exists when one of them does.
        if place.cursor.verdict.isExcluded, place.metadata.kind == .directory, try !holdsVisible(place) {
            return .hidden(by: rule(place.cursor.verdict))
        }
        return .found(place)
    }

    /// To a name in a directory, without following it. Says `found` of an ignored directory that may hold exceptions.
    func step(from place: Place, to name: FilePath.Component) throws -> Outcome {
        guard place.metadata.kind == .directory else { return .missing }
        let path = place.path.appending(name)
        let metadata: FileMetadata
        do {
            metadata = try tree.relatively { try tree.directory.metadata(at: path, followLast: false) }
        } catch let error as SystemError where Self.isAbsence(error) { return .missing }
        let (verdict, cursor) = name.withRawBytes { place.cursor.descending(into: $0) }
        if verdict.isExcluded, metadata.kind != .directory || cursor.excludesEverythingBelow {
            return .hidden(by: rule(verdict))
        }
        return .found(Place(path: path, metadata: tree.presented(metadata), cursor: cursor))
    }

    /// The shortest beginning of a path that is there and is no directory.
    func fileOnTheWay(to path: FilePath) throws -> String? {
        var prefix = FilePath()
        for component in path.components.dropLast() {
            prefix.append(component)
            guard case .found(let place) = try resolve(prefix) else { return nil }
            if place.metadata.kind != .directory { return prefix.string }
        }
        return nil
    }

    func holdsVisible(_ place: Place) throws -> Bool {
        struct Found: Error {}
        do {
            try VisibleWalk(tree: tree, top: place).visit { _ in throw Found() }
            return false
        } catch is Found { return true }
    }

    private func rule(_ verdict: PatternVerdict) -> IgnoreRule? {
        guard let ignore = tree.ignore, let entry = verdict.entry else { return nil }
        return ignore.rules[entry]
    }

    private static func isAbsence(_ error: SystemError) -> Bool {
        error.code == .noSuchFileOrDirectory || error.code == .notDirectory || error.code == .fileNameTooLong
    }
}
