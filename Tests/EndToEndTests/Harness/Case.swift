import FoundationEssentials
import HostSystem
import SystemPackage
import TestSupport
import Testing

/// A folder that is a test of a whole build: `Cases/<feature>/<case>/`. README.md says which files it may have.
struct Case: Sendable, CustomTestStringConvertible {
    /// `<feature>/<case>`.
    var name: String
    var fixture: Fixture

    var testDescription: String { name }

    /// Those that `JETTISON_CASES` asks for, by the beginnings of their names; all when it is not set.
    static func chosen() throws -> [Case] {
        let wanted = ProcessInfo.processInfo.environment["JETTISON_CASES"].flatMap { $0.isEmpty ? nil : $0 }?.split(separator: ",")
        let found = try all().filter { test in wanted?.contains { test.name.hasPrefix($0) } ?? true }
        guard !found.isEmpty else { throw FixtureError(description: "no case has a name that JETTISON_CASES asks for") }
        return found
    }

    static func all() throws -> [Case] {
        try folders(of: CaseStore.root.appending("Cases")).flatMap { feature in
            try folders(of: feature).map { folder in
                let name = (feature.lastComponent?.string ?? "") + "/" + (folder.lastComponent?.string ?? "")
                return Case(name: name, fixture: Fixture(name: name, directory: folder.string))
            }
        }
    }

    private static func folders(of path: FilePath) throws -> [FilePath] {
        try Directory(opening: path).entries().filter { $0.kind == .directory }.map { path.appending($0.name) }
            .sorted { $0.string < $1.string }
    }

    func text(of file: String) throws -> String? { fixture.exists(file) ? try fixture.text(of: file) : nil }

    /// A file of one line, or of several that make one.
    func line(of file: String) throws -> String? {
        try text(of: file).map { $0.split(separator: "\n").joined(separator: " ") }
    }

    var expectedExit: Int {
        get throws {
            guard let text = try line(of: "expected.exit") else { return 0 }
            guard let code = Int(text) else { throw FixtureError(description: "\(name)/expected.exit holds no number") }
            return code
        }
    }

    /// Whether an image is what comes out.
    var makesAnImage: Bool {
        get throws {
            guard let command = try line(of: "command") else { return true }
            let words = command.split(separator: " ")
            return words.first == "build" && !words.contains { ["--plan", "--check"].contains($0) || $0.hasPrefix("-o") }
        }
    }

    /// The command line after the name of the program. `ours` and `theirs` take the same.
    func build(with options: String) throws -> String {
        if let command = try line(of: "command") {
            return try makesAnImage ? "build \(options) " + command.dropFirst("build".count) : command
        }
        return "build \(options) \(try line(of: "arguments") ?? "") -f Dockerfile context"
    }

    /// Prepares the working directory: the folder's files, its context with the modes that git keeps, what `setup` does
    /// there, the builds of `pre-build`, and `stdin`. Expects `build` to be defined.
    static let preparation = #"""
        umask 022
        phase() {
            name=$1; shift
            "$@" >"$name.log" 2>&1 && return
            echo "the case's own $name failed:"; cat "$name.log"; exit 97
        } >&2
        cp -a "$case/." .; mkdir -p context; chmod -R u=rwX,go=rX context
        [ ! -f environment ] || { set -a; . ./environment; set +a; }
        in_context() { (cd context && sh -e "../$1"); }
        [ ! -f setup ] || phase setup in_context setup
        pre_build() { while IFS= read -r words; do eval "build $words" </dev/null || return; done <pre-build; }
        [ ! -f pre-build ] || phase pre-build pre_build
        stdin() { in_context stdin >input; }
        if [ -f stdin ]; then phase stdin stdin; else : >input; fi

        """#
}
