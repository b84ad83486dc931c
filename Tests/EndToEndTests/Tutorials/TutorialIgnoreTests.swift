import HostSystem
import SystemPackage
import TestSupport
import Testing

/// The ignore files that tutorials print, on a context with something of everything they name, at its root and below.
@Suite(.enabled(if: Needs.program("jq"), "needs jq"))
struct TutorialIgnoreTests {
    static let names = ["groups", "six-patterns", "sixteen-patterns"]

    @Test(arguments: names)
    func keepsOutWhatItSays(_ name: String) async throws {
        let folder = Tutorial.root.appending("Ignore").appending(name)
        let directory = try TemporaryDirectory(prefix: "jettison-case-")
        let output = try await ShellCommand.run(
            Self.script, [directory.path.string, Program.path, folder.appending("dockerignore").string])
        try #require(output.status == 0, "\(output.standardError)")
        let fixture = Fixture(name: name, directory: folder.string)
        try fixture.expect(output.text, matches: "context.golden")
    }

    /// `in PATH` and `out PATH (line N: PATTERN)`. A context without the Dockerfile still builds with it.
    private static let script = #"""
        cd "$1"; mkdir context; cp "$3" context/.dockerignore; cd context
        for path in .git/HEAD .gitignore .env .env.local .npm/x node_modules/a/index.js npm-debug.log __pycache__/a.pyc a.pyc a.pyo \
            .venv/x venv/x README.md docs/a.html test/a.js tests/b.js src/app.test.ts app.test.ts app.spec.ts coverage/x .github/x \
            .gitlab-ci.yml Jenkinsfile .DS_Store Thumbs.db .vscode/x .idea/x a.swp a.swo dist/a.js build/a.js \
            docker-compose.yml docker-compose.dev.yml error.log src/app.ts src/__pycache__/b.pyc src/error.log \
            src/node_modules/b/index.js src/.DS_Store src/NOTES.md package.json; do
            mkdir -p "$(dirname "$path")"; echo x > "$path"
        done
        echo 'FROM scratch' > Dockerfile; echo 'COPY package.json /' >> Dockerfile
        "$2" context ls --format json . 2>../log >../listing || { cat ../log >&2; exit 1; }
        jq -r '.files[] | select(.type == "file") | "in  \(.path)"' ../listing | LC_ALL=C sort
        jq -r '.excluded[] | "out \(.path) (line \(.line): \(.pattern))"' ../listing | LC_ALL=C sort
        "$2" --root ../store build -q . 2>../log >/dev/null || { cat ../log >&2; exit 1; }
        """#
}
