import BuildContext
import BuildPlan
package import Diagnostics
import DockerfileSyntax
import HostSystem
import OCI
import PathPatterns

extension ImageBuilder {
    /// Everything there is to say about a Dockerfile, its ignore file and its context, without building: what
    /// `build --check` shows. Images that are not in the store are no error here, nothing is fetched.
    package func check(_ request: BuildRequest) async throws -> (file: String, diagnostics: [Diagnostic]) {
        let source = try await context(of: request)
        let parsed = DockerfileParser.parse(source.dockerfile)
        let name = source.dockerfile.name
        var said = source.diagnostics + parsed.diagnostics
        guard !parsed.hasErrors else { return (name, said) }
        var options = PlanOptions(platform: request.platforms.first ?? .host)
        options.buildPlatform = .host
        options.target = request.target
        options.buildArguments = request.buildArguments
        let outline: Outline
        do { outline = try Planner.outline(parsed.value, options: options) } catch {
            return (name, said + error.diagnostics)
        }
        said += UnusedArguments.warnings(request.buildArguments, in: parsed.value)
        said += try await collecting { try await checkSources(outline, source, request, options, warnings: []) }
        said += try await collecting {
            guard let snapshotter = try? environment.snapshotter() else { return [] }
            let known = try await known(outline, source, request, options, snapshotter)
            let rest = try await checkPlannedSources(known.plan, outline, source, request, options, warnings: [])
            return known.plan.warnings + rest
        }
        let errors = Set(said.filter { $0.severity == .error }.compactMap(\.primary?.range))
        said.removeAll { $0.code == "lost-from" && $0.primary.map { errors.contains($0.range) } ?? false }
        let tree = source.tree
        if tree.ignore?.rules.isEmpty == false {
            said += try await BlockingPool.run { try ContextListing(of: tree).audit.topOnlyDiagnostics }
        }
        return (name, said)
    }

    /// What a check says, whether it throws it or not. That an image is not here keeps the plan from being made, and is
    /// the build's to say.
    private func collecting(_ check: () async throws -> [Diagnostic]) async throws -> [Diagnostic] {
        do { return try await check() } catch let error as DiagnosticsError {
            return error.diagnostics.filter { $0.code != "base-not-resolved" }
        }
    }
}
