import Diagnostics
import HostSystem
import SystemPackage

/// Finds the Dockerfile of a context.
struct DockerfileLocator {
    let place: ContextDirectory

    struct Found {
        var source: SourceFile
        /// Ignore files that belong to this Dockerfile alone, best first.
        var ignoreCandidates: [ContextDirectory.Candidate]
    }

    static let names = ["Dockerfile", "dockerfile", "Containerfile", "containerfile"]
    private static let largest = 16 << 20

    func find(_ choice: ContextSource.DockerfileChoice) throws -> Found {
        switch choice {
        case .text(let source): return Found(source: source, ignoreCandidates: [])
        case .path(let path): return try find(path)
        case .standard:
            for name in Self.names {
                let name = FilePath(name)
                guard let file = try existing({ () throws(SystemError) in try place.open(name) }) else { continue }
                return try found(file, name: name.string, siblings: name) { [place] path throws(SystemError) in
                    try place.open(path)
                }
            }
            throw missing()
        }
    }

    private func find(_ path: FilePath) throws -> Found {
        // Of an archive nothing outside of it is meant.
        if place.path != nil {
            if let file = try existing({ () throws(SystemError) in try File(opening: path) }) {
                return try found(file, name: path.string, siblings: path) { path throws(SystemError) in
                    try File(opening: path)
                }
            }
            guard path.isRelative else { throw missing(path) }
        }
        guard let file = try existing({ () throws(SystemError) in try place.open(path) }) else { throw missing(path) }
        return try found(file, name: path.string, siblings: path) { [place] path throws(SystemError) in
            try place.open(path)
        }
    }

    private func existing(_ open: () throws(SystemError) -> File) throws -> File? {
        do { return try open() } catch {
            guard error.code == .noSuchFileOrDirectory || error.code == .notDirectory else { throw error }
            return nil
        }
    }

    private func found(
        _ file: File, name: String, siblings path: FilePath,
        open: @escaping @Sendable (FilePath) throws(SystemError) -> File
    ) throws -> Found {
        if try file.metadata().kind == .directory {
            throw ContextError(
                .dockerfileIsDirectory, "\"\(name)\" is a directory, not a Dockerfile",
                help: "name the file in it: -f \(path.appending("Dockerfile"))")
        }
        let candidates = [".dockerignore", ".containerignore"].map { suffix in
            ContextDirectory.Candidate(name: name + suffix) { () throws(SystemError) in
                var beside = path
                let last = path.lastComponent?.string ?? ""
                beside.removeLastComponent()
                return try open(beside.appending(last + suffix))
            }
        }
        return Found(source: try Self.text(of: file, name: name), ignoreCandidates: candidates)
    }

    static func text(of file: File, name: String) throws -> SourceFile {
        SourceFile(name: name, bytes: try file.readAll(limit: largest))
    }

    private func missing(_ wanted: FilePath? = nil) -> ContextError {
        let context = place.path.map { $0 == "." ? "the current directory" : "\"\($0)\"" } ?? "the archive"
        let entries = (try? place.directory.entries()) ?? []
        let files = entries.filter { $0.kind != .directory }.map(\.name.string).sorted()
        // `api.Dockerfile` and `Dockerfile.dev` are how people call a second one.
        let alike = files.filter { name in
            let folded = name.lowercased()
            return (folded.contains("dockerfile") || folded.contains("containerfile")) && !folded.hasSuffix("ignore")
        }
        let name = wanted?.lastComponent?.string ?? "Dockerfile"
        let nearest = Suggestion.nearest(to: name, among: files.filter { !$0.hasSuffix("ignore") }) ?? alike.first
        let help = nearest.map { "did you mean -f \($0)?" }
        guard let wanted else {
            return ContextError(
                .dockerfileMissing, "there is no Dockerfile in \(context)",
                notes: ["looked for " + Self.names.joined(separator: ", ")],
                help: help ?? "name one with -f, or give the directory that holds it as the context")
        }
        let places = place.path == nil || wanted.isAbsolute ? [] : ["looked in the current directory and in \(context)"]
        return ContextError(
            .dockerfileMissing, "the Dockerfile \"\(wanted)\" does not exist", notes: places, help: help)
    }
}
