import HostSystem
import SystemPackage
import TestSupport
import Testing

/// A store with the images that tutorials begin with, under their own names, made of `StandIns`; and the repaired
/// tutorials, each built once a run.
actor TutorialStore {
    /// What came of a repaired tutorial.
    struct Build: Sendable {
        /// Holds `context/`, `out/` (the image's files) and what the commands said.
        var directory: TemporaryDirectory
        var config: String
        var baseListing: TreeListing?
        var tree: TreeListing
        /// Standard error of the build, with its ledger.
        var said: String
        /// Titles of the steps that a second build ran.
        var ranAgain: String
        /// Exit code, standard output and standard error of the started image.
        var started: String
        /// Of all layers, unpacked.
        var size: Int
    }

    static let shared: Task<TutorialStore, any Error> = Task { try await TutorialStore() }

    nonisolated let path: String
    /// A copy in which nothing but the bases was built. What is said of a broken file may depend on what was built before.
    nonisolated let pristine: String
    private let bases: [(diffIDs: [String], listing: TreeListing)]
    private var builds: [String: Task<Build, any Error>] = [:]

    private init() async throws {
        let scratch = try TemporaryDirectory(prefix: "jettison-bases-")
        let made = try await ShellCommand.run(
            Self.making, [Program.path, Tutorial.root.appending("StandIns").string, scratch.path.string])
        guard made.status == 0 else { throw ProgramFailure(output: made.standardError) }
        let store = String(made.text.dropLast())
        path = store
        pristine = store + "/pristine"
        bases = try scratch.directory.entries().filter { $0.kind == .directory }.map { entry in
            let folder = scratch.path.appending(entry.name)
            let image = try ImageListing(of: CaseStore.blob(CaseStore.text(folder.appending("iid")), in: store))
            return (image.diffIDs, try TreeListing(of: folder.appending("out")))
        }.sorted { $0.diffIDs.count > $1.diffIDs.count }
    }

    func build(_ tutorial: Tutorial) async throws -> Build {
        if let known = builds[tutorial.name] { return try await known.value }
        let task = Task { try await Gate.builds.run { try await self.make(tutorial) } }
        builds[tutorial.name] = task
        return try await task.value
    }

    private nonisolated func make(_ tutorial: Tutorial) async throws -> Build {
        let directory = try TemporaryDirectory(prefix: "jettison-case-")
        let output = try await shell(
            Self.building, in: directory, tutorial, input: Array(try tutorial.repaired.utf8))
        guard output.status == 0 else {
            throw FixtureError(description: "\(tutorial.name) does not build\n\(output.standardError)\(output.text)")
        }
        func text(_ name: String) throws -> String { try CaseStore.text(directory.path.appending(name)) }
        let image = try ImageListing(of: CaseStore.blob(text("iid"), in: path))
        return Build(
            directory: directory, config: image.text,
            baseListing: bases.first { image.diffIDs.starts(with: $0.diffIDs) }?.listing,
            tree: try TreeListing(of: directory.path.appending("out")), said: try text("log"),
            ranAgain: try text("again"), started: try text("started"),
            size: Int(try text("size").filter(\.isNumber)) ?? 0)
    }

    /// Runs a script beside the tutorial's context, with `jettison` on the PATH; `prepare` is called before it.
    /// - Parameter isPristine: in a store of its own, in which nothing was built but the bases.
    nonisolated func shell(
        _ script: String, in directory: TemporaryDirectory, _ tutorial: Tutorial, isPristine: Bool = false,
        input: [UInt8] = []
    ) async throws -> ShellCommand.Output {
        let setUp = #"""
            cd "$1"; export JETTISON_ROOT="$2"; program=$3; shift 3; unset CI
            jettison() { "$program" "$@"; }

            """# + (isPristine ? "cp -a \"$JETTISON_ROOT\" store; JETTISON_ROOT=$PWD/store\n" : "")
        return try await ShellCommand.run(
            setUp + Tutorial.preparation + "prepare \"$@\" || exit\n" + script,
            [
                directory.path.string, isPristine ? pristine : path, Program.path, Tutorial.root.string, tutorial.project,
                tutorial.ignoreFile ?? "",
            ], input: input)
    }

    /// The Dockerfile comes on standard input.
    private static let building = #"""
        cat > context/Dockerfile; touch -d @1700000000 context/Dockerfile; cd context
        jettison build --progress plain --iidfile ../iid -o type=image -o type=local,dest=../out . 2>../log || { cat ../log >&2; exit 1; }
        id=$(cat ../iid)
        jettison build --progress rawjson . 2>../second >/dev/null || { cat ../second >&2; exit 1; }
        jq -r 'select(.event=="step" and .status=="done") | .title' ../second > ../again
        jettison inspect --format '{{.Size}}' "$id" > ../size
        jettison run --rm "$id" >../stdout 2>../stderr </dev/null; s=$?
        { echo "exit $s"; cat ../stdout ../stderr; } > ../started
        """#

    private static let making = #"""
        set -e; program=$1 standins=$2 scratch=$3; unset CI
        # Those of earlier runs are removed with the other stores of tests.
        store=$(mktemp -d /tmp/jettison-e2e-XXXXXX); export JETTISON_ROOT="$store"
        "$program" base create --variant busybox -t base:test >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
        while read -r stage name; do
            mkdir "$scratch/$stage"
            "$program" build -t "$name" --target "$stage" --iidfile "$scratch/$stage/iid" \
                -o type=image -o type=local,dest="$scratch/$stage/out" "$standins" >"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
        done <"$standins/images"
        cp -a "$store" "$scratch.pristine" && mv "$scratch.pristine" "$store/pristine"
        echo "$store"
        """#
}
