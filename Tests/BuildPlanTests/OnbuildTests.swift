import BuildPlan
import Diagnostics
import OCI
import Testing

/// ONBUILD triggers, of images and of stages in the same file.
struct OnbuildTests {
    private static func base(_ triggers: [String]) -> ContainerConfig {
        var config = ContainerConfig()
        config.onBuild = triggers
        return config
    }

    @Test func runBeforeTheStagesOwnInstructions() throws {
        let planned = try Planned("FROM b\nRUN own", bases: ["b": Self.base(["RUN one", "RUN two"])])
        #expect(planned.commands == ["one", "two", "own"])
        #expect(planned.config.onBuild == nil)
    }

    @Test func areNotInheritedTwice() throws {
        let planned = try Planned("FROM b AS p\nFROM p\nRUN own", bases: ["b": Self.base(["RUN one"])])
        #expect(planned.commands == ["one", "own"])
    }

    @Test func ofAStageRunInItsChildren() throws {
        let text = "FROM b AS p\nONBUILD RUN hook $A\nONBUILD ENV E=1\nRUN p\nFROM p\nRUN child\nFROM p\nRUN other"
        let planned = try Planned(text)
        #expect(planned.commands == ["p", "hook $A", "other"])
        #expect(planned.config.env?.contains("E=1") == true)
        #expect(planned.config.onBuild == nil)
        #expect(try Planned("FROM b\nONBUILD RUN x\nONBUILD COPY a b").config.onBuild == ["RUN x", "COPY a b"])
    }

    @Test func mayCopyFromStagesNobodyElseNeeds() throws {
        let planned = try Planned(
            "FROM tools AS assets\nRUN assets\nFROM b", bases: ["b": Self.base(["COPY --from=assets /a /b"])])
        #expect(planned.commands == ["assets"])
        let unneeded = planned.build.steps.filter { !$0.isNeeded }
        #expect(unneeded.isEmpty)
    }

    @Test func mayCopyFromFurtherImages() throws {
        let planned = try Planned(
            "FROM b", bases: ["b": Self.base(["COPY --from=c /a /b"]), "c": Self.base(["RUN never"])])
        #expect(planned.commands.isEmpty)
        #expect(planned.history == ["COPY --from=c /a /b"])
    }

    @Test func keepTheirHeredocs() throws {
        let config = try Planned("FROM b\nONBUILD RUN <<E\necho a\nE").config
        #expect(config.onBuild == ["RUN <<E\necho a\nE"])
        let child = try Planned("FROM b\nRUN own", bases: ["b": config])
        #expect(child.commands == ["echo a\n", "own"])
    }

    @Test(arguments: ["", "FROM x", "ONBUILD RUN x", "RUN a\nRUN b", "NOPE x", "COPY x", "RUN <<E\nnever closed", "# only a comment"])
    func aBaseMayHoldNonsense(_ trigger: String) {
        let error = #expect(throws: DiagnosticsError.self) { try Planned("FROM b", bases: ["b": Self.base([trigger])]) }
        #expect(error?.diagnostics.isEmpty == false)
    }
}
