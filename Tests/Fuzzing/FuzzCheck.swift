package import BuildPlan
import Diagnostics
package import DockerfileSyntax
import OCI
import PathPatterns

/// Does with some bytes everything a build does before it touches the world, and looks whether the results fit together.
/// That none of it traps or hangs is the other half of the check.
package struct FuzzCheck {
    private let arguments = [(name: "A", value: Optional("x y"))]

    package init() {}

    /// What does not fit; empty when all is well.
    package func problems(with bytes: [UInt8]) -> [String] {
        let file = SourceFile(name: "Dockerfile", bytes: bytes)
        let parsed = DockerfileParser.parse(file)
        var problems = ranges(parsed, file)
        _ = TextRenderer(width: 80).render(Array(parsed.diagnostics.prefix(8)))
        _ = SyntaxJSON.document(parsed).compact
        problems += words(parsed.value)
        problems += printing(parsed)
        plan(parsed)
        let ignore = IgnoreFile.parse(file)
        _ = ignore.value.decision(for: "src/a/b.c")
        if let line = file.text.split(separator: "\n").first { _ = try? Reference(parsing: String(line)) }
        return problems
    }

    private func ranges(_ parsed: Parsed<Dockerfile>, _ file: SourceFile) -> [String] {
        var ranges = parsed.value.lines.flatMap { [$0.range, $0.keywordRange] + $0.flags.map(\.range) + $0.heredocs.map(\.range) }
        for diagnostic in parsed.diagnostics {
            ranges += ([diagnostic.primary].compactMap { $0 } + diagnostic.secondary).map(\.range) + diagnostic.fix.map(\.range)
        }
        return ranges.filter { $0.bytes.lowerBound < 0 || $0.bytes.upperBound > file.bytes.count }.map { "a range beyond the file: \($0.bytes)" }
    }

    /// A word that is as long as its range is the text of its range.
    private func words(_ dockerfile: Dockerfile) -> [String] {
        var problems: [String] = []
        for instruction in dockerfile.stages.flatMap(\.instructions) {
            for word in instruction.expandedWords {
                _ = try? word.expandedWords(in: VariableScope(["A": "x y", "B": ""]))
                if word.raw.utf8.count == word.range.bytes.count, word.range.text != word.raw {
                    problems.append("\"\(word.raw)\" is said to be \"\(word.range.text)\"")
                }
            }
        }
        return problems
    }

    /// Printed and read again it is the same, and printing that changes nothing.
    private func printing(_ parsed: Parsed<Dockerfile>) -> [String] {
        // Where nothing was read (a file in another language or encoding) nothing can be compared.
        guard !parsed.value.lines.isEmpty else { return [] }
        let text = DockerfilePrinter.text(of: parsed.value)
        let again = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: text))
        var problems: [String] = []
        if DockerfilePrinter.text(of: again.value) != text { problems.append("printing twice differs:\n\(text)") }
        problems += Difference.between(parsed.value, again.value).map { "\($0) after printing:\n\(text)" }
        return problems
    }

    private func plan(_ parsed: Parsed<Dockerfile>) {
        guard !parsed.hasErrors else { return }
        var options = PlanOptions(platform: Platform(os: "linux", architecture: "amd64"))
        options.buildArguments = arguments
        var bases: [ImageNeed.Key: PinnedBase] = [:]
        do {
            var outline = try Planner.outline(parsed.value, options: options)
            while case let missing = outline.imagesNeeded.filter({ bases[$0.key] == nil }), !missing.isEmpty {
                for need in missing { bases[need.key] = PinnedBase.fake(need) }
                outline = try Planner.outline(parsed.value, options: options, bases: bases)
            }
            _ = try Planner.plan(outline, bases: bases, options: options)
        } catch {
            _ = TextRenderer().render(error.diagnostics)
        }
    }
}

extension PinnedBase {
    /// A base that exists whatever it is called.
    package static func fake(_ need: ImageNeed) -> PinnedBase {
        var config = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        let digest = Digest.sha256(of: need.reference.description)
        config.rootfs = .init(diffIDs: [DiffID(digest)])
        return PinnedBase(
            reference: need.reference, manifest: Descriptor(mediaType: .manifest, digest: digest, size: 1), config: config,
            layers: [Descriptor(mediaType: .layerGzip, digest: digest, size: 1)])
    }
}

/// What two Dockerfiles say differently, places and layout aside.
package enum Difference {
    package static func between(_ left: Dockerfile, _ right: Dockerfile) -> [String] {
        var found: [String] = []
        func compare<Value: Equatable>(_ what: String, _ one: Value, _ other: Value) {
            if one != other { found.append("\(what): \(one) became \(other)") }
        }
        compare("directives", left.directives.map { [$0.name, $0.value] }, right.directives.map { [$0.name, $0.value] })
        compare("instructions", left.lines.map(\.keyword), right.lines.map(\.keyword))
        compare("stages", left.stages.map { $0.instructions.count }, right.stages.map { $0.instructions.count })
        guard found.isEmpty else { return found }
        for (one, other) in zip(left.lines, right.lines) {
            compare("flags", one.flags.map(\.raw), other.flags.map(\.raw))
            compare("arguments", one.arguments, other.arguments)
            compare("form", one.form, other.form)
            compare("heredocs", one.heredocs.map(text), other.heredocs.map(text))
            compare("comments", one.comments, other.comments)
        }
        compare("comments", comments(left), comments(right))
        return found
    }

    private static func text(_ heredoc: Heredoc) -> String {
        "\(heredoc.descriptor)<<\(heredoc.name) \(heredoc.expand) \(heredoc.chomp) \(heredoc.content)"
    }

    /// Every comment line, wherever it stands. Inside a heredoc a line that looks like one is not counted differently: it is
    /// kept byte for byte.
    private static func comments(_ dockerfile: Dockerfile) -> [String] {
        let directives = Set(dockerfile.directives.map(\.range.bytes.lowerBound))
        var found: [String] = []
        for number in 1...dockerfile.file.lineCount {
            guard let range = dockerfile.file.bytesOfLine(number) else { continue }
            let text = dockerfile.file.text(in: number == 1 ? dockerfile.file.startOfText..<max(dockerfile.file.startOfText, range.upperBound) : range)
            let content = text.drop { $0.isWhitespace }
            guard content.first == "#", !directives.contains(where: { range.contains($0) }) else { continue }
            var trimmed = content
            while trimmed.last?.isWhitespace == true { trimmed.removeLast() }
            found.append(String(trimmed))
        }
        return found
    }
}
