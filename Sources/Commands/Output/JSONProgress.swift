package import BuildSolver
package import Diagnostics
import Execution
package import ImageBuild
import OCI

/// One JSON object a line, as scripts read it (`--progress rawjson`).
package struct JSONProgress: ProgressRenderer {
    private var model = ProgressModel()
    /// The first bytes of a character whose rest has not come yet, by step and stream.
    private var partial: [String: [UInt8]] = [:]

    package init() {}

    package mutating func handle(_ event: BuildEvent, at time: Double) -> String {
        if case .output = event {} else { model.apply(event, at: time) }
        switch event {
        case .planned: return ""
        case .skipped(let id, let reason): return step(id, "skipped", reason: reason)
        case .started(let id): return step(id, "started")
        case .cached(let id): return step(id, "cached")
        case .completed(let id, let seconds, let bytes, let reason):
            return step(id, "done", seconds: seconds, bytes: bytes, reason: reason)
        case .failed(let id, let message): return step(id, "failed", reason: message)
        case .output(let id, let output): return log(id, output)
        case .activity(let name, let detail, let done):
            return Self.line([
                .init("event", .string("activity")), .init("name", .string(name)), .init("detail", .string(detail)),
                .init("done", .bool(done)),
            ])
        case .warning(let diagnostic): return Self.line(Self.members(of: diagnostic, event: "warning"))
        }
    }

    private func step(
        _ id: Int, _ status: String, seconds: Double? = nil, bytes: Int64? = nil, reason: String? = nil
    ) -> String {
        var members: [JSONText.Member] = [.init("event", .string("step")), .init("id", .number(id))]
        if let step = model[id]?.step {
            members.append(.init("stage", .string(step.stage)))
            members.append(.init("title", .string(step.title)))
            if let origin = step.origin { members.append(.init("line", .number(origin.line))) }
        }
        members.append(.init("status", .string(status)))
        if let seconds { members.append(.init("seconds", .decimal(seconds))) }
        if let bytes { members.append(.init("bytes", .number(Int(bytes)))) }
        if let reason { members.append(.init("reason", .string(reason))) }
        return Self.line(members)
    }

    private mutating func log(_ id: Int, _ output: ProcessOutput) -> String {
        let key = "\(id) \(output.stream.rawValue)"
        var bytes = partial.removeValue(forKey: key) ?? []
        bytes += output.bytes
        let rest = Self.unfinishedCharacter(at: bytes)
        if rest > 0 { partial[key] = Array(bytes.suffix(rest)) }
        bytes.removeLast(rest)
        guard !bytes.isEmpty else { return "" }
        return Self.line([
            .init("event", .string("log")), .init("id", .number(id)), .init("stream", .string(output.stream.rawValue)),
            .init("data", .string(String(decoding: bytes, as: UTF8.self))),
        ])
    }

    /// How many bytes at the end begin a character without finishing it.
    private static func unfinishedCharacter(at bytes: [UInt8]) -> Int {
        for (distance, byte) in bytes.suffix(3).reversed().enumerated() where byte & 0xC0 != 0x80 {
            let needed = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            return needed > distance + 1 ? distance + 1 : 0
        }
        return 0
    }

    private static func line(_ members: [JSONText.Member]) -> String { JSONText.object(members).compact + "\n" }

    /// The line that ends a build that made an image.
    package static func result(_ report: BuildReport) -> String {
        line([
            .init("event", .string("result")), .init("image", .string(report.imageID.description)),
            .init("size", .number(Int(report.ledger.total.unpacked))),
            .init("compressed", .number(Int(report.ledger.total.compressed))),
            .init("seconds", .decimal(report.ledger.seconds)),
        ])
    }

    /// Something said about the text: an error or a warning.
    static func said(_ diagnostic: Diagnostic) -> String {
        line(members(of: diagnostic, event: diagnostic.severity == .error ? "error" : "warning"))
    }

    /// The line that ends a build that made none.
    package static func failure(_ diagnostic: Diagnostic) -> String { line(members(of: diagnostic, event: "error")) }

    private static func members(of diagnostic: Diagnostic, event: String) -> [JSONText.Member] {
        let lead = [JSONText.Member("event", .string(event))]
        guard case .array(let objects) = JSONRenderer.array([diagnostic]),
            case .object(let members)? = objects.first
        else { return lead }
        return lead + members
    }
}
