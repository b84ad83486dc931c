import BuildContext
import Diagnostics
import HostSystem
import PathPatterns
import SystemPackage
import Testing

struct ListingTests {
    static let entries = [
        "Dockerfile=FROM scratch", "src/a.ts=aa", "src/b.log", "dist/x.js", "dist/deep/y.js", "node_modules/m/i.js",
        "pkg/node_modules/n/i.js", "pkg/__pycache__/c.pyc", "__pycache__/c.pyc", "link->src", "docs/keep.md",
        "docs/x.md",
    ]

    @Test func filesAndExclusionsAreListed() throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let rules = ["# comment", "dist/", "**/*.log", "node_modules", "docs", "!docs/keep.md", "__pycache__"]
        let listing = try ContextListing(of: temporary.tree(ignoring: rules))
        #expect(
            listing.files.map { "\($0.type) \($0.path.string)" } == [
                "file Dockerfile", "directory docs", "file docs/keep.md", "symlink link", "directory pkg",
                "directory pkg/__pycache__", "file pkg/__pycache__/c.pyc", "directory pkg/node_modules",
                "directory pkg/node_modules/n", "file pkg/node_modules/n/i.js", "directory src", "file src/a.ts",
            ])
        #expect(
            listing.exclusions.map { "\($0.path.string)\($0.isDirectory ? "/" : ""):\($0.rule.line)" } == [
                "__pycache__/:7", "dist/:2", "docs/x.md:5", "node_modules/:4", "src/b.log:3",
            ])
        #expect(listing.totalSize == 14)
        #expect(listing.files.first { $0.path == "src/a.ts" }?.size == 2)
    }

    @Test func directoriesWhoseExceptionsMatchNothingAreReportedOnce() throws {
        let temporary = try TemporaryTree(["d/a/1", "d/b/2", "e/f/x", "e/f/keep"])
        defer { temporary.keep() }
        let listing = try ContextListing(of: temporary.tree(ignoring: ["*", "!**/keep"]))
        #expect(listing.exclusions.map(\.path.string) == ["d", "e/f/x"])
        #expect(listing.files.map(\.path.string) == ["e", "e/f", "e/f/keep"])
    }

    @Test func theListingAgreesWithTheWalk() throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        for rules in [[], ["*"], ["*", "!src", "src/*.log"], ["**/*.js", "!dist/deep"], ["src", "dist", "!**/*.ts"]] {
            let tree = temporary.tree(ignoring: rules)
            let walked = try tree.files(".").dropFirst()
            #expect(try ContextListing(of: tree).files.map(\.path.string) == Array(walked), "\(rules)")
        }
    }

    @Test func patternsThatOnlyMatchAtTheTopAreAudited() throws {
        let temporary = try TemporaryTree(Self.entries)
        defer { temporary.keep() }
        let rules = ["__pycache__", "*.log", "nothing", "**/node_modules", "dist", "dist/deep", "!never", "*.zip"]
        let audit = try ContextListing(of: temporary.tree(ignoring: rules)).audit
        #expect(audit.topOnly.map(\.rule.text) == ["__pycache__", "*.log"])
        #expect(audit.topOnly.map(\.atTop) == [1, 0])
        #expect(audit.topOnly.map(\.deeper) == [1, 1])
        #expect(audit.topOnly.map(\.examples) == [["pkg/__pycache__"], ["src/b.log"]])
        #expect(audit.unused.map(\.text) == ["nothing", "dist/deep", "!never", "*.zip"])
        let messages = audit.diagnostics
        #expect(messages.count == 6)
        #expect(
            messages.first { $0.primary?.range.line == 1 }?.message
                == "the ignore pattern \"__pycache__\" excludes 1 of 2 such files and directories")
        #expect(
            messages.first { $0.primary?.range.line == 1 }?.help == "write \"**/__pycache__\" to exclude it everywhere")
    }

    @Test func whySaysWhichLine() throws {
        let temporary = try TemporaryTree(Self.entries + ["broken->nowhere"])
        defer { temporary.keep() }
        let tree = temporary.tree(ignoring: ["dist", "docs/*", "!docs/keep.md", "*.tmp"])
        func answer(_ path: FilePath) throws -> String {
            switch try ContextAnswer(on: path, in: tree) {
            case .included(let file, let rule): "included \(file.type) \(rule?.line ?? 0)"
            case .excluded(_, let rule): "excluded \(rule?.line ?? 0)"
            case .missing(_, let rule, let suggestions): "missing \(rule?.line ?? 0) \(suggestions)"
            case .broken(let link): "broken \(link)"
            }
        }
        #expect(try answer("src/a.ts") == "included file 0")
        #expect(try answer("docs/keep.md") == "included file 3")
        #expect(try answer("docs/x.md") == "excluded 2")
        #expect(try answer("dist/deep/y.js") == "excluded 1")
        #expect(try answer("dist") == "excluded 1")
        #expect(try answer("link") == "included symlink 0")
        #expect(try answer("x.tmp") == "missing 4 []")
        #expect(try answer("src/a.tx") == "missing 0 [\"src/a.ts\"]")
        #expect(try answer("broken/x") == "broken broken")
    }
}
