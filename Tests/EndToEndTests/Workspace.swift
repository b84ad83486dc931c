import FoundationEssentials
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

/// The built program, and a store that all cases of a run share: they test it for use by several processes on the way.
enum Program {
    /// The one that lies beside the running tests, or that `JETTISON_PROGRAM` names: `scripts/test` has the release build
    /// tested, which is what users get, and some ten times as fast.
    static let path: String = {
        if let chosen = ProcessInfo.processInfo.environment["JETTISON_PROGRAM"] { return chosen }
        let tests = try? Directory(opening: "/proc/self").symlinkTarget(at: "exe")
        return tests?.removingLastComponent().appending("jettison").string ?? "jettison"
    }()

    /// A store with one base, `base:test`: static busybox, made from the host's package.
    static let store: Task<String, any Error> = Task {
        // Stores of earlier runs are removed here: a test process has no moment after its last test. Not those of the
        // last hours, which may be in use.
        let made = try await ShellCommand.run(
            "find /tmp -maxdepth 1 -name 'jettison-e2e-*' -mmin +300 -exec rm -rf {} +; mktemp -d /tmp/jettison-e2e-XXXXXX")
        let root = String(made.text.dropLast())
        let output = try await ShellCommand.run(
            // A copy that nobody writes to, for stores of one test: one in use cannot be copied.
            #""$1" --root "$2" base create --variant busybox -t base:test && cp -a "$2" "$2.pristine""#, [path, root])
        guard output.status == 0 else { throw ProgramFailure(output: output.standardError) }
        return root
    }
}

struct ProgramFailure: Error, CustomStringConvertible {
    var output: String
    var description: String { "making the base failed:\n" + output }
}

/// A scratch directory with a store of its own, or the shared one.
final class Workspace: Sendable {
    let directory: TemporaryDirectory
    let store: String

    init(ownStore: Bool = false) async throws {
        directory = try TemporaryDirectory(prefix: "jettison-case-")
        let shared = try await Program.store.value
        guard ownStore else {
            store = shared
            return
        }
        store = directory.path.appending("store").string
        let copy = try await ShellCommand.run(#"cp -a "$1.pristine" "$2""#, [shared, store])
        try #require(copy.status == 0, "\(copy.standardError)")
    }

    var path: String { directory.path.string }

    func write(_ text: String, to name: String) async throws {
        let result = try await ShellCommand.run(
            #"mkdir -p "$(dirname "$1")" && cat > "$1""#, [path + "/" + name], input: Array(text.utf8))
        try #require(result.status == 0, "\(result.standardError)")
    }

    /// Runs a script in the workspace with `jettison` on the PATH and the store set.
    func shell(_ script: String) async throws -> ShellCommand.Output {
        let prefix = """
            cd "$1"; export JETTISON_ROOT="$2" JETTISON_OFFLINE=1; mkdir -p .bin; ln -sf "$3" .bin/jettison; PATH="$PWD/.bin:$PATH"; unset CI

            """
        return try await ShellCommand.run(prefix + script, [path, store, Program.path])
    }

    /// The same, failing the test when the script does.
    @discardableResult
    func run(_ script: String) async throws -> String {
        let output = try await shell(script)
        #expect(output.status == 0, "\(script)\n\(output.standardError)\(output.text)")
        return output.text
    }
}

/// What the end-to-end tests need of the host.
enum Needs {
    static let containers = HostIdentity.isRoot && HostIdentity.canMount
    static func program(_ name: String) -> Bool {
        ["/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/bin/"].contains { directory in
            (try? FileMetadata(at: FilePath(directory + name))) != nil
        }
    }
}
