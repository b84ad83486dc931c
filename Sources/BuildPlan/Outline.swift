package import Diagnostics
package import DockerfileSyntax
import OCI

/// Which stages the target needs and which images those need; nothing of the stages' insides is expanded yet.
package struct Outline: Sendable {
    /// Where a stage or a COPY --from gets its files.
    package enum Origin: Sendable, Hashable {
        case scratch
        case stage(Int)
        case image(ImageNeed)
    }

    package struct StageOutline: Sendable {
        package var stage: Stage
        /// The name as written, or the index.
        package var displayName: String
        package var origin: Origin
        /// The base as written, expanded.
        package var baseName: String
        package var isNeeded: Bool
        /// COPY --from of this stage, by the instruction's position in it.
        package var copyOrigins: [Int: Origin]
        /// `from=` of the mounts of a RUN of this stage, by the instruction's position and the mount's in it.
        package var mountOrigins: [Int: [Int: Origin]] = [:]

        /// Everything this stage takes files from, in file order.
        var lenders: [Origin] {
            var all = copyOrigins.map { (($0.key, 0), $0.value) }
            for (position, origins) in mountOrigins { all += origins.map { ((position, $0.key), $0.value) } }
            return [origin] + all.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    package var dockerfile: Dockerfile
    package var stages: [StageOutline]
    package var target: Int
    /// Build arguments, with the global ARGs declared.
    var arguments: ArgumentScope

    /// The images the needed stages refer to, each once, in file order.
    package var imagesNeeded: [ImageNeed] {
        var seen = Set<ImageNeed.Key>()
        var needs: [ImageNeed] = []
        func add(_ origin: Origin) {
            if case .image(let need) = origin, seen.insert(need.key).inserted { needs.append(need) }
        }
        for stage in stages where stage.isNeeded {
            stage.lenders.forEach(add)
        }
        return needs
    }

    /// Whether anything needed reads the build context.
    package var needsContext: Bool {
        stages.contains { outline in
            outline.isNeeded
                && outline.stage.instructions.enumerated().contains { index, instruction in
                    switch instruction {
                    case .add: true
                    case .copy: outline.copyOrigins[index] == nil
                    case .run(let run): run.mounts.contains { ($0.kind ?? .bind) == .bind && $0.from == nil }
                    default: false
                    }
                }
        }
    }
}

extension Planner {
    /// Finds the target, the stages it needs, and the images those start from or copy from.
    package static func outline(_ dockerfile: Dockerfile, options: PlanOptions) throws(DiagnosticsError) -> Outline {
        guard !dockerfile.stages.isEmpty else {
            throw DiagnosticsError(
                Diagnostic(.error, "no-stage", "the Dockerfile has no FROM instruction",
                    at: SourceRange(file: dockerfile.file, bytes: 0..<0),
                    help: "start with \"FROM image\" or \"FROM scratch\""))
        }
        var builder = OutlineBuilder(dockerfile: dockerfile, options: options)
        return try builder.build()
    }
}

private struct OutlineBuilder {
    let dockerfile: Dockerfile
    let options: PlanOptions
    var arguments: ArgumentScope
    var stages: [Outline.StageOutline] = []
    var problems: [Diagnostic] = []

    init(dockerfile: Dockerfile, options: PlanOptions) {
        self.dockerfile = dockerfile
        self.options = options
        arguments = ArgumentScope(options: options)
    }

    mutating func build() throws(DiagnosticsError) -> Outline {
        for declaration in dockerfile.globalArguments { arguments.declareGlobal(declaration, problems: &problems) }
        for stage in dockerfile.stages { stages.append(outline(of: stage)) }
        let target = findTarget()
        if let target { markNeeded(target) }
        guard problems.isEmpty, let target else { throw DiagnosticsError(problems) }
        return Outline(dockerfile: dockerfile, stages: stages, target: target, arguments: arguments)
    }

    private mutating func outline(of stage: Stage) -> Outline.StageOutline {
        var result = Outline.StageOutline(
            stage: stage, displayName: stage.name ?? String(stage.index), origin: .scratch, baseName: "scratch",
            isNeeded: false, copyOrigins: [:])
        do {
            var platform: Platform?
            if let word = stage.from.platform { platform = try parsePlatform(word) }
            let name = try arguments.expandGlobal(stage.from.image)
            result.baseName = name
            result.origin = try origin(named: name, at: stage.from.image.range, platform: platform, before: stage.index)
        } catch { problems += error.diagnostics }
        for (index, instruction) in stage.instructions.enumerated() {
            do {
                switch instruction {
                case .copy(let copy):
                    if let from = copy.from { result.copyOrigins[index] = try fileOrigin(from, for: .copy, in: stage) }
                case .run(let run):
                    for (mount, from) in Self.lenders(of: run) {
                        result.mountOrigins[index, default: [:]][mount] = try fileOrigin(from, for: .mount, in: stage)
                    }
                default: break
                }
            } catch { problems += error.diagnostics }
        }
        return result
    }

    /// The mounts of a RUN that name where their files are.
    private static func lenders(of run: Run) -> [(Int, Word)] {
        run.mounts.enumerated().compactMap { index, mount in
            guard [.bind, .cache, nil].contains(mount.kind), let from = mount.from else { return nil }
            return (index, from)
        }
    }

    /// Who wants files of another stage.
    private enum Borrower { case copy, mount }

    private func parsePlatform(_ word: Word) throws(DiagnosticsError) -> Platform {
        let text = try arguments.expandGlobal(word)
        do { return try Platform(parsing: text) } catch {
            throw DiagnosticsError(
                Diagnostic(.error, "platform-invalid", "\"\(text)\" is not a platform", at: word.range,
                    help: "write it as os/architecture, for example linux/arm64"))
        }
    }

    private func stageIndex(named name: String, before limit: Int) -> Int? {
        let lowered = name.lowercased()
        return stages.prefix(limit).last { $0.stage.name?.lowercased() == lowered }?.stage.index
    }

    private func origin(
        named name: String, at range: SourceRange, platform: Platform?, before limit: Int
    ) throws(DiagnosticsError) -> Outline.Origin {
        if name == "scratch" { return .scratch }
        if let index = stageIndex(named: name, before: limit) { return .stage(index) }
        guard !name.isEmpty else {
            throw DiagnosticsError(
                Diagnostic(.error, "base-empty", "the base image name is empty after expansion", at: range,
                    help: "give the ARG a default before the first FROM, or pass --build-arg"))
        }
        do {
            return .image(ImageNeed(reference: try Reference(parsing: name), platform: platform, range: range))
        } catch {
            throw DiagnosticsError(
                Diagnostic(.error, "reference-invalid", "\"\(name)\" is not an image reference", at: range, "\(error)"))
        }
    }

    private func fileOrigin(
        _ from: Word, for borrower: Borrower, in stage: Stage
    ) throws(DiagnosticsError) -> Outline.Origin {
        let name = from.raw
        if name.contains("$") {
            let (flag, use) = borrower == .copy ? ("--from", "COPY --from=files") : ("from=", "--mount=from=files,…")
            throw DiagnosticsError(
                Diagnostic(.error, "from-not-expanded", "variables are not expanded in \(flag)", at: from.range,
                    help: "name a stage: FROM \(name) AS files … \(use)"))
        }
        if let index = Int(name), String(index) == name {
            guard index < stage.index else { throw DiagnosticsError(unknownStage(name, at: from.range, stage: stage)) }
            return .stage(index)
        }
        if name.lowercased() == stage.name?.lowercased() {
            guard borrower == .copy else {
                throw DiagnosticsError(
                    Diagnostic(.error, "mount-from-itself", "stage \"\(name)\" mounts itself", at: from.range,
                        help: "its files are there already; take an earlier stage"))
            }
            throw DiagnosticsError(
                Diagnostic(.error, "copy-from-itself", "stage \"\(name)\" copies from itself", at: from.range,
                    help: "files already in this stage need no COPY --from; use RUN cp"))
        }
        if let index = stageIndex(named: name, before: stage.index) { return .stage(index) }
        let isPlainWord = !name.contains { "/:.@".contains($0) }
        let names = stages.prefix(stage.index).compactMap { $0.stage.name }
        let later = dockerfile.stages.first { $0.index > stage.index && $0.name?.lowercased() == name.lowercased() }
        if later != nil || (isPlainWord && Suggestion.nearest(to: name, among: names) != nil) {
            throw DiagnosticsError(unknownStage(name, at: from.range, stage: stage))
        }
        return try origin(named: name, at: from.range, platform: nil, before: 0)
    }

    private func unknownStage(_ name: String, at range: SourceRange, stage: Stage) -> Diagnostic {
        let earlier = dockerfile.stages.prefix(stage.index)
        let names = earlier.compactMap(\.name)
        var diagnostic = Diagnostic(.error, "stage-not-found", "no stage named \"\(name)\" before this instruction", at: range, "unknown stage")
        if let later = dockerfile.stages.first(where: { $0.index >= stage.index && $0.name?.lowercased() == name.lowercased() }),
            let label = later.from.stageName
        {
            diagnostic.secondary = [.init(label.range, "\"\(name)\" starts here, too late")]
            diagnostic.help = "move the stage \"\(name)\" above this one"
        } else if let near = Suggestion.nearest(to: name, among: names) {
            let label = earlier.first { $0.name == near }?.from.stageName
            diagnostic.secondary = label.map { [.init($0.range, "a stage with a similar name")] } ?? []
            diagnostic.help = "did you mean \"\(near)\"?"
            diagnostic.fix = [.init(range, near)]
        } else {
            diagnostic.notes = names.isEmpty ? [] : ["earlier stages: " + names.joined(separator: ", ")]
        }
        return diagnostic
    }

    private mutating func findTarget() -> Int? {
        guard let target = options.target else { return stages.count - 1 }
        if let index = stages.last(where: { $0.stage.name?.lowercased() == target.lowercased() })?.stage.index {
            return index
        }
        if let index = Int(target), stages.indices.contains(index) { return index }
        let names = stages.compactMap(\.stage.name)
        let argument = SourceFile(name: "--target", text: target)
        problems.append(
            Diagnostic(.error, "target-not-found", "no stage named \"\(target)\" in \(dockerfile.file.name)",
                at: SourceRange(file: argument, bytes: 0..<argument.bytes.count),
                notes: names.isEmpty ? ["no stage has a name"] : ["stages: " + names.joined(separator: ", ")],
                help: Suggestion.nearest(to: target, among: names).map { "did you mean \"\($0)\"?" }))
        return nil
    }

    private mutating func markNeeded(_ target: Int) {
        var pending = [target]
        while let index = pending.popLast() {
            guard !stages[index].isNeeded else { continue }
            stages[index].isNeeded = true
            for origin in stages[index].lenders {
                if case .stage(let other) = origin { pending.append(other) }
            }
        }
    }
}
