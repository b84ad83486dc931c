import HostSystem
import SystemPackage
import TestSupport
import Testing

/// A folder is a case: `Cases/<feature>/<case>/` holds a Dockerfile, perhaps `context/`, `arguments` and `setup` (a
/// script run in a copy of the context first), and what is expected: `expected.tree` (mode, owner, size, path, digest),
/// `expected.config.json`, `expected.stderr`, `expected.exit`.
@Suite(.enabled(if: Needs.containers, "end-to-end cases need root and overlay mounts"))
struct CaseTests {
    static func cases() throws -> [Fixture] {
        var root = FilePath(#filePath)
        root.removeLastComponent()
        return try folders(of: root.appending("Cases")).flatMap { feature in
            try folders(of: feature).map { folder in
                Fixture(
                    name: (feature.lastComponent?.string ?? "") + "/" + (folder.lastComponent?.string ?? ""),
                    directory: folder.string)
            }
        }
    }

    private static func folders(of path: FilePath) throws -> [FilePath] {
        try Directory(opening: path).entries().filter { $0.kind == .directory }.map { path.appending($0.name) }
            .sorted { $0.string < $1.string }
    }

    @Test(arguments: try cases())
    func build(_ fixture: Fixture) async throws {
        let workspace = try await Workspace()
        try await workspace.run(
            #"""
            mkdir context; cp -a '\#(fixture.directory)/Dockerfile' .
            [ ! -d '\#(fixture.directory)/context' ] || cp -a '\#(fixture.directory)/context/.' context/
            # What git keeps of a mode is the execute bit.
            chmod -R u=rwX,go=rX context
            """#)
        if fixture.exists("setup") { try await workspace.run("cd context\n" + fixture.text(of: "setup")) }
        let arguments = fixture.exists("arguments") ? try fixture.text(of: "arguments").split(separator: "\n").joined(separator: " ") : ""
        let output = try await workspace.shell(
            "jettison build --progress plain --iidfile iid -o type=local,dest=out -o type=image -f Dockerfile \(arguments) context")
        let exit = fixture.exists("expected.exit") ? try fixture.text(of: "expected.exit") : "0\n"
        #expect("\(output.status)\n" == exit, "\(output.standardError)")
        if fixture.exists("expected.stderr") {
            try fixture.expect(diagnostics(in: output.standardError), matches: "expected.stderr")
        }
        guard output.status == 0 else { return }
        if fixture.exists("expected.tree") {
            let tree = try await workspace.run(Self.listing)
            try fixture.expect(tree, matches: "expected.tree")
        }
        if fixture.exists("expected.config.json") {
            let config = try await workspace.run(
                #"""
                jettison inspect "$(cat iid)" |
                  jq -S '.[0] | .Config.Labels |= (if . then with_entries(select(.key | startswith("org.opencontainers") | not)) else . end)
                    | {Config, Layers: (.RootFS.Layers | length)}'
                """#)
            try fixture.expect(config, matches: "expected.config.json")
        }
    }

    /// Progress has times in it; what we pin is what is said about the file.
    private func diagnostics(in text: String) -> String {
        var lines: [Substring] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("error:") || line.hasPrefix("error[") || line.hasPrefix("warning:") { isInside = true }
            if isInside { lines.append(line) }
            if line.isEmpty { isInside = false }
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Everything but what the base brought.
    private static let listing = #"""
        cd out && bash <<'LISTING'
        export LC_ALL=C
        find . -mindepth 1 \( -path ./bin -o -path ./etc/ssl \) -prune -o -mindepth 1 -print0 | sort -z |
        while IFS= read -r -d '' f; do
          s=$(stat -c '%a %u:%g' "$f"); name=${f#./}
          if [ -L "$f" ]; then echo "$s link $name -> $(readlink "$f")"
          elif [ -d "$f" ]; then echo "$s directory $name"
          elif [ -f "$f" ]; then echo "$s $(stat -c %s "$f") $name $(sha256sum < "$f" | cut -c1-12)$(stat -c %h "$f" | sed 's/^1$//; s/^[0-9]/ links &/')"
          else echo "$s $(stat -c '%F %t:%T' "$f") $name"; fi
        done
        LISTING
        """#
}
