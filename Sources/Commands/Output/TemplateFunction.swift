/// The functions of docker's templates, and those of Go's that make sense without code.
enum TemplateFunction: String, CaseIterable {
    case json, join, split, upper, lower, title, truncate, pad
    case print, println, printf, len, index, slice
    case eq, ne, lt, le, gt, ge, and, or, not

    /// In a header, a function gives back the title that it was called on.
    func title(of arguments: [TemplateValue]) -> TemplateValue {
        let titles = arguments.filter { if case .string(let text) = $0 { !text.isEmpty } else { false } }
        switch self {
        case .join, .split, .truncate, .pad, .index, .slice: return arguments.first ?? ""
        case .println: return .string((titles.last?.text ?? "") + "\n")
        case .printf: return titles.last ?? ""
        case .eq, .ne, .lt, .le, .gt, .ge, .not: return true
        default: return titles.last ?? ""
        }
    }

    func call(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        switch self {
        case .json: return .string(try one(arguments).json)
        case .upper: return .string(try text(arguments).uppercased())
        case .lower: return .string(try text(arguments).lowercased())
        case .title: return .string(Self.capitalized(try text(arguments)))
        case .print: return .string(Self.joined(arguments))
        case .println: return .string(arguments.map(\.text).joined(separator: " ") + "\n")
        case .printf: return .string(try Self.formatted(arguments))
        case .len: return .integer(try length(of: try one(arguments)))
        case .index: return try element(arguments)
        case .slice: return try part(arguments)
        case .join, .split, .truncate, .pad: return try textual(arguments)
        case .eq, .ne, .lt, .le, .gt, .ge: return .bool(try compare(arguments))
        case .and: return try nonEmpty(arguments).first { !$0.isTrue } ?? arguments.last ?? .null
        case .or: return try nonEmpty(arguments).first { $0.isTrue } ?? arguments.last ?? .null
        case .not: return .bool(!(try one(arguments).isTrue))
        }
    }

    private func wrong(_ what: String) -> TemplateError { TemplateError("the template's \(rawValue) needs \(what)") }

    private func nonEmpty(_ arguments: [TemplateValue]) throws(TemplateError) -> [TemplateValue] {
        guard !arguments.isEmpty else { throw wrong("a value") }
        return arguments
    }

    private func one(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        guard arguments.count == 1, let first = arguments.first else {
            throw wrong("one value, not \(arguments.count)")
        }
        return first
    }

    private func text(_ arguments: [TemplateValue]) throws(TemplateError) -> String {
        switch try one(arguments) {
        case .string(let text): return text
        case .missing: return ""
        case let value: throw wrong("a string, not \(value.kind)")
        }
    }

    private func textual(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        switch (self, arguments.count) {
        case (.join, 2):
            guard case .string(let separator) = arguments[1] else { throw wrong("a list and a separator") }
            if case .missing = arguments[0] { return "" }
            guard case .list(let values) = arguments[0] else { throw wrong("a list, not \(arguments[0].kind)") }
            return .string(values.map(\.text).joined(separator: separator))
        case (.split, 2):
            guard case .string(let text) = arguments[0], case .string(let separator) = arguments[1] else {
                throw wrong("a string and a separator")
            }
            return .strings(Self.split(text, by: separator))
        case (.truncate, 2):
            guard case .integer(let count) = arguments[1] else { throw wrong("a string and a length") }
            return .string(String(arguments[0].text.unicodeScalars.prefix(Int(clamping: max(0, count)))))
        case (.pad, 3):
            guard case .integer(let before) = arguments[1], case .integer(let after) = arguments[2],
                (0...10_000).contains(before), (0...10_000).contains(after)
            else { throw wrong("a string and two small numbers of spaces") }
            if arguments[0].text.isEmpty { return "" }
            return .string(
                String(repeating: " ", count: Int(before)) + arguments[0].text
                    + String(repeating: " ", count: Int(after)))
        default: throw wrong("\(self == .pad ? 3 : 2) values, not \(arguments.count)")
        }
    }

    private func length(of value: TemplateValue) throws(TemplateError) -> Int64 {
        switch value {
        case .string(let text): return Int64(text.utf8.count)
        case .list(let values): return Int64(values.count)
        case .map(let fields), .record(let fields): return Int64(fields.count)
        case .missing: return 0
        default: throw wrong("a string, a list or a map, not \(value.kind)")
        }
    }

    private func element(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        guard var value = arguments.first else { throw wrong("a list or a map, and an index") }
        for index in arguments.dropFirst() {
            switch (value, index) {
            case (.list(let values), .integer(let position)):
                guard position >= 0, position < values.count else {
                    throw wrong("an index below \(values.count), not \(position)")
                }
                value = values[Int(position)]
            case (.map(let fields), .string(let key)), (.record(let fields), .string(let key)):
                // Go's zero value of a map of strings, which is what docker's maps are.
                value = fields[key] ?? ""
            case (.missing, .string): value = ""
            default: throw wrong("a list with a number or a map with a string, not \(value.kind) with \(index.kind)")
            }
        }
        return value
    }

