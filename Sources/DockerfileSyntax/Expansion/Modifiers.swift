import Diagnostics

extension WordExpansion {
    /// At `$`: the value of what it names, or the character itself.
    mutating func dollar() throws(DiagnosticsError) -> String {
        let start = index
        index += 1
        guard peek == "{" else {
            let name = takeName()
            return name.isEmpty ? "$" : value(of: name, from: start) ?? ""
        }
        index += 1
        if peek == nil {
            throw problem("unterminated-substitution", "\"${\" is not closed", from: start, help: "write ${NAME}")
        }
        let isOpen = peek == "}" || peek == "{" || peek == ":"
        let name = isOpen ? "" : takeName()
        // `${+w}`, `${%p}` and `${/p/r}` are read like those of an unset variable, as the reference does.
        guard !name.isEmpty || !isOpen && (peek == "+" || peek == "%" || peek == "/") else {
            throw problem("bad-substitution", "\"${\" is followed by no name", from: start, help: "write ${NAME}")
        }
        guard let modifier = peek else {
            throw problem(
                "unterminated-substitution", "\"${\" is not closed", from: start, help: "write ${\(name)}")
        }
        index += 1
        switch modifier {
        case "}": return value(of: name, from: start) ?? ""
        case ":", "-", "+", "?", "#", "%": return try modified(name, modifier, from: start)
        case "/": return try replaced(name, from: start)
        default: throw unsupported(String(modifier), name, from: start)
        }
    }

    private func unsupported(_ modifier: String, _ name: String, from start: Int) -> DiagnosticsError {
        problem(
            "unsupported-modifier", "A Dockerfile has no substitution ${\(name)\(modifier)…}", from: start,
            help: "it knows ${v:-w} ${v-w} ${v:+w} ${v+w} ${v:?w} ${v?w} ${v#p} ${v##p} ${v%p} ${v%%p} ${v/p/r} ${v//p/r}")
    }

    private mutating func modified(
        _ name: String, _ first: UnicodeScalar, from start: Int
    ) throws(DiagnosticsError) -> String {
        var kind = first
        let emptyIsUnset = first == ":"
        if emptyIsUnset {
            guard let next = peek else {
                throw problem("unterminated-substitution", "\"${\" is not closed", from: start, help: "write ${\(name)}")
            }
            kind = next
            index += 1
        }
        guard ["-", "+", "?", "#", "%"].contains(kind) else { throw unsupported(":\(kind)", name, from: start) }
        let isPattern = kind == "#" || kind == "%"
        var argument = Result()
        try process(upTo: "}", from: start, keepsEscapes: isPattern, into: &argument)
        let current = scope[name].flatMap { emptyIsUnset && !isPattern && $0.isEmpty ? nil : $0 }
        switch kind {
        case "-": return current ?? argument.text
        case "+": return current == nil ? "" : argument.text
        case "?":
            if let current { return current }
            guard !checksOnly else { return "" }
            throw required(name, argument.text, from: start)
        default:
            return try trimmed(value(of: name, from: start) ?? "", kind, argument.text, from: start)
        }
    }

    private func required(_ name: String, _ message: String, from start: Int) -> DiagnosticsError {
        let reason = scope[name] == nil ? "is not set" : "is empty"
        return DiagnosticsError(
            Diagnostic(
                .error, "variable-required", "\(name): \(message.isEmpty ? reason : message)", at: place(start..<index),
                "\(name) \(reason)", help: "give it a value: ARG \(name)=…, or --build-arg \(name)=…"))
    }

    private func trimmed(
        _ value: String, _ kind: UnicodeScalar, _ argument: String, from start: Int
    ) throws(DiagnosticsError) -> String {
        let isGreedy = argument.unicodeScalars.first == kind
        let text = isGreedy ? String(argument.unicodeScalars.dropFirst()) : argument
        let pattern = try pattern(text, from: start)
        var scalars = Array(value.unicodeScalars)
        if kind == "%" { scalars.reverse() }
        let ends = try ends(of: kind == "%" ? pattern.reversed : pattern, in: scalars, longest: isGreedy, from: start)
        guard let length = ends.first, length >= 0 else { return value }
        let rest = scalars[length...]
        return kind == "%" ? String(String.UnicodeScalarView(rest.reversed())) : String(String.UnicodeScalarView(rest))
    }

