import FoundationEssentials
import HostSystem
import SystemPackage
import TestSupport

/// Buildah from Debian, as another reading of the same Dockerfiles. Its file copies and its config are looked up in its own
/// store: one process a case.
enum Peer {
    /// What became of a case.
    struct Outcome: Sendable {
        var exit: Int
        var standardError: String
        /// nil when no image came out.
        var tree: String?
        var config: String?
    }

    /// A store of buildah's with all bases in it, to be copied for each case.
    static let template: Task<TemporaryDirectory, any Error> = Task {
        let store = try await CaseStore.shared.value
        let directory = try TemporaryDirectory(prefix: "jettison-peer-")
        let output = try await ShellCommand.run(
            #"""
            set -e; cd "$1"; root=$PWD/storage program=$2 store=$3; shift 3
            for base; do
                "$program" --root "$store" save -o base.tar "$base"
                buildah --root "$root" --runroot "$PWD/run" --storage-driver vfs pull -q docker-archive:base.tar
                rm base.tar
            done
            """#, [directory.path.string, Program.path, store.path] + store.bases.map(\.name))
        guard output.status == 0 else { throw ProgramFailure(output: output.standardError) }
        return directory
    }

    /// What `timeout` exits with.
    static let hung = 124

    /// - Parameter seconds: what it may take; then it is killed.
    static func build(_ test: Case, in workspace: TemporaryDirectory, store: CaseStore, seconds: Int) async throws -> Outcome {
        let template = try await template.value
        let output = try await ShellCommand.run(
            script + "peer \(try test.build(with: "--iidfile iid")) <input\n",
            [workspace.path.string, template.path.string, test.fixture.directory, String(seconds)])
        var outcome = Outcome(exit: output.status, standardError: output.standardError)
        guard output.status == 0 else { return outcome }
        let storage = workspace.path.appending("storage")
        let id = try CaseStore.text(workspace.path.appending("iid")).drop { $0 != ":" }.dropFirst().prefix { $0.isHexDigit }
        // Big data of an image is kept by name: the base 64 of it when the name is no plain file name.
        let name = "=" + Data("sha256:\(id)".utf8).base64EncodedString()
        let image = try ImageListing(
            of: File(opening: storage.appending("vfs-images/\(id)").appending(name)).readAll())
        outcome.config = ImageListing.comparable(image.members)
        let records = try JSONDecoder().decode(
            [ImageRecord].self, from: Data(File(opening: storage.appending("vfs-images/images.json")).readAll()))
        guard let layer = records.first(where: { $0.id == id })?.layer else {
            outcome.tree = ""
            return outcome
        }
        let tree = try TreeListing(of: storage.appending("vfs/dir/\(layer)"))
        outcome.tree = tree.lines(since: store.base(of: image)?.listing)
            .split(separator: "\n").filter { !mountPoints.contains(String($0)) }.map { $0 + "\n" }.joined()
        return outcome
    }

    /// What is left of the files that buildah mounts over in a RUN.
    private static let mountPoints: Set<String> = ["hosts", "hostname", "resolv.conf"].reduce(into: []) {
        $0.insert("755 0:0 0 etc/" + $1)
    }

    private struct ImageRecord: Decodable {
        var id: String
        var layer: String?
    }

    // Layers are shared by hard links, since they are not written to: a container gets a copy of its own.
    private static let script = #"""
        cd "$1"; template=$2 case=$3 seconds=$4; unset CI
        mkdir -p storage/vfs; cp -a "$template"/storage/*.lock "$template"/storage/vfs-* storage/
        cp -al "$template/storage/vfs/dir" storage/vfs/dir
        peer() {
            shift
            timeout "$seconds" buildah --root "$PWD/storage" --runroot "$PWD/run" --storage-driver vfs \
                build --pull-never --isolation chroot --layers=false --format docker "$@"
        }
        build() { peer build -q "$@"; }

        """# + Case.preparation
}
