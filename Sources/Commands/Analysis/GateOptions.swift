import ArgumentParser
import HostSystem
import ImageAnalysis
import SystemPackage

/// Limits on waste, with dive's names: flags win over the file, the file over dive's defaults.
struct GateOptions: ParsableArguments {
    @Flag(help: "Fail when the image wastes more than allowed (also with CI=true in the environment).")
    var ci = false
    @Option(
        name: .customLong("ci-config"), help: ArgumentHelp("The limits, as dive has them (default: .dive-ci).", valueName: "file"))
    var file: String?
    @Option(name: .customLong("lowestEfficiency"), help: ArgumentHelp("0 to 1; dive's score.", valueName: "share"))
    var lowestEfficiency: String?
    @Option(name: .customLong("highestWastedBytes"), help: ArgumentHelp("Such as 20MB; 'disabled' for none.", valueName: "size"))
    var highestWastedBytes: String?
    @Option(
        name: .customLong("highestUserWastedPercent"),
        help: ArgumentHelp("0 to 1: wasted against all that was added to the first layer.", valueName: "share"))
    var highestUserWastedPercent: String?

    init() {}

    /// nil when nobody asked for a gate.
    func gate(_ environment: ProcessEnvironment) throws -> WasteGate? {
        guard ci || environment.isContinuousIntegration else { return nil }
        var gate = WasteGate.standard
        for (rule, value) in try fileRules() { try GateRule(rule).set(value, in: &gate, source: ".dive-ci") }
        if let lowestEfficiency { try GateRule.lowestEfficiency.set(lowestEfficiency, in: &gate, source: nil) }
        if let highestWastedBytes { try GateRule.highestWastedBytes.set(highestWastedBytes, in: &gate, source: nil) }
        if let highestUserWastedPercent {
            try GateRule.highestUserWastedPercent.set(highestUserWastedPercent, in: &gate, source: nil)
        }
        return gate
    }

    private func fileRules() throws -> [(String, String)] {
        let path = FilePath(file ?? ".dive-ci")
        let opened: File
        do { opened = try File(opening: path) } catch {
            guard file == nil, error.code == .noSuchFileOrDirectory else { throw error }
            return []
        }
        return try GateFile.rules(in: String(decoding: try opened.readAll(limit: 1 << 20), as: UTF8.self), name: path.string)
    }
}

/// One of dive's rules.
enum GateRule: String, CaseIterable {
    case lowestEfficiency, highestWastedBytes, highestUserWastedPercent

    init(_ name: String) throws(UsageError) {
        // Older files of dive's have the flags' spelling too.
        let folded = name.filter { $0 != "-" && $0 != "_" }.lowercased()
        guard let rule = Self.allCases.first(where: { $0.rawValue.lowercased() == folded }) else {
            let names = Self.allCases.map(\.rawValue)
            throw UsageError("there is no rule \"\(name)\"", help: names.suggestion(for: name) ?? "rules are \(names.joined(separator: ", "))")
        }
        self = rule
    }

    func set(_ text: String, in gate: inout WasteGate, source: String?) throws(UsageError) {
        let place = source.map { "\($0): \(rawValue)" } ?? "'--\(rawValue)'"
        let isOff = ["", "disabled", "off", "false"].contains(text.lowercased())
        switch self {
        case .lowestEfficiency: gate.lowestEfficiency = isOff ? nil : try Self.share(text, place)
        case .highestUserWastedPercent: gate.highestUserWastedPercent = isOff ? nil : try Self.share(text, place)
        case .highestWastedBytes:
            guard !isOff else { return gate.highestWastedBytes = nil }
            guard let bytes = Self.bytes(text) else { throw UsageError("\(place) is a size such as 20MB, not \"\(text)\"") }
            gate.highestWastedBytes = bytes
        }
    }

    private static func share(_ text: String, _ place: String) throws(UsageError) -> Double {
        guard let value = Double(text), (0...1).contains(value) else {
            throw UsageError("\(place) is a number from 0 to 1, not \"\(text)\"")
        }
        return value
    }

    /// As dive reads sizes: MB are powers of 1000, MiB of 1024.
    private static func bytes(_ text: String) -> Int64? {
        let lower = text.lowercased().filter { $0 != " " && $0 != "," }
        let number = lower.prefix { $0.isNumber || $0 == "." }
        let factors: [String: Double] = [
            "": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
            "ki": 0x1p10, "kib": 0x1p10, "mi": 0x1p20, "mib": 0x1p20, "gi": 0x1p30, "gib": 0x1p30, "ti": 0x1p40, "tib": 0x1p40,
        ]
        guard let value = Double(number), let factor = factors[String(lower.dropFirst(number.count))], value * factor < 0x1p62
        else { return nil }
        return Int64(value * factor)
    }
}
