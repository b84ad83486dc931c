import HostSystem
import SystemPackage

/// How overlayfs marks what is gone (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").
enum OverlayMarks {
    private static let prefixes = ["trusted.overlay.", "user.overlay."]
    /// Unprivileged overlays are mounted with `userxattr`.
    private static var ownPrefix: String { HostIdentity.canMount ? prefixes[0] : prefixes[1] }

    static func makeWhiteout(_ name: FilePath, in directory: Directory) throws {
        try directory.createDevice(at: name, mode: 0, major: 0, minor: 0)
    }

    static func makeOpaque(_ name: FilePath, in directory: Directory) throws {
        try directory.setExtendedAttribute(ownPrefix + "opaque", to: [UInt8(ascii: "y")], at: name)
    }

    static func isOpaque(_ path: FilePath, in directory: Directory) -> Bool {
        prefixes.contains { (try? directory.extendedAttribute($0 + "opaque", at: path)) == [UInt8(ascii: "y")] }
    }

    static func isOpaque(_ attributes: [String: [UInt8]]) -> Bool {
        prefixes.contains { attributes[$0 + "opaque"] == [UInt8(ascii: "y")] }
    }

    /// The form without a device node: an empty regular file with a mark.
    static func isWhiteout(_ metadata: FileMetadata, _ attributes: [String: [UInt8]]) -> Bool {
        metadata.kind == .file && metadata.size == 0 && prefixes.contains { attributes[$0 + "whiteout"] != nil }
    }
}

extension FileMetadata {
    /// The usual form.
    var isWhiteout: Bool { kind == .characterDevice && deviceMajor == 0 && deviceMinor == 0 }
}
