import ImageAnalysis
import OCI

/// An analysis as one JSON document, handed on in pieces: a million files are more text than memory should hold.
struct AnalysisJSON {
    let analysis: ImageAnalysis

    func write(_ emit: (String) throws -> Void) throws {
        try emit("{\"image\":" + image.json + ",\"layers\":[")
        for layer in analysis.layers {
            let head = header(of: layer).json
            try emit((layer.index > 0 ? "," : "") + head.dropLast() + ",\"files\":[")
            var text = ""
            var isFirst = true
            for change in analysis.changes(of: layer.index) {
                if !isFirst { text += "," }
                isFirst = false
                text += Self.file(change)
                if text.utf8.count > 1 << 16 {
                    try emit(text)
                    text = ""
                }
            }
            try emit(text + "]}")
        }
        try emit("],\"base\":" + TemplateValue.record(["layers": .integer(Int64(analysis.baseLayers))]).json)
        try emit(",\"dead\":" + TemplateValue.list(analysis.deadBytes.map(Self.dead)).json)
        try emit(",\"duplicates\":" + TemplateValue.list(analysis.duplicates.map(Self.duplicates)).json + "}\n")
    }

    private var image: TemplateValue {
        .record([
            "sizeBytes": .integer(analysis.sizeBytes),
            "compressedBytes": .integer(analysis.compressedBytes),
            "inefficientBytes": .integer(analysis.inefficientBytes),
            "efficiencyScore": .number(analysis.efficiencyScore),
            "userWastedPercent": .number(analysis.userWastedShare),
            "deadBytes": .integer(analysis.deadByteCount),
            "inefficientFiles": .list(
                analysis.inefficientFiles.map { file in
                    .record([
                        "path": .string(file.path), "count": .integer(Int64(file.copies)), "sizeBytes": .integer(file.bytes),
                    ])
                }),
        ])
    }

    private func header(of layer: ImageAnalysis.Layer) -> TemplateValue {
        .record([
            "index": .integer(Int64(layer.index)),
            "digest": .string(layer.blob.digest.description),
            "diffId": .string(layer.diffID.description),
            "command": .string(layer.command),
            "sizeBytes": .integer(layer.sizeBytes),
            "compressedBytes": .integer(layer.compressedBytes),
        ])
    }

    /// Put together by hand: there may be a million.
    private static func file(_ change: FileChange) -> String {
        var text = "{\"path\":" + quoted(change.path) + ",\"type\":\"\(change.kind.rawValue)\",\"change\":\"\(change.change.rawValue)\""
        if let how = change.modification { text += ",\"modification\":\"\(how.rawValue)\"" }
        text += ",\"size\":\(change.size),\"mode\":\(change.mode),\"uid\":\(change.uid),\"gid\":\(change.gid)"
        if let link = change.linkName { text += ",\"linkName\":" + quoted(link) }
        return text + "}"
    }

    private static func quoted(_ text: String) -> String { TemplateValue.string(text).json }

    private static func dead(_ dead: DeadBytes) -> TemplateValue {
        .record([
            "layer": .integer(Int64(dead.layer)), "hiddenBy": .integer(Int64(dead.hiddenBy)),
            "sizeBytes": .integer(dead.bytes), "files": .integer(Int64(dead.files)),
            "examples": .list(dead.examples.map { .record(["path": .string("/" + $0.path), "sizeBytes": .integer($0.bytes)]) }),
        ])
    }

    private static func duplicates(_ files: DuplicateFiles) -> TemplateValue {
        .record([
            "paths": .list(files.paths.map { .string("/" + $0) }), "count": .integer(Int64(files.copies)),
            "sizeBytes": .integer(files.bytes), "savedBytes": .integer(files.savedBytes),
        ])
    }
}
