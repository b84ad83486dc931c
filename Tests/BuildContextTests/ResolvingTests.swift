import BuildContext
import HostSystem
import PathPatterns
import SystemPackage
import Testing

struct ResolvingTests {
    static let entries = [
        "a.txt=1", "b.txt=2", "c.md", "src/main.c=x", "src/util/x.c", "src/util/y.h", "lib->src/util",
        "link.txt->a.txt",
        "up->../../../../etc", "loop->loop", "round/one->../round/two", "round/two->one", "dangling->nothing",
        "abs->/src", "deep/in->../src", "back\\slash", "[x]", "star*file",
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        var source: String
        var paths: [String]
        var testDescription: String { source }
        init(_ source: String, _ paths: [String]) {
            self.source = source
            self.paths = paths
        }
    }

    static let cases: [Case] = [
        Case("a.txt", ["a.txt"]), Case("/a.txt", ["a.txt"]), Case("./src/../a.txt", ["a.txt"]), Case(".", [""]),
        Case("../../a.txt", ["a.txt"]), Case("*.txt", ["a.txt", "b.txt", "a.txt"]), Case("?.txt", ["a.txt", "b.txt"]),
        Case("src/*.c", ["src/main.c"]), Case("src/*/*.c", ["src/util/x.c"]), Case("*/main.c", ["src/main.c"]),
        Case("src/[xm]*", ["src/main.c"]), Case("nothing*", []), Case("src/u*/x.c", ["src/util/x.c"]),
        Case("lib", ["src/util"]), Case("lib/x.c", ["src/util/x.c"]), Case("lib/*.c", ["src/util/x.c"]),
        Case("link.txt", ["a.txt"]), Case("abs/main.c", ["src/main.c"]), Case("deep/in/util", ["src/util"]),
        Case("up/..", [""]), Case("back\\slash", ["back\\slash"]), Case("star\\*file", ["star*file"]),
        Case("\\[x\\]", ["[x]"]), Case("[[]x]", ["[x]"]),
        // A pattern does not look through symlinked directories.
        Case("li*/x.c", []), Case("l*b/*.c", []),
    ]

