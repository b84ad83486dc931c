/// Words to nodes.
struct TemplateParser {
    private var lexer: TemplateLexer
    private var depth = 0

    init(_ text: String) { lexer = TemplateLexer(text) }

    mutating func parse() throws(TemplateError) -> [GoTemplate.Node] {
        let (nodes, end) = try block()
        if let end { throw TemplateError("the template has {{\(end.word)}} without an action that it could end") }
        return nodes
    }

    /// What ended a block.
    private struct Ending {
        var word: String
        /// What follows an `else`: `if …` or `with …`.
        var rest: [TemplateToken]
    }

    private static let deepest = 50

    private mutating func block() throws(TemplateError) -> ([GoTemplate.Node], Ending?) {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else {
            throw TemplateError("the template is nested more than \(Self.deepest) levels deep")
        }
        var nodes: [GoTemplate.Node] = []
        while let piece = try lexer.next() {
            switch piece {
            case .text(let text): nodes.append(.text(text))
            case .action(let tokens):
                guard case .identifier(let word)? = tokens.first else {
                    if !tokens.isEmpty { nodes.append(.action(try pipeline(tokens[...]))) }
                    continue
                }
                let rest = tokens.dropFirst()
                switch word {
                case "end", "else": return (nodes, Ending(word: word, rest: Array(rest)))
                case "if", "with": nodes.append(try conditional(word, rest))
                case "range": nodes.append(try range(rest))
                case "break", "continue": nodes.append(.stop(isBreak: word == "break"))
                case "define", "template", "block":
                    throw TemplateError("{{\(word)}} is not part of docker's template subset")
                default: nodes.append(.action(try pipeline(tokens[...])))
                }
            }
        }
        return (nodes, nil)
    }

    private mutating func conditional(
        _ word: String, _ tokens: ArraySlice<TemplateToken>
    ) throws(TemplateError) -> GoTemplate.Node {
        let condition = try pipeline(tokens)
        let (body, otherwise) = try branches(of: word)
        return word == "if"
            ? .conditional(condition, then: body, else: otherwise) : .with(condition, body: body, else: otherwise)
    }

    private mutating func branches(of word: String) throws(TemplateError) -> ([GoTemplate.Node], [GoTemplate.Node]) {
        let (body, end) = try block()
        guard let end else { throw TemplateError("the template has {{\(word)}} without {{end}}") }
        guard end.word == "else" else { return (body, []) }
        if case .identifier(let next)? = end.rest.first {
            guard next == "if" || next == "with" else { throw TemplateError("the template has \"else \(next)\"") }
            depth += 1
            defer { depth -= 1 }
            guard depth < Self.deepest else {
                throw TemplateError("the template is nested more than \(Self.deepest) levels deep")
            }
            return (body, [try conditional(next, end.rest.dropFirst()[...])])
        }
        let (otherwise, last) = try block()
        guard let last, last.word == "end" else { throw TemplateError("the template has {{\(word)}} without {{end}}") }
        return (body, otherwise)
    }

    private mutating func range(_ tokens: ArraySlice<TemplateToken>) throws(TemplateError) -> GoTemplate.Node {
        var names: [String] = []
        var rest = tokens
        var head = tokens
        scan: while case .variable(let name)? = head.first {
            head = head.dropFirst()
            names.append(name)
            switch head.first {
            case .comma: head = head.dropFirst()
            case .declare, .assign:
                rest = head.dropFirst()
                break scan
            default:
                names = []
                break scan
            }
        }
        guard names.count <= 2 else { throw TemplateError("{{range}} declares at most two variables") }
        if rest.count == tokens.count { names = [] }
        let list = try pipeline(rest)
        let (body, otherwise) = try branches(of: "range")
        let key = names.count == 2 ? names[0] : nil
        return .range(key: key, element: names.last, list, body: body, else: otherwise)
    }

    // MARK: pipelines

    private mutating func pipeline(_ tokens: ArraySlice<TemplateToken>) throws(TemplateError) -> GoTemplate.Pipeline {
        var tokens = tokens
        let result = try pipeline(consuming: &tokens)
        if let extra = tokens.first { throw TemplateError("the template has an unexpected \"\(extra.spelling)\"") }
        return result
    }

    private mutating func pipeline(
        consuming tokens: inout ArraySlice<TemplateToken>
    ) throws(TemplateError) -> GoTemplate.Pipeline {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else {
            throw TemplateError("the template is nested more than \(Self.deepest) levels deep")
        }
        var result = GoTemplate.Pipeline(commands: [])
        if tokens.count >= 2, case .variable(let name)? = tokens.first {
            let second = tokens[tokens.startIndex + 1]
            if second == .declare || second == .assign {
                result.variable = name
                result.isDeclaration = second == .declare
                tokens = tokens.dropFirst(2)
            }
        }
        repeat {
            if !result.commands.isEmpty { tokens = tokens.dropFirst() }
            var operands: [GoTemplate.Operand] = []
            while let next = tokens.first, next != .pipe, next != .close {
                operands.append(try operand(&tokens))
            }
            guard !operands.isEmpty else { throw TemplateError("the template has an action or a pipe without a value") }
            result.commands.append(operands)
        } while tokens.first == .pipe
        return result
    }

    private mutating func operand(_ tokens: inout ArraySlice<TemplateToken>) throws(TemplateError) -> GoTemplate.Operand
    {
        guard let token = tokens.popFirst() else { throw TemplateError("the template misses a value") }
        switch token {
        case .dot: return .field([])
        case .field(let name, _): return .field([name] + chain(&tokens))
        case .variable(let name): return .variable(name, chain(&tokens))
        case .string(let text): return .literal(.string(text))
        case .integer(let value): return .literal(.integer(value))
        case .number(let value): return .literal(.number(value))
        case .identifier("true"): return .literal(.bool(true))
        case .identifier("false"): return .literal(.bool(false))
        case .identifier("nil"): return .literal(.null)
        case .identifier(let name):
            guard TemplateFunction(rawValue: name) != nil else {
                throw TemplateError(
                    "the template calls \"\(name)\", which is not a function",
                    help: "fields are written with a dot (.\(name)); functions are "
                        + TemplateFunction.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return .function(name)
        case .open:
            let inner = try pipeline(consuming: &tokens)
            guard tokens.popFirst() == .close else { throw TemplateError("the template has \"(\" without \")\"") }
            return .group(inner, chain(&tokens))
        case .pipe, .close, .declare, .assign, .comma:
            throw TemplateError("the template has an unexpected \"\(token.spelling)\"")
        }
    }

    private func chain(_ tokens: inout ArraySlice<TemplateToken>) -> [String] {
        var names: [String] = []
        while case .field(let name, attached: true)? = tokens.first {
            names.append(name)
            tokens = tokens.dropFirst()
        }
        return names
    }
}
