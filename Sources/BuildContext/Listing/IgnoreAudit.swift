package import Diagnostics
import HostSystem
package import PathPatterns
package import SystemPackage

/// Lines of an ignore file that do not do what they seem to, seen from a real tree.
package struct IgnoreAudit: Sendable, Hashable {
    /// A pattern without a slash, which matches at the top only (unlike in a `.gitignore`), while the same names are
    /// deeper in the tree.
    package struct TopOnly: Sendable, Hashable {
        package var rule: IgnoreRule
        /// What it matches.
        package var atTop: Int
        /// What it would match deeper.
        package var deeper: Int
        /// Sizes of the files among the latter, and of those in the directories among them.
        package var files: Int
        package var bytes: Int64
        /// Up to three of the latter.
        package var examples: [FilePath]
    }

    /// Match nothing that no other rule excludes already.
    package internal(set) var unused: [IgnoreRule] = []
    package internal(set) var topOnly: [TopOnly] = []

    package var diagnostics: [Diagnostic] {
        let dead = unused.map { rule in
            Diagnostic(
                .warning, "ignore-pattern-unused", "the ignore pattern \"\(rule.text)\" matches nothing",
                at: rule.range,
                "nothing in the context, or only what is ignored already")
        }
        return dead + topOnlyDiagnostics
    }

    /// What costs something: names that the author thinks are kept out.
    package var topOnlyDiagnostics: [Diagnostic] { topOnly.map(\.diagnostic) }
}

extension IgnoreAudit.TopOnly {
    fileprivate var diagnostic: Diagnostic {
        let total = atTop + deeper
        let shown = examples.map(\.string).joined(separator: ", ")
        return Diagnostic(
            .warning, "ignore-pattern-top-only",
            "the ignore pattern \"\(rule.text)\" excludes \(atTop) of \(total) such files and directories",
            at: rule.range,
            "matches only at the top of the context",
            notes: [
                "not excluded: \(shown)\(deeper > examples.count ? ", …" : "") "
                    + "(\(files) file\(files == 1 ? "" : "s"), \(bytes) byte\(bytes == 1 ? "" : "s"))"
            ],
            help: "write \"**/\(rule.pattern.text)\" to exclude it everywhere")
    }
}

/// Holds every rule against every file on its own.
struct IgnoreAuditor {
    private struct Probe {
        let rule: IgnoreRule
        /// No slash, no `**`.
        let isTopOnly: Bool
        /// One per directory on the way down.
        var cursors: [PatternCursor]
        var isUsed = false
        var atTop = 0
        var deeper = 0
        var files = 0
        var bytes: Int64 = 0
        /// The depth of the directory, matched below the top, whose content is being counted.
        var counting: Int?
        var examples: [FilePath] = []

        /// Something visible below the top.
        mutating func count(_ file: ContextListing.File, depth: Int, isMatch: Bool) {
            if let open = counting, depth <= open { counting = nil }
            if isMatch {
                deeper += 1
                if examples.count < 3 { examples.append(file.path) }
                if counting == nil, file.kind == .directory { counting = depth }
            }
            guard isMatch || counting != nil, file.kind == .file else { return }
            files += 1
            bytes += file.size
        }
    }

    private var probes: [Probe]

    init(_ rules: [IgnoreRule]) {
        probes = rules.map { rule in
            let text = rule.pattern.text
            var entry = rule.entry
            entry.isNegated = false
            return Probe(
                rule: rule, isTopOnly: !rule.isNegated && !text.contains("/") && !text.contains("**"),
                cursors: [PatternCursor(PatternList([entry]))])
        }
    }

    /// - Parameter depth: 1 for names at the top.
    mutating func visit(
        _ name: UnsafeBufferPointer<UInt8>, _ file: ContextListing.File, depth: Int, isVisible: Bool
    ) {
        let isDirectory = file.kind == .directory
        var verdicts: [Bool] = []
        verdicts.reserveCapacity(probes.count)
        for index in probes.indices {
            var probe = probes[index]
            let verdict: PatternVerdict
            if isDirectory {
                probe.cursors.removeSubrange(depth...)
                let inner: PatternCursor
                (verdict, inner) = probe.cursors[depth - 1].descending(into: name)
                probe.cursors.append(inner)
            } else {
                verdict = probe.cursors[depth - 1].verdict(on: name)
            }
            if verdict.isExcluded { probe.isUsed = true }
            probes[index] = probe
            verdicts.append(verdict.isExcluded)
        }
        // What a "!" pattern names is in by intent.
        let isWanted = zip(probes, verdicts).contains { $0.rule.isNegated && $1 }
        for index in probes.indices where probes[index].isTopOnly {
            if depth == 1 {
                probes[index].atTop += verdicts[index] ? 1 : 0
            } else if isVisible, !isWanted {
                probes[index].count(file, depth: depth, isMatch: probes[index].rule.pattern.matches(name))
            }
        }
    }

    func finish() -> IgnoreAudit {
        var audit = IgnoreAudit()
        for probe in probes {
            if probe.deeper > 0 {
                audit.topOnly.append(
                    .init(
                        rule: probe.rule, atTop: probe.atTop, deeper: probe.deeper, files: probe.files,
                        bytes: probe.bytes, examples: probe.examples))
            } else if !probe.isUsed {
                audit.unused.append(probe.rule)
            }
        }
        return audit
    }
}
