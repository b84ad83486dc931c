package import OCI

/// A base image that was made.
package struct BaseReport: Sendable {
    /// The config's digest: what docker calls the image id.
    package var imageID: Digest
    package var manifest: Descriptor
    package var reference: Reference
    /// The largest first.
    package var packages: [InstalledPackage]
    /// Bytes of the files, unpacked.
    package var unpackedBytes: Int64
    /// Bytes of the layer as stored.
    package var compressedBytes: Int64
    /// Seconds since 1970 that no time in the image exceeds.
    package var sourceDateEpoch: Int64
    /// Things the user may want to know, a sentence each.
    package var notes: [String]
}

/// A package inside a base image.
package struct InstalledPackage: Sendable, Hashable {
    package var name: String
    package var version: String
    /// What the package says it takes on disk. Its documentation counts, even when it was left out.
    package var installedBytes: Int64

    package init(name: String, version: String, installedBytes: Int64) {
        self.name = name
        self.version = version
        self.installedBytes = installedBytes
    }

    /// From a paragraph of dpkg's status file or of a package's control file; nil when it is not installed.
    init?(_ paragraph: ControlParagraph) {
        guard let name = paragraph["Package"], let version = paragraph["Version"] else { return nil }
        if let status = paragraph["Status"], !status.hasSuffix(" installed") { return nil }
        self.name = name
        self.version = version
        // Installed-Size is in units of 1024 bytes (deb-control(5)).
        installedBytes = (paragraph["Installed-Size"].flatMap { Int64($0) } ?? 0) * 1024
    }

    /// The largest first; equal ones by name.
    static func isLarger(_ left: InstalledPackage, _ right: InstalledPackage) -> Bool {
        left.installedBytes != right.installedBytes
            ? left.installedBytes > right.installedBytes : left.name < right.name
    }
}

/// What happens while a base image is made.
package enum BaseProgress: Sendable, Hashable {
    /// A stage of the work begins.
    case step(String)
    /// A line of a program we started, for those who want to see everything.
    case detail(String)
}
