/// A word of an action.
enum TemplateToken: Hashable, Sendable {
    /// `.Name`; preceded by a space or not, which tells `$x.Name` from `$x .Name`.
    case field(String, attached: Bool)
    case dot
    case variable(String)
    case identifier(String)
    case string(String)
    case integer(Int64)
    case number(Double)
    case pipe, open, declare, assign, comma
    case close

    var spelling: String {
        switch self {
        case .field(let name, _): "." + name
        case .dot: "."
        case .variable(let name): "$" + name
        case .identifier(let name): name
        case .string(let text): "\"" + text + "\""
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .pipe: "|"
        case .open: "("
        case .close: ")"
        case .declare: ":="
        case .assign: "="
        case .comma: ","
        }
    }
}

/// Cuts a template into text and actions, and actions into words.
struct TemplateLexer {
    enum Piece {
        case text(String)
        case action([TemplateToken])
    }

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ text: String) { scalars = Array(text.unicodeScalars) }

    /// The next piece; nil at the end. Comments are left out.
    mutating func next() throws(TemplateError) -> Piece? {
        guard position < scalars.count else { return nil }
        if starts(with: "{{") { return try action() }
        var text = String.UnicodeScalarView()
        while position < scalars.count, !starts(with: "{{") {
            if scalars[position] == "\\", position + 1 < scalars.count,
                let meaning = Self.shellEscape(scalars[position + 1])
            {
                text.append(meaning)
                position += 2
            } else {
                text.append(scalars[position])
                position += 1
            }
        }
        if trimsFollowing {
            while let last = text.last, last.properties.isWhitespace { text.removeLast() }
        }
        if trimsNext {
            trimsNext = false
            text = String.UnicodeScalarView(text.drop { $0.properties.isWhitespace })
        }
        return .text(String(text))
    }

    private var trimsNext = false
    private var trimsFollowing: Bool {
        starts(with: "{{-") && position + 3 < scalars.count && scalars[position + 3].properties.isWhitespace
    }

    private static func shellEscape(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        switch scalar {
        case "t": "\t"
        case "n": "\n"
        default: nil
        }
    }

    private func starts(with text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard position + count <= scalars.count else { return false }
        return (0..<count).allSatisfy { scalars[position + $0].value == UInt32(text.utf8Start[$0]) }
    }

    private mutating func action() throws(TemplateError) -> Piece {
        if trimsFollowing { position += 1 }
        position += 2
        trimsNext = false
        var tokens: [TemplateToken] = []
        while true {
            let before = position
            skipSpace()
            guard position < scalars.count else {
                throw TemplateError("the template ends inside an action: \"}}\" is missing")
            }
            if starts(with: "/*") {
                try comment()
                continue
            }
            if starts(with: "}}") {
                position += 2
                return .action(tokens)
            }
            if starts(with: "-}}"), position > before || tokens.isEmpty {
                position += 3
                trimsNext = true
                return .action(tokens)
            }
            tokens.append(try token(isAttached: before == position && !tokens.isEmpty))
        }
    }

    private mutating func comment() throws(TemplateError) {
        while position < scalars.count, !starts(with: "*/") { position += 1 }
        guard position < scalars.count else { throw TemplateError("the template has a comment without \"*/\"") }
        position += 2
    }

    private mutating func skipSpace() {
        while position < scalars.count, scalars[position].properties.isWhitespace { position += 1 }
    }

    private mutating func token(isAttached: Bool) throws(TemplateError) -> TemplateToken {
        let scalar = scalars[position]
        switch scalar {
        case "|":
            position += 1
            return .pipe
        case "(":
            position += 1
            return .open
        case ")":
            position += 1
            return .close
        case ",":
            position += 1
            return .comma
        case "=":
            position += 1
            return .assign
        case ":" where starts(with: ":="):
            position += 2
            return .declare
        case "\"": return .string(try quoted())
        case "`": return .string(try raw())
        case "'": return try character()
        case "$":
            position += 1
            return .variable(word())
        case ".":
            position += 1
            let name = word()
            return name.isEmpty ? .dot : .field(name, attached: isAttached)
        case "0"..."9", "-", "+": return try number()
        default:
            let name = word()
            guard !name.isEmpty else {
                throw TemplateError("the template has an unexpected \"\(scalar)\" in an action")
            }
            return .identifier(name)
        }
    }

    private mutating func word() -> String {
        var text = String.UnicodeScalarView()
        while position < scalars.count,
            scalars[position].properties.isAlphabetic || scalars[position] == "_"
                || scalars[position].properties.numericType != nil
        {
            text.append(scalars[position])
            position += 1
        }
        return String(text)
    }

    private mutating func number() throws(TemplateError) -> TemplateToken {
        let start = position
        position += 1
        while position < scalars.count,
            ("0"..."9").contains(scalars[position]) || scalars[position] == "."
                || scalars[position] == "_" || scalars[position].properties.isAlphabetic
        {
            position += 1
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[start..<position])
        let text = String(view)
        if let value = Int64(text) { return .integer(value) }
        if text.hasPrefix("0x"), let value = Int64(text.dropFirst(2), radix: 16) { return .integer(value) }
        if let value = Double(text) { return .number(value) }
        throw TemplateError("the template has \"\(text)\" where a number should be")
    }

    private mutating func raw() throws(TemplateError) -> String {
        position += 1
        var text = String.UnicodeScalarView()
        while position < scalars.count, scalars[position] != "`" {
            text.append(scalars[position])
            position += 1
        }
        guard position < scalars.count else { throw TemplateError("the template has a ` without its second") }
        position += 1
        return String(text)
    }

    private mutating func character() throws(TemplateError) -> TemplateToken {
        position += 1
        guard position < scalars.count else { throw TemplateError("the template has a ' without its second") }
        let value = scalars[position] == "\\" ? try escape() : scalars[position]
        position += 1
        guard position < scalars.count, scalars[position] == "'" else {
            throw TemplateError(
                "the template has a character constant without its second '; strings are written with \"")
        }
        position += 1
        return .integer(Int64(value.value))
    }

    private mutating func quoted() throws(TemplateError) -> String {
        position += 1
        var text = String.UnicodeScalarView()
        while position < scalars.count, scalars[position] != "\"" {
            text.append(scalars[position] == "\\" ? try escape() : scalars[position])
            position += 1
        }
        guard position < scalars.count else { throw TemplateError("the template has a \" without its second") }
        position += 1
        return String(text)
    }

    /// At a backslash; leaves the position at the escape's last character.
    private mutating func escape() throws(TemplateError) -> Unicode.Scalar {
        position += 1
        guard position < scalars.count else { throw TemplateError("the template ends after a \\") }
        switch scalars[position] {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "\\": return "\\"
        case "\"": return "\""
        case "'": return "'"
        case "x": return try hexadecimal(digits: 2)
        case "u": return try hexadecimal(digits: 4)
        default: throw TemplateError("the template has an unknown escape \"\\\(scalars[position])\"")
        }
    }

    private mutating func hexadecimal(digits: Int) throws(TemplateError) -> Unicode.Scalar {
        guard position + digits < scalars.count else { throw TemplateError("the template ends inside an escape") }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[(position + 1)...(position + digits)])
        position += digits
        guard let value = UInt32(String(view), radix: 16), let scalar = Unicode.Scalar(value) else {
            throw TemplateError("the template has \"\(String(view))\" where an escape's digits should be")
        }
        return scalar
    }
}
