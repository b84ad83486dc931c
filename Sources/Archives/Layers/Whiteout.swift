package import SystemPackage

/// How a layer says that something of the layers below is gone (image-spec layer.md, "Whiteouts").
package enum Whiteout: Sendable, Hashable {
    /// `dir/.wh.name`: what was at this path is gone.
    case removed(FilePath)
    /// `dir/.wh..wh..opq`: whatever the layers below have in this directory is gone. An empty path is the root.
    case opaque(FilePath)

    package static let prefix = ".wh."
    package static let opaqueName = ".wh..wh..opq"

    /// What the path of a layer's entry means, if it is a whiteout. Names that could only be meant to harm (`.wh.`
    /// followed by nothing, `.` or `..`) are none.
    package init?(path: FilePath) {
        guard let name = path.lastComponent, let rest = name.afterWhiteoutPrefix else { return nil }
        var parent = path
        parent.removeLastComponent()
        if name.string == Self.opaqueName {
            self = .opaque(parent)
        } else {
            guard rest.kind == .regular else { return nil }
            self = .removed(parent.appending(rest))
        }
    }

    /// Whether the name begins as whiteouts do. aufs kept files of its own under `.wh..wh.`, which docker and containerd
    /// pass over; so whoever reads a layer takes no such name for a file.
    package static func isReserved(_ path: FilePath) -> Bool {
        path.lastComponent?.withPlatformString { $0.hasWhiteoutPrefix } ?? false
    }

    /// The path of the entry that says so.
    package var path: FilePath {
        switch self {
        case .opaque(let directory): return directory.appending(Self.opaqueName)
        case .removed(let path):
            guard let name = path.lastComponent else { return path.appending(Self.prefix) }
            var result = path
            result.removeLastComponent()
            let bytes = FilePath(root: nil, [name]).withBytes { Array(Self.prefix.utf8) + $0 }
            return result.pushing(FilePath(bytes: bytes))
        }
    }
}

extension FilePath.Component {
    /// Compares and cuts bytes: names need not be text.
    fileprivate var afterWhiteoutPrefix: FilePath.Component? {
        withPlatformString { $0.hasWhiteoutPrefix ? FilePath.Component(platformString: $0 + 4) : nil }
    }
}

extension UnsafePointer<CChar> {
    fileprivate var hasWhiteoutPrefix: Bool {
        // Stops at the NUL, which equals none of them.
        self[0] == 0x2e && self[1] == 0x77 && self[2] == 0x68 && self[3] == 0x2e
    }
}
