import BuildPlan
import OCI
import PathPatterns
import Testing

@testable import BuildSolver

struct CacheKeyTests {
    private let run = RunOperation(
        arguments: ["/bin/sh", "-c", "make"], environment: ["A=1"], workingDirectory: "/src", user: "", network: "host")
    private let copy = CopyOperation(
        selection: FileSelection(sources: ["a"]), destination: "/a", destinationIsDirectory: false)
    private let platform = Platform(os: "linux", architecture: "amd64")

    private func key(_ operation: BuildOperation, _ inputs: [InputIdentity] = [.scratch]) -> CacheKey {
        CacheKey(operation: operation, inputs: inputs, platform: platform)
    }

    struct Change: Sendable {
        var name: String
        var apply: @Sendable (inout RunOperation) -> Void
    }

    @Test(arguments: [
        Change(name: "arguments") { $0.arguments[2] = "make all" },
        Change(name: "argument boundaries") { $0.arguments = ["/bin/sh", "-cmake"] },
        Change(name: "environment") { $0.environment = ["A=2"] },
        Change(name: "environment order") { $0.environment = ["B=1", "A=1"] },
        Change(name: "working directory") { $0.workingDirectory = "/" },
        Change(name: "user") { $0.user = "app" },
        Change(name: "network") { $0.network = "none" },
    ])
    func everyPartOfARunMatters(_ change: Change) {
        var changed = run
        change.apply(&changed)
        #expect(key(.run(run)) != key(.run(changed)), "\(change.name)")
    }

    @Test func proxiesDoNotMatter() {
        var changed = run
        changed.unkeyedEnvironment = ["HTTP_PROXY=http://proxy"]
        #expect(key(.run(run)).digest == key(.run(changed)).digest)
    }

    @Test func inputsMatter() {
        let digest = Digest.sha256(of: "x")
        let identities: [InputIdentity] = [.scratch, .derived(digest), .base(ChainID(digest)), .files(digest)]
        let keys = Set(identities.map { key(.run(run), [$0]).digest })
        #expect(keys.count == identities.count)
    }

    @Test func aCopyDependsOnWhereOwnerAndMode() {
        var variants = [copy]
        for change: (inout CopyOperation) -> Void in [
            { $0.destination = "/b" }, { $0.destinationIsDirectory = true }, { $0.owner = "1:1" }, { $0.mode = FileModeChange(0o755) },
            { $0.unpacksArchives = true }, { $0.selection = FileSelection(sources: ["a"], excludes: ["x"]) },
            { $0.selection = FileSelection(sources: ["b"]) },
            { $0.inlineFiles = [.init(name: "f", content: "1")] }, { $0.inlineFiles = [.init(name: "f", content: "2")] },
        ] {
            var variant = copy
            change(&variant)
            variants.append(variant)
        }
        #expect(Set(variants.map { key(.copy($0)).digest }).count == variants.count)
    }

    @Test func copiesDoNotDependOnThePlatformAndRunsDo() {
        let other = Platform(os: "linux", architecture: "arm64")
        let files: [InputIdentity] = [.scratch, .files(.sha256(of: "x"))]
        #expect(
            CacheKey(operation: .copy(copy), inputs: files, platform: platform).digest
                == CacheKey(operation: .copy(copy), inputs: files, platform: other).digest)
        #expect(
            CacheKey(operation: .run(run), inputs: [.scratch], platform: platform).digest
                != CacheKey(operation: .run(run), inputs: [.scratch], platform: other).digest)
    }

    /// Changing how keys are made empties every cache: this fails so that it is done on purpose, with the version.
    @Test func theFormatIsStable() {
        #expect(
            key(.run(run)).digest.description
                == "sha256:84a255fccbb9fddea29c02a85e29b7fda7c058353f775b4390bbabee9d9148d2")
        #expect(CacheKey.formatVersion == "2")
    }
}
