import BuildContext
import BuildPlan
import BuildSolver
import ContentStorage
import Diagnostics
import DockerfileSyntax
import HostSystem
import OCI
import Snapshots
import SystemPackage

extension DebugSession {
    /// Finds what a word means: a kept failure by id or line, a line or stage of the Dockerfile, an image.
    func entry(for request: Request, _ snapshotter: any Snapshotter) async throws -> Entry {
        let kept = environment.failures(snapshotter).all()
        guard let word = request.target else {
            guard let last = kept.first else {
                throw NothingToEnter(
                    message: "no failed step is kept", help: "name a stage, a line of the Dockerfile or an image to enter")
            }
            return Entry(last)
        }
        if let failure = kept.first(where: { $0.id == word }) { return Entry(failure) }
        if let line = Int(word), line > 0 {
            let scope = KeptFailures.scope(of: request.build)
            let there = kept.filter { $0.line == line }
            if let failure = there.first(where: { $0.scope == scope }) { return Entry(failure) }
            do { return try await built(request.build, line: line, snapshotter) } catch {
                if let failure = there.first { return Entry(failure) }
                throw error
            }
        }
        return try await named(word, request.build, snapshotter)
    }

    private func named(_ word: String, _ build: BuildRequest, _ snapshotter: any Snapshotter) async throws -> Entry {
        let file = try? await ImageBuilder(environment: environment).context(of: build)
        let stages = file.map { DockerfileParser.parse($0.dockerfile).value.stages } ?? []
        if let stage = stages.last(where: { ($0.name ?? String($0.index)).lowercased() == word.lowercased() }) {
            return try await built(build, stage: stage, snapshotter)
        }
        do {
            let image = try environment.images.resolve(word)
            return try await entered(image, as: word, snapshotter)
        } catch let error as StorageError {
            guard error.code == .imageNotFound else { throw error }
            let names = stages.compactMap(\.name)
            let known = names + error.known
            throw NothingToEnter(
                message: "\"\(word)\" is neither a stage of the Dockerfile nor an image",
                notes: known.isEmpty ? [] : ["there are: " + known.prefix(12).joined(separator: ", ")],
                help: Suggestion.question(for: word, among: known) ?? "\"jettison debug --list\" shows the failures that are kept")
        }
    }

    private func entered(_ image: StoredImage, as name: String, _ snapshotter: any Snapshotter) async throws -> Entry {
        let config = image.config.value.config ?? ContainerConfig()
        let base = UnpackedImage(
            reference: name, layers: image.manifest.value.layers, diffIDs: image.config.value.rootfs.diffIDs)
        let snapshot = try await base.unpack(snapshotter: snapshotter, blobs: environment.content)
        return Entry(
            title: "image \(name)", snapshot: snapshot, environment: Self.withPath(config.env ?? []),
            workingDirectory: config.workingDir.flatMap { $0.isEmpty ? nil : $0 } ?? "/", user: config.user ?? "")
    }

    private static func withPath(_ environment: [String]) -> [String] {
        environment.contains { $0.hasPrefix("PATH=") }
            ? environment : environment + ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
    }

    // MARK: what was built

    private func built(_ build: BuildRequest, line: Int, _ snapshotter: any Snapshotter) async throws -> Entry {
        let known = try await ImageBuilder(environment: environment).known(build, target: nil)
        let steps = known.plan.steps.filter { step in
            guard let origin = step.origin, origin.file === known.outline.dockerfile.file else { return false }
            return origin.line <= line && step.node != nil
        }
        guard let step = steps.last, let node = step.node else {
            throw NothingToEnter(message: "no step stands at or above line \(line)", help: "name a line below the first FROM")
        }
        let stage = known.outline.stages[step.stageIndex].stage
        return try await entry(at: node, line: step.origin?.line, of: stage, build, known, snapshotter)
    }

    private func built(_ build: BuildRequest, stage: Stage, _ snapshotter: any Snapshotter) async throws -> Entry {
        let known = try await ImageBuilder(environment: environment).known(build, target: stage.index)
        return try await entry(at: known.plan.image.node, line: nil, of: stage, build, known, snapshotter)
    }

    private func entry(
        at node: Node.ID?, line: Int?, of stage: Stage, _ build: BuildRequest, _ known: ImageBuilder.Known,
        _ snapshotter: any Snapshotter
    ) async throws -> Entry {
        let name = stage.name ?? String(stage.index)
        let place = line.map { "line \($0)" } ?? "stage \"\(name)\""
        var snapshot: SnapshotID?
        if let node {
            if case .base(let base) = known.plan.graph[node].operation {
                let image = UnpackedImage(
                    reference: base.reference.familiar, layers: base.layers, diffIDs: base.diffIDs)
                snapshot = try await image.unpack(snapshotter: snapshotter, blobs: environment.content)
            } else {
                guard let found = known.results[node]?.snapshot, snapshotter.contains(found) else {
                    throw NothingToEnter(
                        message: "\(place) is not built as it is written now",
                        help: line == nil ? "build it first: jettison build --target \(name) ." : "build it first, or name a line above")
                }
                snapshot = found
            }
        }
        let config = try await ImageBuilder(environment: environment).known(build, target: stage.index).plan.image.config
        var entry = Entry(
            title: "\(known.outline.dockerfile.file.name), \(place)", snapshot: snapshot,
            environment: Self.withPath(config.env ?? []),
            workingDirectory: config.workingDir.flatMap { $0.isEmpty ? nil : $0 } ?? "/", user: config.user ?? "")
        // A RUN knows what was in force where it stands.
        if line != nil, let node, case .run(let run) = known.plan.graph[node].operation {
            entry.environment = run.environment
            entry.workingDirectory = run.workingDirectory
            entry.user = run.user
        }
        return entry
    }
}

extension DebugSession.Entry {
    init(_ failure: KeptFailure) {
        let place = failure.line.map { "\(failure.file ?? "Dockerfile"):\($0), " } ?? ""
        self.init(
            title: "\(place)\(failure.title.prefix(80)) (exit code \(failure.exitCode))", snapshot: failure.snapshot,
            environment: failure.environment, workingDirectory: failure.workingDirectory, user: failure.user)
        hasNetwork = failure.hasNetwork
    }
}
