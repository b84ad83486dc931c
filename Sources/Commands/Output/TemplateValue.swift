/// What a Go template sees: a small tree of values whose keys keep their order.
package indirect enum TemplateValue: Sendable, Hashable {
    /// No value; the text is what Go prints for it: `<no value>`, or `[]` of a list that is not there.
    case missing(printed: String)
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case list([TemplateValue])
    /// A Go struct: its fields are known, another name is a mistake.
    case record(Fields)
    /// A Go map with the user's keys: another key has no value.
    case map(Fields)

    /// Named values in order.
    package struct Fields: Sendable, Hashable, ExpressibleByDictionaryLiteral {
        package private(set) var names: [String] = []
        private var values: [String: TemplateValue] = [:]

        package init() {}
        package init(dictionaryLiteral elements: (String, TemplateValue)...) {
            for (name, value) in elements { self[name] = value }
        }
        /// Keys in alphabetical order, as Go prints maps.
        package init(sorting values: [String: TemplateValue]) {
            self.values = values
            names = values.keys.sorted()
        }

        package subscript(name: String) -> TemplateValue? {
            get { values[name] }
            set {
                if let newValue {
                    if values.updateValue(newValue, forKey: name) == nil { names.append(name) }
                } else if values.removeValue(forKey: name) != nil {
                    names.removeAll { $0 == name }
                }
            }
        }
        package var ordered: [(name: String, value: TemplateValue)] {
            names.map { ($0, values[$0] ?? .null) }
        }
        package var count: Int { names.count }
    }

    package static let null = TemplateValue.missing(printed: "<no value>")
    package static let noList = TemplateValue.missing(printed: "[]")
    package static let noMap = TemplateValue.missing(printed: "map[]")
    package static let noRecord = TemplateValue.missing(printed: "<nil>")

    package static func strings(_ texts: [String]) -> TemplateValue { .list(texts.map(TemplateValue.string)) }
    package static func optional(_ text: String?) -> TemplateValue { text.map(TemplateValue.string) ?? .null }

    /// Go's notion of an empty value.
    var isTrue: Bool {
        switch self {
        case .missing: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0
        case .string(let value): !value.isEmpty
        case .list(let values): !values.isEmpty
        case .map(let fields): fields.count > 0
        case .record: true
        }
    }

    /// What Go's `%v` prints.
    var text: String {
        switch self {
        case .missing(let printed): printed
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): Self.shortest(value)
        case .string(let value): value
        case .list(let values): "[" + values.map(\.text).joined(separator: " ") + "]"
        case .map(let fields):
            "map["
                + fields.ordered.sorted { $0.name < $1.name }.map { $0.name + ":" + $0.value.text }
                .joined(separator: " ") + "]"
        case .record(let fields): "{" + fields.ordered.map(\.value.text).joined(separator: " ") + "}"
        }
    }

    var kind: String {
        switch self {
        case .missing: "nothing"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .list: "a list"
        case .record, .map: "a map"
        }
    }

    static func shortest(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }
}

extension TemplateValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}
