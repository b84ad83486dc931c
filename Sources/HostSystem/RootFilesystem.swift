package import SystemPackage

/// A root filesystem that somebody prepared: a plain directory, or an overlay that is not mounted anywhere yet.
package enum RootFilesystem: Sendable, Hashable {
    case directory(FilePath)
    case overlay(OverlayLayout)
}

/// The directories of an overlay. Nothing is mounted until somebody asks for it.
package struct OverlayLayout: Sendable, Hashable {
    /// Top first, as the kernel wants them. Never empty: an empty directory stands in for scratch.
    package var lowers: [FilePath]
    /// nil for a read-only view.
    package var upper: FilePath?
    package var work: FilePath?
    package init(lowers: [FilePath], upper: FilePath? = nil, work: FilePath? = nil) {
        self.lowers = lowers
        self.upper = upper
        self.work = work
    }
}

extension RootFilesystem {
    /// Opens it. An overlay is mounted for as long as the result lives, in no mount table; writes go to its upper
    /// directory without waiting for the disk (`volatile`).
    package func open() throws(SystemError) -> Directory {
        switch self {
        case .directory(let path): try Directory(opening: path)
        case .overlay(let layout): try DetachedMount.overlay(layout).directory
        }
    }
}
