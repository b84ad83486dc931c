import HostSystem
import Snapshots
import SystemPackage
import Testing

/// What every snapshotter promises. `make` gives an instance over a directory; two of them over the same directory
/// stand for two processes.
struct SnapshotterContract: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable (FilePath) -> any Snapshotter

    static let copying = SnapshotterContract(testDescription: "copying") { CopyingSnapshotter(directory: $0) }
    static let overlay = SnapshotterContract(testDescription: "overlay") { OverlaySnapshotter(directory: $0) }

    /// Those that work on this host. What is left out is said by `SnapshotterContractTests.overlayIsCovered`.
    static let usable: [SnapshotterContract] = {
        guard let trial = try? TemporaryDirectory(), OverlaySnapshotter.isUsable(in: trial.path.appending("s")) else {
            return [copying]
        }
        return [copying, overlay]
    }()
}

extension SnapshotID {
    init(_ name: String) throws { self = try #require(SnapshotID(name: name)) }
}

extension Snapshotter {
    /// Prepares on `parent`, lets `body` write, commits as `name`.
    @discardableResult
    func make(_ name: String, on parent: String? = nil, _ body: (Directory) throws -> Void) throws -> SnapshotID {
        let id = try SnapshotID(name)
        let snapshot = try prepare(on: parent.map { try SnapshotID($0) })
        try body(snapshot.root.open())
        try commit(snapshot, as: id)
        return id
    }

    func open(_ name: String) throws -> Directory { try root(of: SnapshotID(name)).open() }
}
