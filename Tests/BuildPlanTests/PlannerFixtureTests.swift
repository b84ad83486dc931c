#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import BuildPlan
import Diagnostics
import DockerfileSyntax
import OCI
import TestSupport
import Testing

/// A folder is a case: a Dockerfile, perhaps options and a base config, and the plan it gives.
struct PlannerFixtureTests {
    @Test(arguments: try Fixture.all("plans", beside: #filePath))
    func plan(_ fixture: Fixture) throws {
        let file = SourceFile(name: "Dockerfile", text: try fixture.text(of: "Dockerfile"))
        let parsed = DockerfileParser.parse(file)
        #expect(!parsed.hasErrors, "\(parsed.diagnostics.map(\.message))")
        var options = PlanOptions(platform: Platform(os: "linux", architecture: "amd64"))
        if let text = try? fixture.text(of: "options") {
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
                if parts[0] == "target" { options.target = parts[1] }
                if parts[0].hasPrefix("arg:") { options.buildArguments.append((String(parts[0].dropFirst(4)), parts[1])) }
            }
        }
        var outline = try Planner.outline(parsed.value, options: options)
        var bases: [ImageNeed.Key: PinnedBase] = [:]
        while case let missing = outline.imagesNeeded.filter({ bases[$0.key] == nil }), !missing.isEmpty {
            for need in missing { bases[need.key] = try base(for: need, fixture) }
            outline = try Planner.outline(parsed.value, options: options, bases: bases)
        }
        let plan = try Planner.plan(outline, bases: bases, options: options)
        let warnings = plan.warnings.map { "\($0.severity) \($0.code) \($0.message)\n" }.joined()
        try fixture.expect(plan.dump + warnings, matches: "plan.golden")
    }

    private func base(for need: ImageNeed, _ fixture: Fixture) throws -> PinnedBase {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        let digest = Digest.sha256(of: need.reference.description)
        config.rootfs = .init(diffIDs: [DiffID(digest)])
        config.config = ContainerConfig()
        config.config?.env = ["PATH=/usr/bin"]
        config.config?.cmd = ["bash"]
        if let text = try? fixture.text(of: "base.json") {
            config.config = try JSONDecoder().decode(ContainerConfig.self, from: Data(text.utf8))
        }
        let layer = Descriptor(mediaType: .layerGzip, digest: digest, size: 1)
        return PinnedBase(
            reference: need.reference, manifest: Descriptor(mediaType: .manifest, digest: digest, size: 1),
            config: config, layers: [layer])
    }
}
