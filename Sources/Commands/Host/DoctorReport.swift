import Diagnostics
import HostSystem

/// What `doctor` found, as text and as JSON.
struct DoctorReport {
    let root: String
    let capabilities: [HostCapability]

    /// Nothing is missing without which builds fail.
    var isReady: Bool { lacking.isEmpty }

    private var lacking: [HostCapability] { capabilities.filter { $0.isRequired && $0.state == .missing } }

    var json: JSONText {
        .object([
            .init("ready", .bool(isReady)), .init("root", .string(root)), .init("version", .string(Version.text)),
            .init("capabilities", .array(capabilities.map(Self.json))),
        ])
    }

    private static func json(_ capability: HostCapability) -> JSONText {
        .object([
            .init("name", .string(capability.name)), .init("state", .string(capability.state.rawValue)),
            .init("detail", .string(capability.detail)), .init("required", .bool(capability.isRequired)),
            .init("remedy", capability.remedy.map { .string($0) } ?? .null),
        ])
    }

    func text(style: Style) -> String {
        let width = capabilities.map { TextWidth.cells($0.name) }.max() ?? 0
        var text = ""
        for capability in capabilities {
            text += "\(mark(capability, style)) \(TextWidth.left(capability.name, width))  "
                + OutputLines.clean(capability.detail) + "\n"
            if let remedy = capability.remedy, capability.state != .available {
                text += String(repeating: " ", count: width + 10) + style.bold("→ " + remedy) + "\n"
            }
        }
        return text + "\n" + summary + "\n"
    }

    private func mark(_ capability: HostCapability, _ style: Style) -> String {
        switch capability.state {
        case .available: style.green("ok     ")
        case .limited: style.yellow("limited")
        case .missing: capability.isRequired ? style.red("missing") : style.yellow("missing")
        }
    }

    private var summary: String {
        if isReady { return "ready: builds work here, with everything in \(root)" }
        return "not ready: builds need " + lacking.map(\.name).joined(separator: ", ")
    }
}
