/// Why a TOML file cannot be read, and where.
struct TOMLError: Error, Hashable, Sendable {
    var line: Int
    var message: String
}

/// A table of TOML 1.0, without what `hosts.toml` never has: dates, numbers, inline tables and arrays of tables are
/// refused. Keys keep the order in which they are written.
struct TOMLTable: Sendable, Hashable {
    indirect enum Value: Sendable, Hashable {
        case string(String)
        case bool(Bool)
        case array([Value])
        case table(TOMLTable)
    }

    private(set) var order: [String] = []
    private var values: [String: Value] = [:]
    private var lines: [String: Int] = [:]
    /// Written as `[header]`, which may happen once.
    private var isDefined = false

    init() {}

    init(parsing text: String) throws(TOMLError) {
        var scanner = TOMLScanner(text)
        self = try scanner.table()
    }

    func line(_ key: String) -> Int { lines[key] ?? 1 }

    subscript(key: String) -> Value? { values[key] }

    func string(_ key: String) throws(TOMLError) -> String? {
        guard let value = values[key] else { return nil }
        guard case .string(let text) = value else { throw wrong(key, "a string") }
        return text
    }

    func bool(_ key: String) throws(TOMLError) -> Bool? {
        guard let value = values[key] else { return nil }
        guard case .bool(let value) = value else { throw wrong(key, "true or false") }
        return value
    }

    func table(_ key: String) throws(TOMLError) -> TOMLTable? {
        guard let value = values[key] else { return nil }
        guard case .table(let table) = value else { throw wrong(key, "a table") }
        return table
    }

    /// A string, or a list of strings.
    func strings(_ key: String) throws(TOMLError) -> [String]? {
        guard let value = values[key] else { return nil }
        switch value {
        case .string(let text): return [text]
        case .array(let items):
            var found: [String] = []
            for item in items {
                guard case .string(let text) = item else { throw wrong(key, "a list of strings") }
                found.append(text)
            }
            return found
        default: throw wrong(key, "a string or a list of strings")
        }
    }

    /// A string, or a list whose items are strings or lists of one or two of them.
    func pairs(_ key: String) throws(TOMLError) -> [[String]]? {
        guard case .array(let items) = values[key] else { return try strings(key).map { [$0] } }
        var found: [[String]] = []
        for item in items {
            switch item {
            case .string(let text): found.append([text])
            case .array(let inner):
                let texts = inner.compactMap { if case .string(let text) = $0 { text } else { nil } }
                guard texts.count == inner.count, (1...2).contains(texts.count) else { throw wrong(key, "a list of pairs of file names") }
                found.append(texts)
            default: throw wrong(key, "a list of pairs of file names")
            }
        }
        return found
    }

    private func wrong(_ key: String, _ expected: String) -> TOMLError {
        TOMLError(line: line(key), message: "\"\(key)\" has to be \(expected)")
    }

    // MARK: Filling

    mutating func set(_ keys: ArraySlice<String>, to value: Value, line: Int) throws(TOMLError) {
        guard let key = keys.first else { return }
        if keys.count == 1 {
            guard values[key] == nil else { throw TOMLError(line: line, message: "\"\(key)\" is set twice") }
            insert(key, value, line: line)
            return
        }
        var inner = try below(key, line: line)
        try inner.set(keys.dropFirst(), to: value, line: line)
        insert(key, .table(inner), line: line)
    }

    /// Opens the table of a `[header]`.
    mutating func define(_ keys: ArraySlice<String>, line: Int) throws(TOMLError) {
        guard let key = keys.first else {
            guard !isDefined else { throw TOMLError(line: line, message: "this table is begun twice") }
            isDefined = true
            return
        }
        var inner = try below(key, line: line)
        try inner.define(keys.dropFirst(), line: line)
        insert(key, .table(inner), line: line)
    }

    private func below(_ key: String, line: Int) throws(TOMLError) -> TOMLTable {
        switch values[key] {
        case nil: return TOMLTable()
        case .table(let table): return table
        default: throw TOMLError(line: line, message: "\"\(key)\" is a value, and cannot be a table too")
        }
    }

    private mutating func insert(_ key: String, _ value: Value, line: Int) {
        if values.updateValue(value, forKey: key) == nil {
            order.append(key)
            lines[key] = line
        }
    }
}
