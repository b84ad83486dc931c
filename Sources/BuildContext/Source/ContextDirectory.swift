import Diagnostics
import HostSystem
import PathPatterns
import SystemPackage

/// The top of a context, and how files that steer the build are read from it.
struct ContextDirectory {
    let directory: Directory
    /// As the user named it; nil for an unpacked archive, from which nothing may lead out.
    let path: FilePath?

    init(_ unpacked: Directory) {
        directory = unpacked
        path = nil
    }

    init(opening path: FilePath) throws {
        self.path = path
        do { directory = try Directory(opening: path) } catch {
            if error.code == .noSuchFileOrDirectory {
                throw ContextError(
                    .contextMissing, "the build context \"\(path)\" does not exist",
                    help: "the last argument names the directory that holds the files to build from")
            }
            if error.code == .notDirectory {
                let parent = path.removingLastComponent()
                throw ContextError(
                    .contextIsFile, "the build context \"\(path)\" is a file, not a directory",
                    help: "give the directory, and the Dockerfile with -f: -f \(path) \(parent.isEmpty ? "." : parent)")
            }
            throw error
        }
    }

    /// The context's absolute path, the same however it was named; as named when the kernel does not tell.
    var identity: FilePath {
        let own = FilePath("\(directory.descriptor)")
        return (try? Directory(opening: "/proc/self/fd").symlinkTarget(at: own)) ?? path ?? directory.path
    }

    /// A file at the top: of a directory of the user's wherever a symlink may lead, of an archive inside it.
    func open(_ name: FilePath) throws(SystemError) -> File {
        guard let path else { return try directory.openFile(at: name) }
        return try File(opening: path.pushing(name))
    }

    /// A place where an ignore file may be.
    struct Candidate: Sendable {
        /// To print.
        var name: String
        var open: @Sendable () throws(SystemError) -> File
    }

    /// The first of `preferred`, `.dockerignore` and `.containerignore` that exists. One that cannot be read is an
    /// error: going on without it would copy what it is there to keep out.
    func ignoreFile(
        besides preferred: [Candidate]
    ) throws(SystemError) -> (source: SourceFile, parsed: Parsed<IgnoreFile>)? {
        let names = [".dockerignore", ".containerignore"]
        let place = self
        let usual = names.map { name in
            Candidate(name: name) { () throws(SystemError) in try place.open(FilePath(name)) }
        }
        for candidate in preferred + usual {
            let file: File
            do { file = try candidate.open() } catch {
                guard error.code == .noSuchFileOrDirectory || error.code == .notDirectory else { throw error }
                continue
            }
            let bytes = try file.readAll(limit: 16 << 20)
            let source = SourceFile(name: candidate.name, text: String(decoding: bytes, as: UTF8.self))
            return (source, IgnoreFile.parse(source))
        }
        return nil
    }
}
