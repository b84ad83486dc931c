import ImageAnalysis

/// An analysis for people: layers with what made them, and what of it was for nothing.
struct AnalysisText {
    let name: String
    let analysis: ImageAnalysis
    /// Cells a line may have.
    var width = 100

    var text: String {
        ([heading, ""] + layers + waste + duplicates).map { $0 + "\n" }.joined()
    }

    private var heading: String {
        let sizes = "\(Figures.bytes(analysis.sizeBytes)) unpacked, \(Figures.bytes(analysis.compressedBytes)) compressed"
        return "\(OutputLines.clean(name)): \(Figures.count(analysis.layers.count, "layer")), \(sizes)"
    }

    private var layers: [String] {
        var lines = ["  layer    unpacked  compressed   files  made by"]
        for layer in analysis.layers {
            let by = layer.command.isEmpty ? "(not said)" : OutputLines.clean(layer.command)
            let line = "  " + TextWidth.right(String(layer.index), 5) + TextWidth.right(Figures.bytes(layer.sizeBytes), 12)
                + TextWidth.right(Figures.bytes(layer.compressedBytes), 12) + TextWidth.right(String(layer.files), 8) + "  "
                + (layer.isBase ? "base: " : "") + by
            lines.append(TextWidth.fit(line, width))
        }
        return lines
    }

    private var waste: [String] {
        var lines = ["", "  waste"]
        if analysis.deadBytes.isEmpty {
            lines.append("  no dead bytes: everything that ships can be seen")
        } else {
            lines.append("  \(Figures.bytes(analysis.deadByteCount)) ship and cannot be seen:")
        }
        for dead in analysis.deadBytes.prefix(10) {
            let what = "\(Figures.count(dead.files, "file")) of layer \(dead.layer), hidden by layer \(dead.hiddenBy)"
            let paths = dead.examples.map { "/" + $0.path }.joined(separator: ", ") + (dead.files > dead.examples.count ? ", …" : "")
            lines.append(
                TextWidth.fit("  " + TextWidth.right(Figures.bytes(dead.bytes), 10) + "  \(what): " + OutputLines.clean(paths), width))
        }
        let score = WasteGate.percent(analysis.efficiencyScore)
        lines.append(
            "  as dive measures: efficiency \(score), \(Figures.bytes(analysis.inefficientBytes)) wasted, "
                + "\(WasteGate.percent(analysis.userWastedShare)) of what was added to the first layer")
        return lines
    }

    private var duplicates: [String] {
        guard !analysis.duplicates.isEmpty else { return [] }
        var lines = ["", "  the same bytes under several names"]
        for files in analysis.duplicates.prefix(5) {
            let paths = files.paths.map { "/" + $0 }.joined(separator: ", ")
            let line = "  " + TextWidth.right(Figures.bytes(files.savedBytes), 10) + "  to save of \(files.copies) copies: " + OutputLines.clean(paths)
            lines.append(TextWidth.fit(line, width))
        }
        return lines
    }
}
