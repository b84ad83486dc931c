import Diagnostics
import DockerfileSyntax
import FoundationEssentials
import HostSystem
import SystemPackage
import TestSupport
import Testing

/// A Dockerfile from a tutorial, as printed and as repaired, with the project it builds: `Cases/<name>/`. README.md says
/// which files it may have.
struct Tutorial: Sendable, CustomTestStringConvertible {
    var name: String
    var fixture: Fixture
    /// `title`, `project`, `ignore`, `defect`, `absent`, from the file `case`.
    private var fields: [String: String]

    var testDescription: String { name }

    static let root = FilePath(#filePath).removingLastComponent()

    static func all() throws -> [Tutorial] {
        let cases = root.appending("Cases")
        return try Directory(opening: cases).entries().filter { $0.kind == .directory }.map(\.name.string).sorted().map { name in
            let fixture = Fixture(name: name, directory: cases.appending(name).string)
            var fields: [String: String] = [:]
            for line in try fixture.text(of: "case").split(separator: "\n") {
                guard let colon = line.firstRange(of: ": ") else { continue }
                fields[String(line[..<colon.lowerBound])] = String(line[colon.upperBound...])
            }
            return Tutorial(name: name, fixture: fixture, fields: fields)
        }
    }

    /// Those that are expected to hold.
    static func complete() throws -> [Tutorial] { try all().filter { $0.awaits == nil } }

    /// The text as the tutorial has it. The parser's tests have the only copy.
    var printed: String {
        get throws { try Fixture(name: name, directory: Self.parserFixture("seed-" + name)).text(of: "Dockerfile") }
    }

    static func parserFixture(_ name: String) -> String {
        root.removingLastComponent().removingLastComponent()
            .appending("DockerfileSyntaxTests/Fixtures/syntax").appending(name).string
    }

    /// What somebody has who followed our messages; the printed text when nothing is wrong with it.
    var repaired: String { get throws { isBroken ? try fixture.text(of: "Dockerfile.repaired") : try printed } }

    /// What the fixes of our messages make of the printed text, all at once. Often that is the repaired one.
    var fixed: String {
        get throws {
            let file = SourceFile(name: "Dockerfile", text: try printed)
            return Self.fixed(file, by: DockerfileParser.parse(file).diagnostics)
        }
    }

    /// All edits of all fixes, from the end of the file to its beginning.
    static func fixed(_ file: SourceFile, by diagnostics: [Diagnostic]) -> String {
        var bytes = file.bytes
        let edits = diagnostics.flatMap(\.fix).sorted { $0.range.bytes.lowerBound > $1.range.bytes.lowerBound }
        for edit in edits { bytes.replaceSubrange(edit.range.bytes, with: edit.replacement.utf8) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The fixes change something, and leave something to be said.
    var needsSecondRound: Bool { get throws { try isBroken && fixed != printed && fixed != repaired } }

    var isBroken: Bool { fixture.exists("Dockerfile.repaired") }

    var title: String { fields["title"] ?? name }
    var defect: String? { fields["defect"] }
    /// The folder of `Projects`.
    var project: String { fields["project"] ?? "" }
    /// The folder of `Ignore`: the ignore file that the same tutorial prints.
    var ignoreFile: String? { fields["ignore"] }
    /// Paths that the image may not have: compilers, sources, caches, whatever the tutorial says stays behind.
    var absent: [String] { fields["absent"].map { $0.split(separator: " ").map(String.init) } ?? [] }

    /// What this builder still lacks for it.
    var awaits: String? { fields["awaits"] }

    /// Makes `context/` in the working directory: the project, and what a developer has lying around in it. All of it
    /// is older than any build. `$1` is the root of the tutorials, `$2` the project, `$3` the ignore file or empty.
    static let preparation = #"""
        umask 022
        prepare() {
            mkdir context && cp -a "$1/Projects/$2/." context/ && chmod -R u=rwX,go=rX context
            mkdir context/.git && echo 'ref: refs/heads/main' > context/.git/HEAD
            echo 'PASSWORD=hunter2' > context/.env
            echo 'verbose stack' > context/npm-debug.log
            if [ -n "$3" ]; then
                cp "$1/Ignore/$3/dockerignore" context/.dockerignore
                # The machine's own builds, which would be in the way.
                mkdir -p context/node_modules/stale context/dist
                echo stale | tee context/node_modules/stale/index.js > context/dist/stale.js
            fi
            find context -exec touch -h -d @1700000000 {} +
        }

        """#
}
