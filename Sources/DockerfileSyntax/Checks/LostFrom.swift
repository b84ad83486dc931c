package import Diagnostics

/// Finds COPY instructions that take an absolute path from the context although an earlier stage makes that very path:
/// what is left of `COPY --from=build /app/server /server` when `--from` got lost. When the context happens to have the
/// path, the image gets the wrong file and nobody is told.
enum LostFrom {
    static func diagnostics(for dockerfile: Dockerfile) -> [Diagnostic] {
        dockerfile.stages.dropFirst().flatMap { stage in
            stage.instructions.compactMap { instruction -> Diagnostic? in
                guard case .copy(let copy) = instruction, copy.from == nil else { return nil }
                return check(copy, earlier: Array(dockerfile.stages[..<stage.index]))
            }
        }
    }

    private static func check(_ copy: Copy, earlier stages: [Stage]) -> Diagnostic? {
        for source in copy.sources where source.raw.hasPrefix("/") && source.raw.count > 1 && !source.raw.contains("$") {
            guard let maker = StageMakers.maker(of: source.raw, among: stages) else { continue }
            let name = maker.name
            return Diagnostic(
                .warning, "lost-from", "COPY takes \(source.raw) from the context, though stage \(name) \(maker.isCertain ? "makes it" : "may be meant")",
                at: source.range, "no --from, so this is a path in the context",
                also: [Diagnostic.Label(maker.place, maker.reason)],
                help: "to copy from the stage, write COPY --from=\(name) \(source.raw) …",
                fix: [copy.insertion(of: " --from=\(name)")])
        }
        return nil
    }
}

extension Copy {
    /// An edit that puts a flag just after the keyword.
    package func insertion(of flag: String) -> Diagnostic.TextEdit {
        let offset = range.bytes.lowerBound + Copy.keyword.utf8.count
        return Diagnostic.TextEdit(SourceRange(file: range.file, bytes: offset..<offset), flag)
    }
}
