import Diagnostics
import ImageBuild
import OCI

/// `-o`: `type=oci,dest=app.tar`, or docker's short forms `DIR` and `-`.
struct OutputSpec: Hashable, Sendable {
    var output: BuildRequest.Output
    /// Names that `type=image,name=…` gives the image.
    var names: [Reference] = []
    /// `push=true`: to the registries of its names too.
    var pushes = false

    private static let types = ["image", "registry", "oci", "docker", "local", "tar"]

    init(parsing text: String) throws(UsageError) {
        guard text.contains("=") else {
            if text.isEmpty { throw UsageError("'--output' needs a destination") }
            output = text == "-" ? .tar(path: "-") : .directory(path: text)
            return
        }
        var fields = try SpecFields(parsing: text, option: "--output")
        let type = fields.take("type") ?? "local"
        switch type {
        case "image":
            output = .store
            names = try Self.references(fields.take("name") ?? "")
            pushes = try fields.takeBoolean("push") ?? false
        case "registry": (output, names) = (.registry, try Self.references(fields.take("name") ?? ""))
        case "oci": output = .layout(path: try fields.require("dest"), archive: try fields.takeBoolean("tar") ?? true)
        case "docker":
            if let name = fields.take("name") { names = try Self.references(name) }
            output = fields.take("dest").map { .dockerArchive(path: $0) } ?? .store
        case "local": output = .directory(path: try fields.require("dest"))
        case "tar": output = .tar(path: try fields.require("dest"))
        default:
            throw UsageError(
                "unknown output type \"\(type)\"",
                help: Self.types.suggestion(for: type) ?? "types are \(Self.types.joined(separator: ", "))")
        }
        try fields.finish(known: ["type", "dest", "name", "push", "tar"])
    }

    private static func references(_ names: String) throws(UsageError) -> [Reference] {
        var references: [Reference] = []
        for name in names.split(separator: ",") { references.append(try BuildRequest.tag(String(name))) }
        return references
    }
}

extension BuildRequest {
    /// Whether an output is standard output.
    var takesStandardOutput: Bool { outputs.contains { $0 == .tar(path: "-") || $0 == .dockerArchive(path: "-") } }
}
