import Diagnostics

/// `key=value,key=value`, as docker's options with many parts are written (one line of CSV: a field with a comma in it
/// stands in double quotes).
struct SpecFields: Sendable {
    private var fields: [(key: String, value: String)] = []
    private let option: String

    init(parsing text: String, option: String) throws(UsageError) {
        self.option = option
        for field in try Self.split(text, option) {
            guard let equals = field.firstIndex(of: "=") else {
                throw UsageError("'\(option)' is made of key=value, found \"\(field)\"")
            }
            fields.append((field[..<equals].lowercased(), String(field[field.index(after: equals)...])))
        }
    }

    private static func split(_ text: String, _ option: String) throws(UsageError) -> [String] {
        var fields = [""]
        var quoted = false
        var characters = Array(text)[...]
        while let character = characters.popFirst() {
            switch character {
            case "\"" where quoted && characters.first == "\"":
                characters.removeFirst()
                fields[fields.count - 1] += "\""
            case "\"": quoted.toggle()
            case "," where !quoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        if quoted { throw UsageError("'\(option)' has a double quote without its end: \(text)") }
        return fields
    }

    mutating func take(_ key: String) -> String? {
        guard let index = fields.firstIndex(where: { $0.key == key }) else { return nil }
        return fields.remove(at: index).value
    }

    mutating func require(_ key: String) throws(UsageError) -> String {
        guard let value = take(key), !value.isEmpty else {
            let near = Suggestion.nearest(to: key, among: fields.map(\.key))
            throw UsageError("'\(option)' needs \(key)=…", help: near.map { "did you mean \(key)= by \"\($0)\"?" })
        }
        return value
    }

    mutating func takeBoolean(_ key: String) throws(UsageError) -> Bool? {
        guard let value = take(key) else { return nil }
        switch value.lowercased() {
        case "true", "1", "t": return true
        case "false", "0", "f": return false
        default: throw UsageError("'\(option)': \(key) is true or false, not \"\(value)\"")
        }
    }

    /// Nothing may be left over: a key that does nothing is a key that was misunderstood.
    func finish(known: [String]) throws(UsageError) {
        guard let left = fields.first else { return }
        if known.contains(left.key) { throw UsageError("'\(option)' has no use for \(left.key)= here") }
        throw UsageError(
            "'\(option)' does not know the key \"\(left.key)\"",
            help: known.suggestion(for: left.key) ?? "keys are \(known.joined(separator: ", "))")
    }
}
