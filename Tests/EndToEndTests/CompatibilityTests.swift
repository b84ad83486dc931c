import FoundationEssentials
import HostSystem
import TestSupport
import Testing

/// The same folders built by buildah: it has to fail where we do, and its tree and config have to be those that the case
/// expects of us. A case whose file `buildah` says why it does not agree must really not agree, or the file is out of date.
@Suite(
    .enabled(if: Needs.containers, "builds need root and overlay mounts"),
    .enabled(if: Needs.program("buildah"), "buildah is not installed: scripts/setup.sh --test"))
struct CompatibilityTests {
    @Test(arguments: try Case.chosen().filter { try $0.makesAnImage })
    func agrees(_ test: Case) async throws {
        let store = try await CaseStore.shared.value
        let reason = try test.line(of: "buildah")
        let hangs = reason?.hasPrefix("hangs: ") ?? false
        let differences = try await Gate.builds.run {
            let workspace = try TemporaryDirectory(prefix: "jettison-peer-case-")
            let theirs = try await Peer.build(test, in: workspace, store: store, seconds: hangs ? 10 : 300)
            #expect((theirs.exit == Peer.hung) == hangs, "\(test.name): it ends, or it does not")
            return try Self.differences(test, theirs)
        }
        guard let reason else {
            if !differences.isEmpty { Issue.record("\(test.name): buildah does not agree\n\(differences)") }
            return
        }
        #expect(
            ["unsupported: ", "differs: ", "hangs: "].contains { reason.hasPrefix($0) && reason.count > $0.count + 10 },
            "\(test.name)/buildah says \"unsupported: why\", \"differs: why the peer is wrong\" or \"hangs: why\"")
        #expect(!differences.isEmpty, "\(test.name): buildah agrees, though the file says \(reason)")
    }

    private static func differences(_ test: Case, _ theirs: Peer.Outcome) throws -> String {
        guard theirs.exit != 97 else { return "the case's preparation fails there: \(theirs.standardError)" }
        let expected = try test.expectedExit
        guard (expected == 0) == (theirs.exit == 0) else {
            return "exit code \(theirs.exit) where \(expected) is expected: \(theirs.standardError)"
        }
        guard expected == 0 else { return "" }
        var found = ""
        if let tree = try test.text(of: "expected.tree"), let other = theirs.tree, tree != other {
            found += "tree " + Fixture.difference(tree, other) + "\n"
        }
        if let config = try test.text(of: "expected.config.json"), let other = theirs.config {
            guard case .object(let members) = try JSONDecoder().decode(JSONValue.self, from: Data(config.utf8)) else {
                throw FixtureError(description: "\(test.name)/expected.config.json is no object")
            }
            let ours = ImageListing.comparable(members)
            if ours != other { found += "config " + Fixture.difference(ours, other) + "\n" }
        }
        return found
    }
}
