#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif
import BuildPlan
import Diagnostics
import HostSystem
package import Snapshots
package import SystemPackage

/// A RUN that failed, with its file system as it was then: what `jettison debug` enters.
package struct KeptFailure: Codable, Sendable {
    package var id: String
    /// The build it belongs to: context and Dockerfile.
    package var scope: String
    package var title: String
    package var file: String?
    package var line: Int?
    /// As a shell has it.
    package var exitCode: Int32
    /// Seconds since 1970.
    package var created: Int64
    package var snapshot: SnapshotID
    /// The process as the step had it. Proxy settings, which may hold passwords, are left out; secrets were never in it.
    package var arguments: [String]
    package var environment: [String]
    package var workingDirectory: String
    package var user: String
    package var hasNetwork: Bool
}

/// The last failures of a store: a file each, and their snapshots. A handful, so that failing costs no disk for long.
package struct KeptFailures: Sendable {
    /// More are not kept; the oldest go.
    package static let most = 3

    private let directory: FilePath
    private let snapshotter: any Snapshotter
    private let scope: String

    package init(directory: FilePath, snapshotter: any Snapshotter, scope: String = "") {
        self.directory = directory
        self.snapshotter = snapshotter
        self.scope = scope
    }

    /// The last first.
    package func all() -> [KeptFailure] {
        guard let folder = try? Directory(opening: directory), let entries = try? folder.entries() else { return [] }
        let found = entries.compactMap { entry -> KeptFailure? in
            guard entry.name.string.hasSuffix(".json"),
                let bytes = try? folder.readFile(at: FilePath(root: nil, [entry.name]), limit: 4 << 20),
                let failure = try? JSONDecoder().decode(KeptFailure.self, from: Data(bytes)),
                snapshotter.contains(failure.snapshot)
            else { return nil }
            return failure
        }
        return found.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
    }

    /// Takes the snapshot of a failed step over. Returns the name under which it is kept.
    func keep(
        _ writable: WritableSnapshot, of node: Node, _ operation: RunOperation, exitCode: Int32, now: Int64
    ) throws -> String {
        let folder = try Directory.making(directory)
        let snapshot = SnapshotID.random()
        let id = String(UInt32.random(in: 0x1000...0xFFFF), radix: 16)
        let failure = KeptFailure(
            id: id, scope: scope, title: node.title, file: node.origin?.file.name, line: node.origin?.line,
            exitCode: exitCode, created: now, snapshot: snapshot, arguments: operation.arguments,
            environment: operation.environment, workingDirectory: operation.workingDirectory, user: operation.user,
            hasNetwork: operation.network != "none")
        try snapshotter.commit(writable, as: snapshot)
        do {
            try folder.writeFile([UInt8](try JSONEncoder().encode(failure)), at: FilePath(id + ".json"), mode: 0o600)
        } catch {
            try? snapshotter.remove(snapshot)
            throw error
        }
        // An earlier failure of the same step is of no use any more.
        for old in all() where old.id != id && isSame(old, node) { remove(old) }
        for old in all().dropFirst(Self.most) where old.id != id { remove(old) }
        return id
    }

    /// The step succeeded: what was kept of its failure goes.
    func forget(_ node: Node) {
        guard (try? FileMetadata(at: directory)) != nil else { return }
        for old in all() where isSame(old, node) { remove(old) }
    }

    /// The same instruction of the same build; one that was edited in its place is the same too.
    private func isSame(_ failure: KeptFailure, _ node: Node) -> Bool {
        failure.scope == scope
            && (failure.title == node.title || failure.line != nil && failure.line == node.origin?.line)
    }

    /// One whose snapshot somebody is in stays; it is tried again with the next failure.
    package func remove(_ failure: KeptFailure) {
        do { try snapshotter.remove(failure.snapshot) } catch { return }
        try? Directory(opening: directory).remove(FilePath(failure.id + ".json"))
    }
}
