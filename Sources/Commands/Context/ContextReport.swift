import BuildContext
import Diagnostics
import HostSystem
import PathPatterns
import SystemPackage

/// A context's listing as text and as JSON.
enum ContextReport {
    static func json(_ listing: ContextListing, warnings: [Diagnostic] = []) -> JSONText {
        let excluded = listing.exclusions.map { exclusion in
            JSONText.object([.init("path", .string(exclusion.path.string))] + members(of: exclusion.rule))
        }
        return .object([
            .init("files", .array(listing.files.map { .object(members(of: $0)) })),
            .init("excluded", .array(excluded)), .init("diagnostics", JSONRenderer.array(warnings.presentable)),
        ])
    }

    static func members(of file: ContextListing.File) -> [JSONText.Member] {
        [
            .init("path", .string(file.path.string)), .init("type", .string(file.type)),
            // How large a directory is, is the file system's affair.
            .init("size", .number(file.kind == .directory ? 0 : Int(file.size))),
        ]
    }

    static func members(of rule: IgnoreRule) -> [JSONText.Member] {
        [
            .init("pattern", .string(rule.text)), .init("file", .string(rule.file)), .init("line", .number(rule.line)),
        ]
    }

    static func text(_ listing: ContextListing) -> String {
        var text = ""
        for file in listing.files {
            let size = file.kind == .file ? Figures.bytes(file.size) : file.kind == .directory ? "" : file.type
            let slash = file.kind == .directory ? "/" : ""
            text += TextWidth.right(size, 10) + "  " + OutputLines.clean(file.path.string) + slash + "\n"
        }
        let count = listing.files.count { $0.kind != .directory }
        text += "\n\(Figures.count(count, "file")), \(Figures.bytes(listing.totalSize))\n"
        guard !listing.exclusions.isEmpty else { return text }
        text += "\nexcluded\n"
        for exclusion in listing.exclusions {
            let path = OutputLines.clean(exclusion.path.string) + (exclusion.isDirectory ? "/" : "")
            text += "  \(path)  (\(place(exclusion.rule)))\n"
        }
        return text
    }

    /// `.dockerignore:12 "dist/"`.
    static func place(_ rule: IgnoreRule) -> String {
        "\(rule.file):\(rule.line) \"\(OutputLines.clean(rule.text))\""
    }
}
