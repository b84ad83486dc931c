import HostSystem
import OCI
import SystemPackage

/// What a directory holds, a line a file: mode, owner, kind or size, path, and what is in it. The format is described in
/// README.md.
struct TreeListing {
    private struct Row {
        var text: String
        var modified: Timestamp
    }

    /// By path. Bytes of a path that are not printable ASCII are written as `\xNN`, so the order is that of the bytes.
    private var rows: [String: Row] = [:]
    /// The first path of each file that has several.
    private var linked: [UInt64: String] = [:]

    init(of path: FilePath) throws {
        var files: [(path: String, metadata: FileMetadata, content: String)] = []
        try TreeWalk.visit(Directory(opening: path), sorted: true) { entry in
            let name = Self.escape(entry.pathBytes)
            var content = try Self.content(of: entry)
            for (key, value) in try entry.extendedAttributes().sorted(by: { $0.key < $1.key })
            where !Self.isOfTheHost(key) {
                content += " \(key)=\(Self.quote(value))"
            }
            files.append((name, entry.metadata, content))
            return .descend
        }
        for file in files.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) {
            rows[file.path] = Row(
                text: row(file.path, file.metadata, file.content), modified: file.metadata.modified)
        }
    }

    /// What is not in `base`, and what of it is gone.
    func lines(since base: TreeListing?) -> String {
        var lines = rows.filter { base?.rows[$0.key]?.text != $0.value.text }.mapValues(\.text)
        for path in base?.rows.keys ?? [:].keys where rows[path] == nil {
            // What went with its directory need not be said.
            let isWithParent = base?.rows.keys.contains { path.hasPrefix($0 + "/") && rows[$0] == nil } ?? false
            if !isWithParent { lines[path] = "gone \(path)" }
        }
        return lines.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { $0.value + "\n" }.joined()
    }

    /// `time path` of the named paths, or of everything.
    func times(of paths: [String], since base: TreeListing?) -> String {
        let chosen = paths.isEmpty ? rows.keys.filter { base?.rows[$0]?.text != rows[$0]?.text } : paths
        return chosen.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { path in
            guard let time = rows[path]?.modified else { return "missing \(path)\n" }
            let fraction = time.nanoseconds == 0 ? "" : ".\(time.nanoseconds)"
            return "\(time.seconds)\(fraction) \(path)\n"
        }.joined()
    }

    private mutating func row(_ path: String, _ metadata: FileMetadata, _ content: String) -> String {
        let start = "\(String(metadata.mode, radix: 8)) \(metadata.uid):\(metadata.gid)"
        switch metadata.kind {
        case .directory: return "\(start) directory \(path)\(content)"
        case .symlink: return "\(start) link \(path)\(content)"
        case .fifo: return "\(start) fifo \(path)\(content)"
        case .socket: return "\(start) socket \(path)\(content)"
        case .characterDevice, .blockDevice:
            let kind = metadata.kind == .blockDevice ? "block" : "character"
            return "\(start) \(kind) \(metadata.deviceMajor):\(metadata.deviceMinor) \(path)\(content)"
        case .file:
            if metadata.links > 1 {
                if let first = linked[metadata.inode] { return "\(start) hard \(path) = \(first)" }
                linked[metadata.inode] = path
            }
            return "\(start) \(metadata.size) \(path)\(content)"
        }
    }

    /// What follows the path: where a link leads; of a file its digest and, when it is short and readable, its text.
    private static func content(of entry: TreeWalk.Entry) throws -> String {
        switch entry.metadata.kind {
        case .symlink:
            let target = try entry.symlinkTarget().string
            return Array(target.utf8).withUnsafeBytes { " -> " + escape($0) }
        case .file:
            let bytes = try entry.open().readAll(limit: 1 << 30)
            if bytes.isEmpty { return "" }
            let digest = " " + Digest.sha256(of: bytes).short
            return isText(bytes) ? digest + " " + quote(bytes) : digest
        default: return ""
        }
    }

    /// Longer files are only known by their digest.
    private static let shown = 80

    private static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.count <= shown && bytes.allSatisfy { (0x20..<0x7f).contains($0) || $0 == 10 || $0 == 9 || $0 == 13 }
    }

    private static func isOfTheHost(_ key: String) -> Bool { key.hasPrefix("trusted.overlay.") || key == "security.selinux" }

    private static func quote(_ bytes: [UInt8]) -> String {
        var text = "\""
        for byte in bytes {
            switch byte {
            case 9: text += "\\t"
            case 10: text += "\\n"
            case 13: text += "\\r"
            case UInt8(ascii: "\""): text += "\\\""
            case UInt8(ascii: "\\"): text += "\\\\"
            case 0x20..<0x7f: text.unicodeScalars.append(Unicode.Scalar(byte))
            default: text += hexadecimal(byte)
            }
        }
        return text + "\""
    }

    private static func escape(_ bytes: UnsafeRawBufferPointer) -> String {
        var text = ""
        for byte in bytes {
            if (0x21..<0x7f).contains(byte) || byte == 0x20 {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += hexadecimal(byte)
            }
        }
        return text
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return "\\x" + (digits.count < 2 ? "0" : "") + digits
    }
}
