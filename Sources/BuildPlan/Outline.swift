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
        /// Files of a named context, by its key.
        case context(String)
    }

    package struct StageOutline: Sendable {
        /// As written, with the ONBUILD triggers of what it stands on before its own instructions.
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
    package var warnings: [Diagnostic]
    /// Keys of the named contexts that some name of the file stands for.
    var usedContexts: Set<String> = []

    /// Among more names than this nobody means one by accident; looking through them all for every typo would take for
    /// ever.
    static let suggestionLimit = 1000

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

    /// SOURCE_DATE_EPOCH as the command line or an ARG before the first FROM gives it, with its place in the file; nil when
    /// neither does.
    package var sourceDateEpoch: (value: String, range: SourceRange?)? {
        let name = BuilderArgument.sourceDateEpoch.rawValue
        if let value = arguments.given[name] { return value.isEmpty ? nil : (value, nil) }
        guard arguments.globals.contains(name), let value = arguments.scope[name], !value.isEmpty else { return nil }
        let declaration = dockerfile.globalArguments.flatMap(\.arguments).last { $0.key.raw == name }
        return (value, declaration?.value?.range)
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
    ///
    /// An image may bring ONBUILD triggers, which may copy from further stages and images: ask again with the bases found,
    /// until no image is missing.
    package static func outline(
        _ dockerfile: Dockerfile, options: PlanOptions, bases: [ImageNeed.Key: PinnedBase] = [:]
    ) throws(DiagnosticsError) -> Outline {
        guard !dockerfile.stages.isEmpty else {
            throw DiagnosticsError(
                Diagnostic(.error, "no-stage", "the Dockerfile has no FROM instruction",
                    at: SourceRange(file: dockerfile.file, bytes: 0..<0),
                    help: "start with \"FROM image\" or \"FROM scratch\""))
        }
        var builder = OutlineBuilder(dockerfile: dockerfile, options: options, bases: bases)
        return try builder.build()
    }
}

private struct OutlineBuilder {
    let dockerfile: Dockerfile
    let options: PlanOptions
    let bases: [ImageNeed.Key: PinnedBase]
    var arguments: ArgumentScope
    var stages: [Outline.StageOutline] = []
    var problems: [Diagnostic] = []
    var warnings: [Diagnostic] = []
    /// By key, the last of a name.
    private let contexts: [String: NamedContext]
    private var usedContexts: Set<String> = []
    /// The stages so far by lower-case name, the latest of a name.
    private var latest: [String: Int] = [:]
    /// The names so far as written, up to the limit for suggestions.
    private var names: [String] = []
    /// The last stage of each name in the whole file.
    private let last: [String: Int]

    init(dockerfile: Dockerfile, options: PlanOptions, bases: [ImageNeed.Key: PinnedBase]) {
        self.dockerfile = dockerfile
        self.options = options
        self.bases = bases
        contexts = Dictionary(options.contexts.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        arguments = ArgumentScope(options: options, lastStage: dockerfile.stages.last?.name)
        last = Dictionary(
            dockerfile.stages.compactMap { stage in stage.name.map { ($0.lowercased(), stage.index) } },
            uniquingKeysWith: { $1 })
    }

    mutating func build() throws(DiagnosticsError) -> Outline {
        for declaration in dockerfile.globalArguments {
            do {
                var undefined: [UndefinedVariable] = []
                try arguments.declareGlobal(declaration) { undefined.append($0) }
                warn(of: undefined)
            } catch { problems += error.diagnostics }
        }
        for stage in dockerfile.stages {
            stages.append(outline(of: stage))
            guard let name = stage.name else { continue }
            latest[name.lowercased()] = stage.index
            if names.count <= Outline.suggestionLimit { names.append(name) }
        }
        let target = findTarget()
        if let target { markNeeded(target) }
        guard problems.isEmpty, let target else { throw DiagnosticsError(problems) }
        return Outline(dockerfile: dockerfile, stages: stages, target: target, arguments: arguments, warnings: warnings,
            usedContexts: usedContexts)
    }

    private mutating func outline(of stage: Stage) -> Outline.StageOutline {
        var result = Outline.StageOutline(
            stage: stage, displayName: stage.name ?? String(stage.index), origin: .scratch, baseName: "scratch",
            isNeeded: false, copyOrigins: [:])
        do {
            var platform: Platform?
            if let word = stage.from.platform { platform = try parsePlatform(word) }
            let name = try expand(stage.from.image)
            result.baseName = name
            if let stageName = stage.name, let context = context(named: stageName, platform, at: stage.from.image.range) {
                // The context takes the stage's place: nothing that is written in it counts.
                result.origin = context
                result.baseName = stageName
                result.stage.instructions = []
                return result
            }
            result.origin = try origin(named: name, at: stage.from.image.range, platform: platform, before: stage.index)
            result.stage.instructions = try triggers(of: result.origin, named: name) + stage.instructions
        } catch { problems += error.diagnostics }
        for (index, instruction) in result.stage.instructions.enumerated() {
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

    /// What a base wants run right below FROM: the ONBUILD of an image, or those written in the stage it is.
    private func triggers(of origin: Outline.Origin, named name: String) throws(DiagnosticsError) -> [Instruction] {
        switch origin {
        case .scratch, .context: return []
        case .stage(let index) where stages[index].stage.instructions.isEmpty: return []
        case .stage(let index):
            return dockerfile.stages[index].instructions.flatMap { instruction -> [Instruction] in
                if case .onbuild(let onbuild) = instruction { onbuild.instruction } else { [] }
            }
        case .image(let need):
            var found: [Instruction] = []
            for text in bases[need.key]?.config.config?.onBuild ?? [] {
                let parsed = DockerfileParser.parseTrigger(SourceFile(name: "ONBUILD of " + name, text: text))
                guard let instruction = parsed.value else {
                    throw DiagnosticsError(parsed.diagnostics.filter { $0.severity == .error })
                }
                found.append(instruction)
            }
            return found
        }
    }

    /// Expands a word of FROM.
    private mutating func expand(_ word: Word) throws(DiagnosticsError) -> String {
        var undefined: [UndefinedVariable] = []
        let text = try arguments.expandGlobal(word) { undefined.append($0) }
        warn(of: undefined)
        return text
    }

    private mutating func warn(of undefined: [UndefinedVariable]) {
        for variable in undefined where !variable.name.isEmpty && !arguments.globals.contains(variable.name) {
            let known = warnings.count < Outline.suggestionLimit ? Array(arguments.scope.names) : []
            warnings.append(
                Diagnostic(
                    .warning, "UndefinedArgInFrom", "no ARG before the first FROM declares \"\(variable.name)\"",
                    at: variable.range, "expands to nothing",
                    help: Suggestion.question(for: variable.name, among: known)
                        ?? "write ARG \(variable.name)=… above the first FROM"))
        }
    }

    private mutating func parsePlatform(_ word: Word) throws(DiagnosticsError) -> Platform {
        let text = try expand(word)
        do { return try Platform(parsing: text) } catch {
            throw DiagnosticsError(
                Diagnostic(.error, "platform-invalid", "\"\(text)\" is not a platform", at: word.range,
                    help: "write it as os/architecture, for example linux/arm64"))
        }
    }

    /// What `--build-context` makes of a name; nil: nothing.
    private mutating func context(named name: String, _ platform: Platform?, at range: SourceRange) -> Outline.Origin? {
        guard !contexts.isEmpty, let context = contexts[NamedContext.key(name)] else { return nil }
        usedContexts.insert(context.key)
        switch context.source {
        case .scratch: return .scratch
        case .files: return .context(context.key)
        case .image(let reference): return .image(ImageNeed(reference: reference, platform: platform, range: range))
        case .layout(let layout, let reference):
            return .image(ImageNeed(reference: reference, platform: platform, range: range, layout: layout))
        }
    }

    private mutating func origin(
        named name: String, at range: SourceRange, platform: Platform?, before limit: Int
    ) throws(DiagnosticsError) -> Outline.Origin {
        if name == "scratch" { return .scratch }
        if limit > 0, let index = latest[name.lowercased()] { return .stage(index) }
        if let context = context(named: name, platform, at: range) { return context }
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

    /// A stage, or the context that took its place: its files need not be copied to be copied from.
    private func files(of stage: Int) -> Outline.Origin {
        if case .context = stages[stage].origin, stages[stage].stage.instructions.isEmpty { return stages[stage].origin }
        return .stage(stage)
    }

    private mutating func fileOrigin(
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
            return files(of: index)
        }
        let lowered = name.lowercased()
        if lowered == stage.name?.lowercased() {
            guard borrower == .copy else {
                throw DiagnosticsError(
                    Diagnostic(.error, "mount-from-itself", "stage \"\(name)\" mounts itself", at: from.range,
                        help: "its files are there already; take an earlier stage"))
            }
            throw DiagnosticsError(
                Diagnostic(.error, "copy-from-itself", "stage \"\(name)\" copies from itself", at: from.range,
                    help: "files already in this stage need no COPY --from; use RUN cp"))
        }
        if let index = latest[lowered] { return files(of: index) }
        if let context = context(named: name, nil, at: from.range) { return context }
        let isLater = last[lowered].map { $0 > stage.index } ?? false
        let isPlainWord = !name.contains { "/:.@".contains($0) } && names.count <= Outline.suggestionLimit
        if isLater || (isPlainWord && Suggestion.nearest(to: name, among: lenderNames) != nil) {
            throw DiagnosticsError(unknownStage(name, at: from.range, stage: stage))
        }
        return try origin(named: name, at: from.range, platform: nil, before: 0)
    }

    /// What `--from` may name beside images.
    private var lenderNames: [String] { names + contexts.values.map(\.name).sorted() }

    private func unknownStage(_ name: String, at range: SourceRange, stage: Stage) -> Diagnostic {
        var diagnostic = Diagnostic(.error, "stage-not-found", "no stage named \"\(name)\" before this instruction", at: range, "unknown stage")
        if let index = last[name.lowercased()], index >= stage.index, let label = dockerfile.stages[index].from.stageName {
            diagnostic.secondary = [.init(label.range, "\"\(name)\" starts here, too late")]
            diagnostic.help = "move the stage \"\(name)\" above this one"
        } else if Int(name) != nil {
            let above = stage.index
            diagnostic.message = "there is no stage \(name) before this instruction"
            diagnostic.notes = listed(names, "earlier stages")
            diagnostic.help = above == 0 ? "no stage stands above: leave --from away" : "write \(above == 1 ? "0" : "a number from 0 to \(above - 1)"), or better the stage's name"
        } else if problems.count < 100, let near = Suggestion.nearest(to: name, among: lenderNames) {
            let label = latest[near.lowercased()].flatMap { dockerfile.stages[$0].from.stageName }
            diagnostic.secondary = label.map { [.init($0.range, "a stage with a similar name")] } ?? []
            diagnostic.help = "did you mean \"\(near)\"?"
            diagnostic.fix = [.init(range, near)]
        } else {
            diagnostic.notes = listed(names, "earlier stages")
        }
        return diagnostic
    }

    private func listed(_ names: [String], _ what: String) -> [String] {
        guard !names.isEmpty, problems.count < 100 else { return [] }
        return [what + ": " + names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")]
    }

    private mutating func findTarget() -> Int? {
        guard let target = options.target else { return stages.count - 1 }
        if let index = last[target.lowercased()] { return index }
        if let index = Int(target), stages.indices.contains(index) { return index }
        let argument = SourceFile(name: "--target", text: target)
        problems.append(
            Diagnostic(.error, "target-not-found", "no stage named \"\(target)\" in \(dockerfile.file.name)",
                at: SourceRange(file: argument, bytes: 0..<argument.bytes.count),
                notes: names.isEmpty ? ["no stage has a name"] : listed(names, "stages"),
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
