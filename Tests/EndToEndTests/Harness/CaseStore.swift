import HostSystem
import SystemPackage
import TestSupport

/// The bases that cases stand on, and what each of them holds. `base:test` is static busybox; each folder of `Bases/`
/// makes one more of it, `base:<folder>`. All are made once a run, in the store that all cases share.
struct CaseStore: Sendable {
    struct Base: Sendable {
        var name: String
        var diffIDs: [String]
        var listing: TreeListing
    }

    /// Where the store is.
    var path: String
    /// Bases with more layers first: the first whose layers an image begins with is what it was built on.
    var bases: [Base]

    static let shared: Task<CaseStore, any Error> = Task {
        let store = try await Program.store.value
        let names = try folders.map { $0.lastComponent?.string ?? "" }
        let scratch = try TemporaryDirectory(prefix: "jettison-bases-")
        let output = try await ShellCommand.run(
            script + names.map { "\nmake '\($0)'" }.joined(), [scratch.path.string, store, Program.path, root.string])
        guard output.status == 0 else { throw ProgramFailure(output: output.standardError) }
        let bases = try (["test"] + names).map { name in
            let folder = scratch.path.appending(name)
            let listing = try ImageListing(of: blob(try text(folder.appending("iid")), in: store))
            return Base(
                name: "base:" + name, diffIDs: listing.diffIDs, listing: try TreeListing(of: folder.appending("out")))
        }
        return CaseStore(path: store, bases: bases.sorted { $0.diffIDs.count > $1.diffIDs.count })
    }

    static let root = FilePath(#filePath).removingLastComponent().removingLastComponent()

    /// The folders of `Bases/`.
    static var folders: [FilePath] {
        get throws {
            let bases = root.appending("Bases")
            return try Directory(opening: bases).entries().filter { $0.kind == .directory }.map { bases.appending($0.name) }
                .sorted { $0.string < $1.string }
        }
    }

    /// What an image was built on.
    func base(of image: ImageListing) -> Base? {
        bases.first { image.diffIDs.starts(with: $0.diffIDs) }
    }

    /// The blob with this digest, `sha256:…`.
    static func blob(_ digest: String, in store: String) throws -> [UInt8] {
        let hex = digest.dropFirst("sha256:".count).prefix { $0.isHexDigit }
        return try File(opening: FilePath(store).appending("blobs/sha256/\(hex)")).readAll()
    }

    static func text(_ path: FilePath) throws -> String { String(decoding: try File(opening: path).readAll(), as: UTF8.self) }

    private static let script = #"""
        set -e; cd "$1"; export JETTISON_ROOT="$2" JETTISON_OFFLINE=1; program=$3; root=$4
        build() {
            "$program" build --progress plain --iidfile iid -o type=local,dest=out -o type=image "$@" 2>log || { cat log >&2; exit 1; }
        }
        make() {
            [ ! -d "$1" ] || return 0
            for below in $(sed -n 's/^FROM base:\([a-z]*\).*/\1/p' "$root/Bases/$1/Dockerfile"); do make "$below"; done
            mkdir -p "$1/context"; cd "$1"; cp -a "$root/Bases/$1/." .
            chmod -R u=rwX,go=rX context
            [ ! -f setup ] || (cd context && sh -e ../setup)
            build -t "base:$1" -f Dockerfile context
            cd ..
        }
        mkdir test; cd test; echo FROM base:test > Dockerfile; build .; cd ..
        """#
}
