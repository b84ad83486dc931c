import BuildContext
import BuildPlan
import ContentStorage
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
        var options = PlanOptions(platform: request.platforms.first ?? .host)
        options.buildPlatform = .host
        options.target = request.target
        options.buildArguments = request.buildArguments
        options.contexts = try request.namedContexts.map { try $0.planned() }
        let parsed = DockerfileParser.parse(source.dockerfile, checks: options.value(of: .checks))
        let name = source.dockerfile.name
        var said = source.diagnostics + parsed.diagnostics
        guard !parsed.hasErrors else { return (name, said) }
        let outline: Outline
        do { outline = try Planner.outline(parsed.value, options: options) } catch {
            return (name, said + error.diagnostics)
        }
        do { try checkBaseNames(outline) } catch { said += error.diagnostics }
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
        return (name, parsed.value.checks.apply(said))
    }

    /// A FROM whose name is nearly that of a stage above, when no image of the name is in the store: said before anybody
    /// is asked for such an image.
    func checkBaseNames(_ outline: Outline) throws(DiagnosticsError) {
        var problems: [Diagnostic] = []
        for stage in outline.stages where stage.isNeeded {
            guard case .image(let need) = stage.origin, !stage.baseName.contains(where: { "/:.@".contains($0) }),
                (try? environment.images.resolve(need.reference.description)) == nil
            else { continue }
            let above = outline.stages.prefix(stage.stage.index).compactMap(\.stage.name)
            let name = stage.baseName
            // `node` is an image though a stage is called `node-modules`.
            guard let near = Suggestion.nearest(to: name, among: above), !near.lowercased().hasPrefix(name.lowercased()),
                let label = outline.stages.last(where: { $0.stage.name == near })?.stage.from.stageName
            else { continue }
            problems.append(
                Diagnostic(
                    .error, "stage-not-found", "no stage named \"\(name)\" before this instruction, and no image of that name is here",
                    at: need.range, "unknown stage", also: [Diagnostic.Label(label.range, "a stage with a similar name")],
                    help: "did you mean \"\(near)\"? For an image, write its tag too: \(name):latest",
                    fix: need.range.text == name ? [Diagnostic.TextEdit(need.range, near)] : []))
        }
        guard problems.isEmpty else { throw DiagnosticsError(problems) }
    }

    /// What a check says, whether it throws it or not. That an image is not here keeps the plan from being made, and is
    /// the build's to say.
    private func collecting(_ check: () async throws -> [Diagnostic]) async throws -> [Diagnostic] {
        do { return try await check() } catch let error as DiagnosticsError {
            return error.diagnostics.filter { $0.code != "base-not-resolved" }
        }
    }
}
