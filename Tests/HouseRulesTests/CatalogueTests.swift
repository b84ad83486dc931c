import FoundationEssentials
import HostSystem
import SystemPackage
import Testing

/// Documentation/diagnostics.md lists every code that the sources use, and nothing else. It is written by
/// `UPDATE_GOLDEN=1 swift test --filter CatalogueTests`: read the difference.
struct CatalogueTests {
    struct Code: Comparable {
        var name: String
        /// As the sources write it; `…` where something is filled in.
        var message: String
        var room: String
        static func < (left: Code, right: Code) -> Bool { (left.name, left.room) < (right.name, right.room) }
    }

    @Test func theCatalogueIsComplete() throws {
        let codes = try Self.codes()
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
            try AtomicFile.write(Array(Self.page(codes).utf8), to: House.root.appending("Documentation/diagnostics.md"))
        }
        let listed = try House.text("Documentation/diagnostics.md").split(separator: "\n")
            .filter { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(listed == codes.map(\.name), "write it anew: UPDATE_GOLDEN=1 swift test --filter CatalogueTests")
    }

    /// A code without a test may say anything. Those that no test reaches yet are named here: take them off when one does.
    private static let untested: Set<String> = [
        "base-not-resolved", "base-platform", "context-archive-unusable", "context-not-a-directory", "context-not-found",
        "copy-destination-empty", "copy-from-empty", "copy-source-empty", "dockerfile-is-a-directory", "dockerfile-not-found",
        "ignore-pattern-unused", "network-unknown", "no-stage", "not-available", "run-empty", "volume-empty",
    ]

    @Test func everyCodeIsTested() throws {
        let texts = try Self.testTexts()
        let missing = Set(try Self.codes().map(\.name)).subtracting(Self.untested).filter { code in
            !texts.contains { $0.contains("[\(code)]") || $0.contains("\"\(code)\"") }
        }
        #expect(missing.sorted() == [], "codes without a fixture or case")
    }

    private static func testTexts() throws -> [String] {
        var texts: [String] = []
        let directory = try Directory(opening: House.root.appending("Tests"))
        try TreeWalk.visit(directory, sorted: true) { entry in
            let path = entry.path
            let name = path.lastComponent?.string ?? ""
            guard entry.metadata.kind == .file, name != "CatalogueTests.swift", entry.metadata.size < 1 << 20,
                name.hasSuffix(".swift") || name.hasPrefix("expected.") || name.hasSuffix(".golden") || name.hasSuffix(".txt")
            else { return .descend }
            texts.append(String(decoding: try directory.readFile(at: path), as: UTF8.self))
            return .descend
        }
        return texts
    }

    private static func page(_ codes: [Code]) -> String {
        var text = """
            # What is said, by code

            Every message about a Dockerfile, an ignore file or a context has a code: in text it stands in brackets after the
            headline, in JSON it is `rule`. Capitalised codes are BuildKit's names for the same check. This page is written from the
            sources by a test; `…` stands for what is filled in.

            | Code | Says | Room |
            |---|---|---|

            """
        for code in codes { text += "| `\(code.name)` | \(code.message) | \(code.room) |\n" }
        return text
    }

    static func codes() throws -> [Code] {
        var found: [String: Code] = [:]
        for source in try House.sources() where !["TestSupport", "jettison"].contains(source.room) {
            for (name, message) in scan(source.text) {
                if let held = found[name], !(held.message.isEmpty && !message.isEmpty) { continue }
                found[name] = Code(name: name, message: message, room: source.room)
            }
        }
        return found.values.sorted()
    }

    /// String literals that follow a severity, or are the values of an enumeration of reasons.
    private static func scan(_ text: String) -> [(String, String)] {
        var result: [(String, String)] = []
        for opening in [".error,", ".warning,", ".info,", ".style,", "error(", "warning(", "Reason: String"] {
            for range in text.ranges(of: opening) {
                if opening == "Reason: String" {
                    result += reasons(text[range.upperBound...])
                    continue
                }
                var rest = text[range.upperBound...].drop { $0 == " " || $0 == "\n" }
                guard let name = literal(&rest), isCode(name) else { continue }
                rest = rest.drop { $0 == "," || $0 == " " || $0 == "\n" }
                result.append((name, literal(&rest) ?? ""))
            }
        }
        return result
    }

    private static func reasons(_ text: Substring) -> [(String, String)] {
        let body = text.prefix { $0 != "}" }
        return body.split(separator: "\n").compactMap { line in
            guard line.contains("case "), let start = line.firstIndex(of: "\"") else { return nil }
            var rest = line[start...]
            return literal(&rest).flatMap { isCode($0) ? ($0, "") : nil }
        }
    }

    /// Kebab case with a hyphen at least, or a name in capitals of BuildKit's.
    private static func isCode(_ text: String) -> Bool {
        let isKebab = text.contains("-") && text.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }
        let isName = text.first?.isUppercase == true && text.count > 8 && text.allSatisfy { $0.isASCII && $0.isLetter }
        return isKebab || isName
    }

    /// Reads a string literal; interpolations become `…`.
    private static func literal(_ text: inout Substring) -> String? {
        guard text.first == "\"" else { return nil }
        text.removeFirst()
        var result = ""
        while let character = text.popFirst() {
            if character == "\"" { return result.replacing("|", with: "\\|") }
            guard character == "\\" else {
                result.append(character)
                continue
            }
            guard text.first == "(" else {
                result.append(text.popFirst() ?? " ")
                continue
            }
            var depth = 0
            repeat {
                let inner = text.popFirst()
                if inner == "(" { depth += 1 } else if inner == ")" { depth -= 1 } else if inner == nil { return nil }
            } while depth > 0
            result += "…"
        }
        return nil
    }
}
