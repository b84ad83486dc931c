import FoundationEssentials
import OCI
import TestSupport

/// A config document as cases state it: one member a line, sorted, what is empty left out. So a config of docker's
/// looks like one of OCI's.
struct ImageListing {
    private(set) var members: [String: JSONValue] = [:]
    private(set) var history = ""
    private(set) var diffIDs: [String] = []

    /// `config` is the config blob.
    init(of config: [UInt8]) throws {
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(config))
        guard case .object(let top) = document, case .object(let settings)? = top["config"] else {
            throw FixtureError(description: "a config document without \"config\"")
        }
        members = settings.filter { !Self.ofNoImage.contains($0.key) && !$0.value.isEmpty }
        if case .object(var labels)? = members["Labels"] {
            labels = labels.filter { !$0.key.hasPrefix("org.opencontainers.") && !$0.key.hasPrefix("io.buildah.") }
            members["Labels"] = labels.isEmpty ? nil : .object(labels)
        }
        if let author = top["author"], !author.isEmpty { members["Author"] = author }
        if case .object(let rootfs)? = top["rootfs"], case .array(let layers)? = rootfs["diff_ids"] {
            diffIDs = layers.compactMap { if case .string(let text) = $0 { text } else { nil } }
        }
        members["Layers"] = .number(Double(diffIDs.count))
        if case .array(let entries)? = top["history"] {
            history = entries.map(Self.line).joined()
        }
    }

    /// Docker's config has these of the container it was committed from.
    private static let ofNoImage: Set<String> = [
        "Hostname", "Domainname", "Image", "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce",
    ]

    /// What another builder's config has to agree in: how many layers there are is its own affair, and "/" is what no
    /// working directory means.
    static func comparable(_ members: [String: JSONValue]) -> String {
        text(members.filter { $0.key != "Layers" && !($0.key == "WorkingDir" && $0.value == .string("/")) })
    }

    var text: String { Self.text(members) }

    private static func text(_ members: [String: JSONValue]) -> String {
        let lines = members.sorted { $0.key < $1.key }.map { "  \(JSONValue.string($0.key).text): \($0.value.text)" }
        return lines.isEmpty ? "{}\n" : "{\n" + lines.joined(separator: ",\n") + "\n}\n"
    }

    /// `layer COMMAND` or `empty COMMAND`.
    private static func line(_ entry: JSONValue) -> String {
        guard case .object(let members) = entry, case .string(let command)? = members["created_by"] else { return "?\n" }
        return (members["empty_layer"] == .bool(true) ? "empty " : "layer ") + command + "\n"
    }
}

/// Any JSON value.
enum JSONValue: Hashable, Decodable {
    case null, bool(Bool), number(Double), string(String), array([JSONValue]), object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    var isEmpty: Bool {
        switch self {
        case .null: true
        case .bool(let value): !value
        case .number(let value): value == 0
        case .string(let value): value.isEmpty
        case .array(let value): value.isEmpty
        case .object(let value): value.isEmpty
        }
    }

    /// On one line, keys sorted.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): value == value.rounded() ? "\(Int64(value))" : "\(value)"
        case .string(let value): "\"" + Self.escape(value) + "\""
        case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { JSONValue.string($0.key).text + ": " + $0.value.text }
                .joined(separator: ", ") + "}"
        }
    }

    private static func escape(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
