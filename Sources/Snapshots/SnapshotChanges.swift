package import HostSystem
package import SystemPackage

/// What a snapshot changed against its parent: enough to write its layer.
package struct SnapshotChanges: Sendable {
    /// How the changes are told.
    package enum Form: Sendable {
        /// `directory` is the upper directory of an overlay: all that is in it changed, whiteouts and opaque marks say
        /// what went. `parent` is the view below it, nil when there was none.
        case upper(parent: RootFilesystem?)
        /// `directory` is the whole tree; these paths of it changed. Sorted: a directory comes before what it holds,
        /// the names of one directory in byte order.
        case list([SnapshotChange])
    }

    /// Holds the added and modified files themselves, read in place.
    package var directory: FilePath
    package var form: Form
    /// Whether the attributes of the root directory itself changed.
    package var includesRoot: Bool

    package init(directory: FilePath, form: Form = .upper(parent: nil), includesRoot: Bool = false) {
        self.directory = directory
        self.form = form
        self.includesRoot = includesRoot
    }
}

/// One path that differs from the parent.
package struct SnapshotChange: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Added, or anything about it changed. Directories above a change count as written too.
        case written
        case removed
    }
    /// Relative to the root.
    package var path: FilePath
    package var kind: Kind
    package init(_ kind: Kind, _ path: FilePath) {
        self.kind = kind
        self.path = path
    }
}
