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
        let name = takeName()
        guard !name.isEmpty else {
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
        let scalars = Array(value.unicodeScalars)
        if kind == "#" {
            let ends = pattern.ends(in: scalars, from: 0)
            guard let end = isGreedy ? ends.last : ends.first else { return value }
            return String(String.UnicodeScalarView(scalars[end...]))
        }
        let ends = pattern.reversed.ends(in: scalars.reversed(), from: 0)
        guard let length = isGreedy ? ends.last : ends.first else { return value }
        return String(String.UnicodeScalarView(scalars[..<(scalars.count - length)]))
    }

    /// `${name/pattern/replacement}`, and `//` for every match.
    private mutating func replaced(_ name: String, from start: Int) throws(DiagnosticsError) -> String {
        let all = peek == "/"
        if all { index += 1 }
        var text = Result()
        try process(upTo: "/", from: start, keepsEscapes: true, into: &text)
        var replacement = Result()
        try process(upTo: "}", from: start, keepsEscapes: true, into: &replacement)
        let pattern = try pattern(text.text, from: start)
        guard let value = value(of: name, from: start) else { return "" }
        let scalars = Array(value.unicodeScalars)
        var result = String.UnicodeScalarView()
        var at = 0
        var done = false
        while at < scalars.count {
            if !done, let end = pattern.ends(in: scalars, from: at).last, end > at {
                result.append(contentsOf: replacement.text.unicodeScalars)
                at = end
                done = !all
            } else {
                result.append(scalars[at])
                at += 1
            }
        }
        return String(result)
    }

    private func pattern(_ text: String, from start: Int) throws(DiagnosticsError) -> ValuePattern {
        if let pattern = ValuePattern(text) { return pattern }
        throw problem(
            "bad-substitution", "The pattern \"\(text)\" has an escape that means nothing", from: start,
            help: "only \\*, \\?, \\\\, \\/ and \\} can be escaped")
    }

    private mutating func value(of name: String, from start: Int) -> String? {
        if let value = scope[name] { return value }
        undefined.append(UndefinedVariable(name: name, range: place(start..<index)))
        return nil
    }

    /// Letters, digits and underscores; digits only when it begins with one; or a single special parameter.
    private mutating func takeName() -> String {
        guard let first = peek else { return "" }
        let start = index
        if ["@", "*", "#", "?", "-", "$", "!"].contains(first) {
            index += 1
        } else if first.properties.numericType == .decimal {
            while let next = peek, next.properties.numericType == .decimal { index += 1 }
        } else {
            while let next = peek, next == "_" || next.properties.isAlphabetic || next.properties.numericType == .decimal {
                index += 1
            }
        }
        return String(String.UnicodeScalarView(scalars[start..<index]))
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

    /// Where matches that begin at an index end, in ascending order.
    func ends(in text: [UnicodeScalar], from start: Int) -> [Int] {
        // The states of an automaton: how many elements are matched so far.
        var states = closure(of: [0])
        var result = states.contains(elements.count) ? [start] : []
        for index in start..<text.count {
            var next: Set<Int> = []
            for state in states where state < elements.count {
                switch elements[state] {
                case .any: next.insert(state)
                case .one: next.insert(state + 1)
                case .literal(let scalar): if scalar == text[index] { next.insert(state + 1) }
                }
            }
            if next.isEmpty { break }
            states = closure(of: next)
            if states.contains(elements.count) { result.append(index + 1) }
        }
        return result
    }

    /// A `*` may match nothing.
    private func closure(of states: Set<Int>) -> Set<Int> {
        var result = states
        for var state in states {
            while state < elements.count, case .any = elements[state] {
                state += 1
                result.insert(state)
            }
        }
        return result
    }
}
