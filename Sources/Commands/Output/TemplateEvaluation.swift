import Diagnostics

/// One run of a template over one value.
struct TemplateEvaluation {
    private let root: TemplateValue
    /// Titles stand for values: functions return them as they are.
    private let isHeader: Bool
    private var dot: TemplateValue
    private var variables: [(name: String, value: TemplateValue)] = []
    private var output = ""
    private var stopped: Stop?

    private enum Stop { case breaking, continuing }

    init(root: TemplateValue, isHeader: Bool) {
        self.root = root
        self.isHeader = isHeader
        dot = root
    }

    mutating func run(_ nodes: [GoTemplate.Node]) throws(TemplateError) -> String {
        try execute(nodes)
        return output
    }

    private mutating func execute(_ nodes: [GoTemplate.Node]) throws(TemplateError) {
        let scope = variables.count
        defer { variables.removeLast(variables.count - scope) }
        for node in nodes where stopped == nil {
            switch node {
            case .text(let text): output += text
            case .action(let pipeline):
                let value = try evaluate(pipeline)
                if pipeline.variable == nil { output += value.text }
            case .conditional(let condition, let then, let otherwise):
                try execute(try evaluate(condition).isTrue ? then : otherwise)
            case .with(let condition, let body, let otherwise):
                let value = try evaluate(condition)
                if value.isTrue { try execute(body, dot: value) } else { try execute(otherwise) }
            case .range(let key, let element, let list, let body, let otherwise):
                let elements = try self.elements(of: try evaluate(list))
                if elements.isEmpty { try execute(otherwise) }
                for item in elements where stopped != .breaking {
                    stopped = nil
                    try iterate(body, item, key: key, element: element)
                }
                stopped = nil
            case .stop(let isBreak): stopped = isBreak ? .breaking : .continuing
            }
        }
    }

    private mutating func execute(_ body: [GoTemplate.Node], dot value: TemplateValue) throws(TemplateError) {
        let saved = dot
        dot = value
        defer { dot = saved }
        try execute(body)
    }

    private mutating func iterate(
        _ body: [GoTemplate.Node], _ item: (key: TemplateValue, value: TemplateValue), key: String?, element: String?
    ) throws(TemplateError) {
        let scope = variables.count
        if let key { variables.append((key, item.key)) }
        if let element { variables.append((element, item.value)) }
        defer { variables.removeLast(variables.count - scope) }
        try execute(body, dot: item.value)
    }

    private func elements(of value: TemplateValue) throws(TemplateError) -> [(key: TemplateValue, value: TemplateValue)]
    {
        switch value {
        case .missing: return []
        case .list(let values): return values.enumerated().map { (.integer(Int64($0.offset)), $0.element) }
        case .map(let fields), .record(let fields):
            return fields.ordered.sorted { $0.name < $1.name }.map { (.string($0.name), $0.value) }
        case .integer(let count) where (0...100_000).contains(count):
            return (0..<count).map { (.integer($0), .integer($0)) }
        // A title has no elements; the columns it names still belong into the header.
        case .string where isHeader: return [(.integer(0), value)]
        default: throw TemplateError("the template ranges over \(value.kind), which has no elements")
        }
    }

    // MARK: values

    private mutating func evaluate(_ pipeline: GoTemplate.Pipeline) throws(TemplateError) -> TemplateValue {
        var value: TemplateValue?
        for command in pipeline.commands { value = try evaluate(command, piped: value) }
        let result = value ?? .null
        if let name = pipeline.variable {
            if pipeline.isDeclaration {
                variables.append((name, result))
            } else if let index = variables.lastIndex(where: { $0.name == name }) {
                variables[index].value = result
            } else {
                throw TemplateError("the template has no variable $\(name)")
            }
        }
        return result
    }

    private mutating func evaluate(_ command: [GoTemplate.Operand], piped: TemplateValue?) throws(TemplateError)
        -> TemplateValue
    {
        guard let first = command.first else { return .null }
        if case .function(let name) = first, let function = TemplateFunction(rawValue: name) {
            var arguments: [TemplateValue] = []
            for operand in command.dropFirst() { arguments.append(try evaluate(operand)) }
            if let piped { arguments.append(piped) }
            return isHeader ? function.title(of: arguments) : try function.call(arguments)
        }
        guard command.count == 1, piped == nil else {
            throw TemplateError("the template gives arguments to something that is not a function")
        }
        return try evaluate(first)
    }

    private mutating func evaluate(_ operand: GoTemplate.Operand) throws(TemplateError) -> TemplateValue {
        switch operand {
        case .literal(let value): return value
        case .field(let names): return try follow(names, from: dot)
        case .variable("", let names): return try follow(names, from: root)
        case .variable(let name, let names):
            guard let value = variables.last(where: { $0.name == name })?.value else {
                throw TemplateError("the template has no variable $\(name)")
            }
            return try follow(names, from: value)
        case .group(let pipeline, let names): return try follow(names, from: try evaluate(pipeline))
        case .function(let name):
            guard let function = TemplateFunction(rawValue: name) else { return .null }
            return isHeader ? function.title(of: []) : try function.call([])
        }
    }

    private func follow(_ names: [String], from value: TemplateValue) throws(TemplateError) -> TemplateValue {
        var value = value
        for name in names {
            switch value {
            case .map(let fields): value = fields[name] ?? .null
            case .record(let fields):
                guard let field = fields[name] else { throw Self.unknown(name, fields) }
                value = field
            // What an absent struct or map holds is absent too: `.Config.Healthcheck.Test` of an image without one.
            case .missing: return .null
            case .string where isHeader: return value
            default: throw TemplateError("the template asks for .\(name) of \(value.kind)")
            }
        }
        return value
    }

    private static func unknown(_ name: String, _ fields: TemplateValue.Fields) -> TemplateError {
        TemplateError(
            "the template names .\(name), which is not a field here",
            help: (Suggestion.question(for: name, among: fields.names).map { $0 + " " } ?? "") + "Fields are "
                + fields.names.map { "." + $0 }.joined(separator: ", "))
    }
}