    /// `${name/pattern/replacement}`, and `//` for every match. An empty match counts, but not right behind another one.
    private mutating func replaced(_ name: String, from start: Int) throws(DiagnosticsError) -> String {
        let all = peek == "/"
        if all { index += 1 }
        var text = Result()
        try process(upTo: "/", from: start, keepsEscapes: true, into: &text)
        var replacement = Result()
        try process(upTo: "}", from: start, keepsEscapes: true, into: &replacement)
        let pattern = try pattern(text.text, from: start)
        let scalars = Array((value(of: name, from: start) ?? "").unicodeScalars)
        let ends = try ends(of: pattern, in: scalars, longest: true, from: start)
        let inserted = replacement.text.unicodeScalars
        var result = String.UnicodeScalarView()
        var (at, copied, size) = (0, 0, 0)
        while let match = (at..<ends.count).first(where: { ends[$0] >= 0 }) {
            let end = ends[match]
            result.append(contentsOf: scalars[copied..<match])
            if end > copied || match == 0 {
                size += replacement.text.utf8.count
                guard size <= Self.limit else {
                    throw problem("value-too-long", "The value is longer than \(Self.limit >> 20) MB with its matches replaced", from: start)
                }
                result.append(contentsOf: inserted)
            }
            copied = end
            at = max(match + 1, end)
            if !all { break }
        }
        result.append(contentsOf: scalars[copied...])
        return String(result)
    }

    private func ends(
        of pattern: ValuePattern, in scalars: [UnicodeScalar], longest: Bool, from start: Int
    ) throws(DiagnosticsError) -> [Int] {
        if let ends = pattern.ends(in: scalars, longest: longest) { return ends }
        throw problem("value-too-long", "The value and the pattern are too long for this substitution", from: start)
    }

    private func pattern(_ text: String, from start: Int) throws(DiagnosticsError) -> ValuePattern {
        if let pattern = ValuePattern(text) { return pattern }
        throw problem(
            "bad-substitution", "The pattern \"\(text)\" has an escape that means nothing", from: start,
            help: "only \\*, \\?, \\\\, \\/ and \\} can be escaped")
    }

    private mutating func value(of name: String, from start: Int) -> String? {
        if let value = scope[name] { return value }
        guard !name.isEmpty else { return nil }
        undefined.append(UndefinedVariable(name: name, range: place(start..<index)))
        return nil
    }

    /// Letters, digits and underscores; digits only when it begins with one; or a single special parameter.
    private mutating func takeName() -> String {
        guard let first = peek else { return "" }
        let start = index
        if ["@", "*", "#", "?", "-", "$", "!"].contains(first) {
            index += 1
        } else if Self.isDigit(first) {
            while let next = peek, Self.isDigit(next) { index += 1 }
        } else {
            while let next = peek, next == "_" || Self.isLetter(next) || Self.isDigit(next) { index += 1 }
        }
        return String(String.UnicodeScalarView(scalars[start..<index]))
    }

    private static func isLetter(_ scalar: UnicodeScalar) -> Bool {
        if scalar.isASCII { return UInt8(scalar.value).isLetter }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return false
        }
    }

    private static func isDigit(_ scalar: UnicodeScalar) -> Bool {
        scalar.isASCII ? UInt8(scalar.value).isDigit : scalar.properties.generalCategory == .decimalNumber
    }
}

/// The pattern of `${v#p}` and its kin: `*` any text, `?` any character, everything else itself.
struct ValuePattern {
    private enum Element {
        case any, one
        case literal(UnicodeScalar)
    }

    private var elements: [Element] = []

    /// nil when a backslash escapes something that needs none.
    init?(_ text: String) {
        var iterator = text.unicodeScalars.makeIterator()
        while let scalar = iterator.next() {
            switch scalar {
            case "*": elements.append(.any)
            case "?": elements.append(.one)
            case "\\":
                guard let next = iterator.next(), "*?\\/}".unicodeScalars.contains(next) else { return nil }
                elements.append(.literal(next))
            default: elements.append(.literal(scalar))
            }
        }
    }

    var reversed: ValuePattern {
        var result = self
        result.elements.reverse()
        return result
    }

    /// Where the longest or the shortest match ends that begins at each position of a text, the last one behind its end;
    /// -1: none does. nil when text and pattern are so long that it would take seconds.
    func ends(in text: [UnicodeScalar], longest: Bool) -> [Int]? {
        let (work, overflow) = (text.count + 1).multipliedReportingOverflow(by: elements.count + 1)
        guard !overflow, work <= 1 << 27 else { return nil }
        // For the elements from the last to the first: where the rest of the pattern ends.
        var ends = Array(0...text.count)
        for element in elements.reversed() {
            switch element {
            case .literal(let scalar):
                for index in text.indices { ends[index] = text[index] == scalar ? ends[index + 1] : -1 }
                ends[text.count] = -1
            case .one:
                for index in text.indices { ends[index] = text[index] == "\n" ? -1 : ends[index + 1] }
                ends[text.count] = -1
            case .any:
                // Nothing, or one character more. As the reference has it, no wildcard goes beyond a line.
                for index in text.indices.reversed() where text[index] != "\n" {
                    let further = ends[index + 1]
                    if further >= 0, ends[index] < 0 || longest { ends[index] = further }
                }
            }
        }
        return ends
    }
}
