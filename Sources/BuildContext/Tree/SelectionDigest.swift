import HostSystem
package import OCI
package import PathPatterns
import SystemPackage

/// The identity of selected files, and what it took to find out.
package struct SelectionDigest: Sendable, Hashable {
    package var digest: Digest
    /// Entries of any type that are selected.
    package var entries: Int
    /// Sum of the sizes of the regular files, in bytes.
    package var bytes: Int64
    /// Files that had to be opened and read.
    package var hashedFiles: Int
}

extension SourceTree {
    /// The identity of what a selection holds: relative path, type, mode, owner, link target, device number, content,
    /// and of the extended attributes `user.*` and `security.capability`. Never times, inodes or the machine.
    /// Throws what `resolve` throws, and `SystemError` for a file that cannot be read.
    package func digest(of selection: FileSelection) throws -> Digest { try fingerprint(of: selection).digest }

    /// Like `digest`, for a tree that never changes; remembered under the tree's name.
    package func digest(of selection: FileSelection, in memo: SelectionMemo, tree: String) throws -> Digest {
        let key = SelectionMemo.key(tree: tree, selection)
        if let known = memo.digest(for: key) { return known }
        let digest = try digest(of: selection)
        // A memo that cannot be written costs time, not the build.
        try? memo.save(digest, for: key)
        return digest
    }

    package func fingerprint(of selection: FileSelection) throws -> SelectionDigest {
        var pass = memo?.begin()
        let matches = try resolve(selection)
        let excludes = try PatternList(selection.excludes)
        var listing = CanonicalListing(tree: self)
        for match in matches { try listing.append(match, excludes: excludes, memo: &pass) }
        let hashed = try listing.hashPending()
        if var pass {
            for file in hashed where file.isSettled { pass.add(file.key, file.identity) }
            memo?.end(pass)
        }
        return SelectionDigest(
            digest: listing.finish(hashed), entries: listing.entries, bytes: listing.totalSize,
            hashedFiles: hashed.count)
    }
}
