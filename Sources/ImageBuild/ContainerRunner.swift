import BuildSolver
import ContentStorage
package import Execution
import HostSystem
import OCI
import Snapshots

/// Runs an image from the store in the foreground: the quickest proof that it starts.
package struct ContainerRunner: Sendable {
    /// What the command line adds to the image's config.
    package struct Request: Sendable {
        package var image: String
        package var arguments: [String] = []
        /// Replaces ENTRYPOINT; an empty string clears it.
        package var entrypoint: String?
        /// `K=V`.
        package var environment: [String] = []
        package var user: String?
        package var workingDirectory: String?
        package var mounts: [ContainerProcess.Mount] = []
        package var readOnlyRoot = false
        package var addInit = false
        package var network: ContainerProcess.Network = .host
        package var extraHosts: [String] = []
        package var memoryLimitBytes: Int64?
        package init(image: String) { self.image = image }
    }

    let environment: BuildEnvironment

    package init(environment: BuildEnvironment) { self.environment = environment }

    /// Runs to the end. What the container wrote is dropped with it.
    package func run(_ request: Request) async throws -> ProcessExit {
        let snapshotter = try environment.snapshotter()
        try environment.recover(snapshotter)
        let lease = try Lease(root: environment.root)
        defer { withExtendedLifetime(lease) {} }
        let image = try environment.images.resolve(request.image)
        let base = UnpackedImage(
            reference: request.image, layers: image.manifest.value.layers,
            diffIDs: image.config.value.rootfs.diffIDs)
        let parent = try await base.unpack(snapshotter: snapshotter, blobs: environment.content)
        let process = try process(for: request, config: image.config.value.config ?? ContainerConfig())
        let runtime = environment.runtime()
        defer { runtime.close() }
        let writable = try await BlockingPool.run { try snapshotter.prepare(on: parent) }
        do {
            let exit = try await runtime.run(process, in: writable.root) { _ in }
            try await BlockingPool.run { try snapshotter.discard(writable) }
            return exit
        } catch {
            try? await BlockingPool.run { try snapshotter.discard(writable) }
            throw error
        }
    }

    private func process(for request: Request, config: ContainerConfig) throws -> ContainerProcess {
        var entrypoint = config.entrypoint ?? []
        var command = config.cmd ?? []
        if let replacement = request.entrypoint {
            entrypoint = replacement.isEmpty ? [] : [replacement]
            command = []
        }
        if !request.arguments.isEmpty { command = request.arguments }
        guard !(entrypoint + command).isEmpty else { throw NothingToRun(image: request.image) }
        var environment = config.env ?? []
        for entry in request.environment {
            let name = entry.prefix { $0 != "=" } + "="
            environment.removeAll { $0.hasPrefix(name) }
            environment.append(entry)
        }
        if !environment.contains(where: { $0.hasPrefix("PATH=") }) {
            environment.append("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        }
        let directory = request.workingDirectory ?? config.workingDir ?? "/"
        var process = ContainerProcess(
            arguments: entrypoint + command, environment: environment,
            workingDirectory: directory.isEmpty ? "/" : directory, user: request.user ?? config.user ?? "",
            network: request.network)
        process.mounts = request.mounts
        process.extraHosts = request.extraHosts
        if process.workingDirectory != "/" {
            let path = process.workingDirectory
            process.prepare = { root in try WorkdirPerformance.ensure(path, in: root) }
        }
        process.readOnlyRoot = request.readOnlyRoot
        process.addInit = request.addInit
        process.streams = .inherited
        process.hostname = "jettison"
        process.memoryLimitBytes = request.memoryLimitBytes
        return process
    }
}

/// An image without ENTRYPOINT and CMD, and no arguments given.
package struct NothingToRun: Error, CustomStringConvertible {
    let image: String
    package var description: String {
        "\(image) has neither ENTRYPOINT nor CMD: give a command, for example jettison run \(image) /bin/sh"
    }
}
