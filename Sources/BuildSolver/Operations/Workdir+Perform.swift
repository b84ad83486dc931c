import BuildPlan
import Execution
package import HostSystem
import SystemPackage

/// Makes a WORKDIR that is not there yet.
package struct WorkdirPerformance {
    let operation: WorkdirOperation
    let root: Directory
    let epoch: Int64?

    /// Makes a working directory that a config names and no layer has.
    package static func ensure(_ path: String, in root: Directory) throws {
        try WorkdirPerformance(operation: WorkdirOperation(path: path, owner: ""), root: root, epoch: nil).run()
    }

    func run() throws {
        let owner = operation.owner.isEmpty ? nil : try CopyOwner.named(operation.owner, in: root)
        var making = DirectoryMaking(root: root, mode: 0o755, owner: owner, time: epoch.map { Timestamp(seconds: $0) })
        _ = try making.make(FilePath(operation.path))
        try making.restoreTimes()
    }
}