    private func part(_ arguments: [TemplateValue]) throws(TemplateError) -> TemplateValue {
        guard let value = arguments.first, arguments.count <= 3 else { throw wrong("a string or a list, and bounds") }
        let count = Int(try length(of: value))
        var bounds = [0, count]
        for (position, argument) in arguments.dropFirst().enumerated() {
            guard case .integer(let bound) = argument, (0...Int64(count)).contains(bound) else {
                throw wrong("bounds between 0 and \(count)")
            }
            bounds[position] = Int(bound)
        }
        guard bounds[0] <= bounds[1] else { throw wrong("bounds in order") }
        switch value {
        case .string(let text): return .string(String(decoding: Array(text.utf8)[bounds[0]..<bounds[1]], as: UTF8.self))
        case .list(let values): return .list(Array(values[bounds[0]..<bounds[1]]))
        default: throw wrong("a string or a list, not \(value.kind)")
        }
    }

    private func compare(_ arguments: [TemplateValue]) throws(TemplateError) -> Bool {
        guard arguments.count >= 2, self == .eq || arguments.count == 2 else { throw wrong("two values") }
        switch self {
        case .eq: return arguments.dropFirst().contains { $0 == arguments[0] }
        case .ne: return arguments[0] != arguments[1]
        default: break
        }
        let order: (less: Bool, equal: Bool)
        switch (arguments[0], arguments[1]) {
        case (.string(let left), .string(let right)): order = (left < right, left == right)
        case (.integer(let left), .integer(let right)): order = (left < right, left == right)
        case (.number(let left), .number(let right)): order = (left < right, left == right)
        default: throw wrong("two numbers or two strings")
        }
        switch self {
        case .lt: return order.less
        case .le: return order.less || order.equal
        case .gt: return !order.less && !order.equal
        default: return !order.less
        }
    }
}

extension TemplateFunction {
    /// Go's `Sprint`: a space between operands when neither is a string.
    fileprivate static func joined(_ values: [TemplateValue]) -> String {
        var text = ""
        for (index, value) in values.enumerated() {
            if index > 0 {
                if case .string = value {} else if case .string = values[index - 1] {} else { text += " " }
            }
            text += value.text
        }
        return text
    }

    fileprivate static func capitalized(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for character in text {
            result += startsWord ? character.uppercased() : String(character)
            startsWord = !(character.isLetter || character.isNumber || character == "_" || character == "'")
        }
        return result
    }

    fileprivate static func split(_ text: String, by separator: String) -> [String] {
        guard !separator.isEmpty else { return text.map(String.init) }
        let bytes = Array(text.utf8)
        let mark = Array(separator.utf8)
        var parts: [String] = []
        var start = 0
        var position = 0
        while position + mark.count <= bytes.count {
            if bytes[position..<(position + mark.count)].elementsEqual(mark) {
                parts.append(String(decoding: bytes[start..<position], as: UTF8.self))
                position += mark.count
                start = position
            } else {
                position += 1
            }
        }
        parts.append(String(decoding: bytes[start...], as: UTF8.self))
        return parts
    }

    /// `printf` with `%s %v %d %x %q %t %%`, a width and the flag `-`.
    fileprivate static func formatted(_ arguments: [TemplateValue]) throws(TemplateError) -> String {
        guard case .string(let format)? = arguments.first else {
            throw TemplateError("the template's printf needs a format")
        }
        var values = arguments.dropFirst()
        var text = ""
        var rest = format[...]
        while let character = rest.popFirst() {
            guard character == "%" else {
                text.append(character)
                continue
            }
            let flags = rest.prefix { "-+ 0123456789.".contains($0) }
            rest = rest.dropFirst(flags.count)
            guard let verb = rest.popFirst() else { throw TemplateError("the template's printf format ends after %") }
            if verb == "%" {
                text += "%"
                continue
            }
            guard let value = values.popFirst() else {
                throw TemplateError("the template's printf lacks a value for %\(verb)")
            }
            text += padded(try word(value, verb), String(flags))
        }
        return text
    }

    private static func word(_ value: TemplateValue, _ verb: Character) throws(TemplateError) -> String {
        switch (verb, value) {
        case ("s", _), ("v", _), ("t", .bool), ("d", .integer): return value.text
        case ("q", .string): return value.json
        case ("x", .integer(let number)): return String(number, radix: 16)
        case ("f", .number(let number)): return TemplateValue.shortest(number)
        default: throw TemplateError("the template's printf cannot write \(value.kind) with %\(verb)")
        }
    }

    private static func padded(_ text: String, _ flags: String) -> String {
        let parts = flags.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        var text = text
        if parts.count == 2, let limit = Int(parts[1]) { text = String(text.prefix(limit)) }
        let digits = parts.first.map { $0.drop { "-+ ".contains($0) } } ?? ""
        let width = min(Int(digits) ?? 0, 1000)
        let fill = String(
            repeating: digits.hasPrefix("0") && !flags.hasPrefix("-") ? "0" : " ", count: max(0, width - text.count))
        return flags.hasPrefix("-") ? text + fill : fill + text
    }
}
