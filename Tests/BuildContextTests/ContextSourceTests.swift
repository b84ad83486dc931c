import BuildContext
import Diagnostics
import HostSystem
import PathPatterns
import SystemPackage
import Testing

struct ContextSourceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var entries: [String]
        var choice: FilePath?
        var text: String
        var ignore: String?
        init(_ name: String, _ entries: [String], _ choice: FilePath? = nil, text: String, ignore: String? = nil) {
            testDescription = name
            self.entries = entries
            self.choice = choice
            self.text = text
            self.ignore = ignore
        }
    }

    static let cases: [Case] = [
        Case("usual", ["Dockerfile=1", "Containerfile=2", ".dockerignore=x"], text: "1", ignore: ".dockerignore"),
        Case("lower case", ["dockerfile=1", "Containerfile=2"], text: "1"),
        Case("container", ["Containerfile=2", ".containerignore=x"], text: "2", ignore: ".containerignore"),
        Case(
            "both ignores", ["Dockerfile=1", ".containerignore=x", ".dockerignore=y"], text: "1",
            ignore: ".dockerignore"),
        Case(
            "own ignore", ["Dockerfile=1", ".dockerignore=x", "Dockerfile.dockerignore=y"], text: "1",
            ignore: "Dockerfile.dockerignore"),
        Case(
            "-f in the context", ["a/b.docker=3", "Dockerfile=1", ".dockerignore=x"], "a/b.docker", text: "3",
            ignore: ".dockerignore"),
        Case(
            "-f with its ignore", ["a/b=3", "a/b.dockerignore=x", ".dockerignore=x"], "a/b", text: "3",
            ignore: "a/b.dockerignore"),
        Case("ignored all the same", ["Dockerfile=1", ".dockerignore=*"], text: "1", ignore: ".dockerignore"),
        Case("symlink", ["real/D=5", "Dockerfile->real/D"], text: "5"),
    ]

    @Test(arguments: cases) func dockerfilesAreFound(_ test: Case) throws {
        let temporary = try TemporaryTree(test.entries)
        defer { temporary.keep() }
        let source = try ContextSource(
            directory: temporary.path, dockerfile: test.choice.map { .path($0) } ?? .standard)
        #expect(source.dockerfile.text == test.text)
        #expect(source.ignoreFile?.name == test.ignore)
        #expect(source.tree.ownership == .root)
    }

    @Test func dockerfilesOutsideOfTheContextBringTheirIgnoreFile() throws {
        let context = try TemporaryTree(["x", "y", ".dockerignore=x"])
        let outside = try TemporaryTree(["my.Dockerfile=FROM scratch", "my.Dockerfile.dockerignore=y"])
        let file = outside.path.appending("my.Dockerfile")
        let source = try ContextSource(directory: context.path, dockerfile: .path(file))
        #expect(source.dockerfile.name == file.string)
        #expect(source.ignoreFile?.name == file.string + ".dockerignore")
        #expect(try source.tree.paths("*") == [".dockerignore", "x"])
        let text = try ContextSource(
            directory: context.path, dockerfile: .text(SourceFile(name: "stdin", text: "FROM scratch")))
        #expect(try text.tree.paths("*") == [".dockerignore", "y"])
        context.keep()
        outside.keep()
    }

    @Test func ignoreDiagnosticsAreHandedOn() throws {
        let temporary = try TemporaryTree(["Dockerfile=", ".dockerignore=[a"])
        defer { temporary.keep() }
        let source = try ContextSource(directory: temporary.path)
        #expect(source.diagnostics.map(\.code) == ["ignore-pattern-malformed"])
        #expect(source.diagnostics.first?.primary?.range.file === source.ignoreFile)
    }

    @Test func lookingNeedsNoDockerfile() throws {
        let temporary = try TemporaryTree(["a", "b", ".dockerignore=a", "D=", "D.dockerignore=b"])
        defer { temporary.keep() }
        #expect(try ContextSource.tree(of: temporary.path).tree.paths("?") == ["D", "b"])
        #expect(try ContextSource.tree(of: temporary.path, dockerfile: "D").tree.paths("?") == ["D", "a"])
    }

    struct Failure: Sendable, CustomTestStringConvertible {
        var entries: [String]
        var directory: String
        var choice: FilePath?
        var message: String
        var help: String
        var testDescription: String { message }
        init(
            _ entries: [String], at directory: String = "", file choice: FilePath? = nil, _ message: String,
            help: String
        ) {
            self.entries = entries
            self.directory = directory
            self.choice = choice
            self.message = message
            self.help = help
        }
    }

    static let failures: [Failure] = [
        Failure(["x"], at: "nope", "the build context \"ROOT/nope\" does not exist", help: "the last argument names"),
        Failure(["x"], at: "x", "the build context \"ROOT/x\" is a file, not a directory", help: "-f ROOT/x ROOT"),
        Failure(["x"], "there is no Dockerfile in \"ROOT/\"", help: "name one with -f"),
        Failure(["Dockerfil"], "there is no Dockerfile in \"ROOT/\"", help: "did you mean -f Dockerfil?"),
        Failure(["Dockerfile.dev"], "there is no Dockerfile in \"ROOT/\"", help: "did you mean -f Dockerfile.dev?"),
        Failure(["api.Dockerfile"], "there is no Dockerfile in \"ROOT/\"", help: "did you mean -f api.Dockerfile?"),
        Failure(
            ["Dockerfile.prod"], file: "Dockerfile.prd", "the Dockerfile \"Dockerfile.prd\" does not exist",
            help: "-f Dockerfile.prod?"),
        Failure(
            ["docker/Dockerfile"], file: "docker", "\"docker\" is a directory, not a Dockerfile",
            help: "-f docker/Dockerfile"),
    ]

    @Test(arguments: failures) func failuresAreClear(_ test: Failure) throws {
        let temporary = try TemporaryTree(test.entries)
        defer { temporary.keep() }
        let path = FilePath(temporary.path.string + "/" + test.directory)
        let error = #expect(throws: ContextError.self) {
            try ContextSource(directory: path, dockerfile: test.choice.map { .path($0) } ?? .standard)
        }
        func filled(_ text: String) -> String {
            text.split(separator: "ROOT", omittingEmptySubsequences: false).joined(separator: temporary.path.string)
        }
        let diagnostic = try #require(error?.diagnostics.first)
        #expect(withoutClosingSlash(diagnostic.message) == withoutClosingSlash(filled(test.message)))
        #expect(diagnostic.help?.contains(filled(test.help)) == true, "\(diagnostic.help ?? "no help")")
    }

    private func withoutClosingSlash(_ text: String) -> String {
        text.hasSuffix("/\"") ? text.dropLast(2) + "\"" : text
    }

    /// Going on without an ignore file that is there would copy what it keeps out.
    @Test func unreadableIgnoreFilesAreErrors() throws {
        let temporary = try TemporaryTree(["Dockerfile=", ".dockerignore/x"])
        defer { temporary.keep() }
        #expect(throws: SystemError.self) { try ContextSource(directory: temporary.path) }
    }

    @Test func memosAreKeptPerContext() throws {
        let first = try TemporaryTree(["Dockerfile=", "a"])
        let second = try TemporaryTree(["Dockerfile=", "a"])
        let store = try TemporaryTree()
        for path in [first.path, first.path.appending("."), second.path] {
            let source = try ContextSource(directory: path, memos: store.path)
            #expect(source.tree.memo != nil)
            _ = try source.tree.digest(".")
        }
        first.keep()
        second.keep()
        store.keep()
    }
}
