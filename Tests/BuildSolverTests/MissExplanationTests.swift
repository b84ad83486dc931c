import BuildPlan
import OCI
import Snapshots
import Testing

@testable import BuildSolver

struct MissExplanationTests {
    private func key(_ run: RunOperation, _ input: InputIdentity = .scratch) -> CacheKey {
        CacheKey(operation: .run(run), inputs: [input], platform: Platform(os: "linux", architecture: "amd64"))
    }
    private func run(_ script: String = "make", environment: [String] = ["V=1"]) -> RunOperation {
        RunOperation(
            arguments: ["/bin/sh", "-c", script], environment: environment, workingDirectory: "/", user: "",
            network: "host")
    }
    private func record(_ key: CacheKey) -> CacheRecord {
        CacheRecord(
            key: key, title: "RUN make", result: .random(), parent: nil,
            outcome: .init(created: 0, seconds: 1, bytes: 0, isEmpty: false))
    }

    @Test func saysWhatChanged() {
        let old = record(key(run()))
        func reason(_ new: CacheKey) -> String { MissExplanation(key: new, latest: old).reason }
        #expect(MissExplanation(key: key(run()), latest: nil).reason == "first build of this step")
        #expect(reason(key(run())) == "the step below it ran again")
        #expect(reason(key(run("make all"))) == "argument changed")
        #expect(reason(key(run(environment: ["V=2"]))) == "V changed: 1 → 2")
        #expect(reason(key(run(environment: ["V=1", "W=1"]))) == "W is new")
        #expect(reason(key(run(environment: []))) == "V is gone")
        #expect(reason(key(run(), .base(ChainID(.sha256(of: "b"))))) == "the base image moved")
        #expect(reason(key(run(), .derived(.sha256(of: "b")))) == "the base image moved")
    }

    @Test func aParentThatChangedIsNamed() {
        let old = record(key(run(), .derived(.sha256(of: "a"))))
        let reason = MissExplanation(key: key(run(), .derived(.sha256(of: "b"))), latest: old).reason
        #expect(reason == "the step below it changed")
    }
}