    @Test(arguments: cases) func sourcesAreFound(_ test: Case) throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let tree = temporary.tree()
        #expect(try tree.paths(test.source) == test.paths)
    }

    /// `--parents`: the paths below the top, those in parentheses only passed through.
    @Test(arguments: [
        Case("src/util/x.c", ["(src)", "(src/util)", "src/util/x.c"]), Case("src/util", ["(src)", "src/util", "src/util/x.c", "src/util/y.h"]),
        Case("src/./util/x.c", ["(util)", "util/x.c"]), Case("src/**/*.c", ["(src)", "src/main.c", "(src/util)", "src/util/x.c"]),
        Case("**/y.h", ["(src)", "(src/util)", "src/util/y.h"]), Case("s?c/./*.c", ["main.c"]), Case("lib", ["lib"]),
        Case("nothing/**", []), Case("src/.", ["src", "src/main.c", "src/util", "src/util/x.c", "src/util/y.h"]),
        Case("/src/./.", ["main.c", "util", "util/x.c", "util/y.h"]),
    ])
    func parentsAreKept(_ test: Case) throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let tree = temporary.tree()
        var paths: [String] = []
        for match in try tree.resolve(FileSelection(sources: [test.source], keepsParents: true)) {
            try tree.walk(match) { entry in
                guard !entry.relative.isEmpty else { return }
                paths.append(entry.isPassage ? "(\(entry.relative))" : entry.relative.string)
            }
        }
        #expect(paths == test.paths)
    }

    @Test func aMissingPathWithoutWildcardsIsAnErrorWithParents() throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let error = #expect(throws: SourceNotFound.self) {
            try temporary.tree().resolve(FileSelection(sources: ["src/./util/z.c"], keepsParents: true))
        }
        #expect(error?.pattern == "src/util/z.c")
    }

    /// Names directory by directory: of two files of a name the later one stays.
    @Test func wildcardsFindInTheOrderOfAWalk() throws {
        let temporary = try TemporaryTree(["a/1=x", "a.b/1=y", "a-b/1=z"])
        defer { temporary.keep() }
        #expect(try temporary.tree().paths("*/1") == ["a/1", "a-b/1", "a.b/1"])
    }

    @Test func matchesKeepTheNameTheyWereFoundBy() throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let matches = try temporary.tree().resolve(FileSelection(sources: ["lib", "link*", "."]))
        #expect(matches.map(\.source) == [0, 1, 2])
        #expect(matches.map(\.isWildcard) == [false, true, false])
        #expect(matches.map(\.matchedName?.string) == ["lib", "link.txt", nil])
        #expect(matches.map(\.metadata.kind) == [.directory, .file, .directory])
    }

    @Test(arguments: [
        "missing", "a.txt/x", "src/nope.c", "missing/*.c", "loop", "round/one", "dangling", "up", "dang*",
    ])
    func missingSourcesAreErrors(_ source: String) throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        #expect(throws: SourceNotFound.self) { try temporary.tree().paths(source) }
    }

    @Test func brokenLinksAreNamed() throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let tree = temporary.tree()
        let error = #expect(throws: SourceNotFound.self) { try tree.paths("a.txt", "dangling") }
        #expect(error?.source == 1)
        #expect(error?.brokenLink == "dangling")
    }

    @Test func malformedPatternsAreErrors() throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let tree = temporary.tree()
        #expect(throws: MalformedPattern.self) { try tree.paths("src/[a") }
        #expect(throws: MalformedPattern.self) { try tree.paths("a.txt", excludes: ["[a"]) }
    }

    @Test func excludedNamesAreLeftOut() throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let tree = temporary.tree()
        #expect(try tree.paths("*.*", excludes: ["*.md", "link*", "*.txt", "!b.txt"]) == ["b.txt"])
        // A directory's own name is not held against the patterns, what is in it is.
        #expect(try tree.paths("src", excludes: ["src"]) == ["src"])
        #expect(try tree.files("src", excludes: ["util"]) == ["src", "src/main.c"])
        #expect(try tree.files("src", excludes: ["**/*.c"]) == ["src", "src/util", "src/util/y.h"])
        #expect(
            try tree.files("src", excludes: ["util", "!util/y.h"]) == ["src", "src/main.c", "src/util", "src/util/y.h"])
    }

    @Test func ignoredFilesDoNotExist() throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let tree = temporary.tree(ignoring: ["*.md", "src", "!src/util/*.h", "b.txt"])
        #expect(try tree.paths("*.txt") == ["a.txt", "a.txt"])
        #expect(try tree.files("src") == ["src", "src/util", "src/util/y.h"])
        #expect(try tree.paths("src/*/*") == ["src/util/y.h"])
        #expect(try tree.files("lib") == ["src/util", "src/util/y.h"])
        for hidden in ["c.md", "src/main.c", "src/util/x.c", "lib/x.c", "deep/in/main.c"] {
            let error = #expect(throws: SourceNotFound.self) { try tree.paths(hidden) }
            #expect(error?.ignoredBy?.line == (hidden == "c.md" ? 1 : 2), "\(hidden)")
        }
    }

    @Test func ignoredDirectoriesWithNothingVisibleDoNotExist() throws {
        let temporary = try TemporaryTree(["d/x", "e/keep", "top"])
        defer { temporary.keep() }
        let tree = temporary.tree(ignoring: ["*", "!d/keep", "!e/keep", "!top"])
        #expect(try tree.files(".") == ["", "e", "e/keep", "top"])
        #expect(try tree.paths("[de]") == ["e"])
        let error = #expect(throws: SourceNotFound.self) { try tree.paths("d") }
        #expect(error?.ignoredBy?.text == "*")
    }

    /// A link to an ignored file leads nowhere, and an ignored link is not there.
    @Test func linksDoNotLeadAroundTheIgnoreFile() throws {
        let temporary = try TemporaryTree(["secret=1", "link->secret", "ok=2", "hidden->ok"])
        defer { temporary.keep() }
        let tree = temporary.tree(ignoring: ["secret", "hidden"])
        #expect(throws: SourceNotFound.self) { try tree.paths("link") }
        #expect(throws: SourceNotFound.self) { try tree.paths("hidden") }
        #expect(try tree.files(".") == ["", "link", "ok"])
    }

    @Test func walksAreSortedAndDoNotFollow() throws {
        let temporary = try TemporaryTree(["b/2", "b/1", "b.x", "a/z->../b", "b-", "c"])
        defer { temporary.keep() }
        let tree = temporary.tree()
        #expect(try tree.files(".") == ["", "a", "a/z", "b", "b/1", "b/2", "b-", "b.x", "c"])
        var relative: [String] = []
        let match = try #require(try tree.resolve(FileSelection(sources: ["b"])).first)
        try tree.walk(match) { relative.append($0.relative.string) }
        #expect(relative == ["", "1", "2"])
        let file = try #require(try tree.resolve(FileSelection(sources: ["c"])).first)
        try tree.walk(file) { #expect($0.relative.isEmpty && $0.path == "c") }
    }

    @Test func hostileNamesSurvive() throws {
        let temporary = try TemporaryTree(["new\nline", "sp ace", "-rf", "ünï"])
        defer { temporary.keep() }
        let invalid = FilePath(platformString: [0x66, -1, 0x6F, 0])
        try temporary.root.writeFile([1], at: invalid)
        let tree = temporary.tree()
        let matches = try tree.resolve(FileSelection(sources: ["*"]))
        #expect(Set(matches.map(\.path)) == ["new\nline", "sp ace", "-rf", "ünï", invalid])
        #expect(try tree.paths("new\nline") == ["new\nline"])
        #expect(try tree.resolve(FileSelection(sources: ["f?o"])).map(\.path) == [invalid])
        var walked: [FilePath] = []
        let top = try #require(try tree.resolve(FileSelection(sources: ["."])).first)
        try tree.walk(top) { walked.append($0.path) }
        #expect(walked.contains(invalid))
        #expect(try temporary.tree(ignoring: ["f?o"]).paths("*").count == 4)
        #expect(try tree.digest(".").count == 64)
    }

    @Test func ownersAreMappedForContextsOnly() throws {
        let temporary = try TemporaryTree(["f"])
        defer { temporary.keep() }
        if HostIdentity.isRoot { try temporary.root.setOwner(at: "f", uid: 7, gid: 8) }
        let uid = try temporary.root.metadata(at: "f").uid
        let context = try #require(try temporary.tree().resolve(FileSelection(sources: ["f"])).first)
        let snapshot = try #require(
            try temporary.tree(ownership: .asFound).resolve(FileSelection(sources: ["f"])).first)
        #expect(context.metadata.uid == 0 && context.metadata.gid == 0)
        #expect(snapshot.metadata.uid == uid)
    }
}
