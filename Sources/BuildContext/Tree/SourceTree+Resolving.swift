import HostSystem
package import PathPatterns
import SystemPackage

extension SourceTree {
    /// The files and directories that the sources name: those of the first source first, each source's in
    /// the order of a walk.
    ///
    /// As docker does: a source that is a symlink, or that a pattern finds to be one, is followed; a pattern matches
    /// component by component with `filepath.Match` and does not look through symlinks; a pattern that finds nothing
    /// is no error, but the directory it starts in must exist. A matched file whose name is excluded is left out.
    /// Throws `SourceNotFound`, `MalformedPattern` and `SystemError`.
    package func resolve(_ selection: FileSelection) throws -> [SourceMatch] {
        if selection.keepsParents { return try resolveTops(selection) }
        let excludes = try PatternList(selection.excludes)
        var result: [SourceMatch] = []
        for (index, source) in selection.sources.enumerated() {
            let finder = SourceFinder(resolver: PathResolver(tree: self), index: index, source: source)
            let found = try finder.find().filter { match in
                guard match.metadata.kind != .directory, let name = match.matchedName else { return true }
                return !name.withRawBytes { PatternCursor(excludes).verdict(on: $0) }.isExcluded
            }
            result.append(contentsOf: found)
        }
        return result
    }

    /// Of `--parents`: the directories that the sources' patterns are seen from. A pattern without wildcards has to name
    /// something; nothing in it looks through symlinks.
    private func resolveTops(_ selection: FileSelection) throws -> [SourceMatch] {
        var result: [SourceMatch] = []
        for (index, source) in selection.sources.enumerated() {
            let (top, pattern) = FileSelection.sides(of: source)
            let resolver = PathResolver(tree: self)
            if !PathPattern.hasWildcards(top), !PathPattern.hasWildcards(pattern) {
                let whole = PathCleaning.insideRoot(top + "/" + pattern)
                _ = try SourceFinder(resolver: resolver, index: index, source: whole).find()
            }
            for var match in try SourceFinder(resolver: resolver, index: index, source: top).find()
            where match.metadata.kind == .directory {
                match.wanted = pattern == "." ? nil : pattern
                result.append(match)
            }
        }
        return result
    }

    /// Visits a match and, when it is a directory, what is in it: parents first, names in byte order, without what is
    /// ignored or excluded. Symlinks below the match are visited, not followed.
    /// - Parameter excludes: patterns relative to the match.
    package func walk(
        _ match: SourceMatch, excludes: [String] = [], _ visit: (SourceEntry) throws -> Void
    ) throws {
        try visit(SourceEntry(relative: "", path: match.path, metadata: match.metadata))
        guard match.metadata.kind == .directory else { return }
        try walk(of: match, excludes: try PatternList(excludes)).visit { visited in
            let relative = FilePath(raw: visited.relative)
            try visit(
                SourceEntry(
                    relative: relative, path: match.path.pushing(relative), metadata: visited.metadata,
                    isPassage: visited.isPassage))
        }
    }

    func walk(of match: SourceMatch, excludes: PatternList) throws -> VisibleWalk {
        VisibleWalk(
            tree: self, top: try place(of: match), excludes: excludes,
            wanted: try match.wanted.map { try PatternList([$0]) })
    }

    /// The match as a place: its path has no symlinks, so that the way there is the ignore file's way.
    func place(of match: SourceMatch) throws -> PathResolver.Place {
        var cursor = PatternCursor(ignore?.patterns ?? PatternList())
        for component in match.path.components {
            cursor = component.withRawBytes { cursor.descending(into: $0).1 }
        }
        return PathResolver.Place(path: match.path, metadata: match.metadata, cursor: cursor)
    }
}

/// Finds what one source names.
private struct SourceFinder {
    let resolver: PathResolver
    let index: Int
    let source: String

    func find() throws -> [SourceMatch] {
        let parts = source.split(separator: "/").map(String.init).filter { $0 != "." }
        guard let firstPattern = parts.firstIndex(where: PathPattern.hasWildcards) else {
            let place = try existing(parts)
            return [match(place.place, matched: place.path, isWildcard: false)]
        }
        let start = try existing(Array(parts[..<firstPattern]))
        var patterns: [Component] = []
        for part in parts[firstPattern...] { patterns.append(try Component(part)) }
        var found: [SourceMatch] = []
        try expand(start.place, start.path, patterns[...], into: &found)
        return found
    }

    private enum Component {
        case name(FilePath.Component)
        case pattern(PathPattern)

        init(_ text: String) throws {
            if !PathPattern.hasWildcards(text), let name = FilePath.Component(PathPattern.unescaped(text)) {
                self = .name(name)
            } else {
                self = .pattern(try PathPattern(text, dialect: .components))
            }
        }
    }

    /// What a path without wildcards names. A backslash in it is one, unless only what it escapes is there.
    private func existing(_ parts: [String]) throws -> (place: PathResolver.Place, path: FilePath) {
        let path = FilePath(parts.joined(separator: "/"))
        var outcome = try resolver.resolve(path)
        var used = path
        if case .missing = outcome, path.string.contains("\\") {
            used = FilePath(PathPattern.unescaped(path.string))
            outcome = try resolver.resolve(used)
        }
        if case .found(let place) = outcome { return (place, used) }
        throw try SourceNotFound(index, source, outcome, path, in: resolver.tree)
    }

    private func expand(
        _ place: PathResolver.Place, _ matched: FilePath, _ components: ArraySlice<Component>,
        into found: inout [SourceMatch]
    ) throws {
        guard place.metadata.kind == .directory, let component = components.first else { return }
        let rest = components.dropFirst()
        for name in try names(component, in: place) {
            guard case .found(let inner) = try resolver.step(from: place, to: name) else { continue }
            let matched = matched.appending(name)
            guard rest.isEmpty else {
                try expand(inner, matched, rest, into: &found)
                continue
            }
            // Resolved anew: a link is followed, and a directory must hold something visible when it is ignored.
            switch try resolver.resolve(inner.path) {
            case .found(let place): found.append(match(place, matched: matched, isWildcard: true))
            case .missing, .hidden, .dangling:
                // Gone meanwhile, or an ignored directory with nothing visible in it; but a link must lead somewhere.
                guard inner.metadata.kind == .symlink else { continue }
                throw try SourceNotFound(index, source, .dangling(inner.path), inner.path, in: resolver.tree)
            }
        }
    }

    private func names(_ component: Component, in place: PathResolver.Place) throws -> [FilePath.Component] {
        switch component {
        case .name(let name): return [name]
        case .pattern(let pattern):
            let directory = try resolver.tree.relatively {
                try resolver.tree.directory.directory(at: place.path, followLast: false)
            }
            let entries = try resolver.tree.relatively { try directory.entries() }
            // The order of Go's filepath.Walk, directory by directory: of two files of a name the later one stays.
            return entries.map(\.name).filter { name in name.withRawBytes { pattern.matches($0) } }
                .sorted { $0.rawBytes.lexicographicallyPrecedes($1.rawBytes) }
        }
    }

    private func match(_ place: PathResolver.Place, matched: FilePath, isWildcard: Bool) -> SourceMatch {
        SourceMatch(
            source: index, path: place.path, matchedPath: matched, metadata: place.metadata, isWildcard: isWildcard)
    }
}
