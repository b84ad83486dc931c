/// How much a tar archive from elsewhere may ask for before reading it is refused.
package struct TarLimits: Sendable, Hashable {
    package var entries = 5_000_000
    /// Bytes of one extended header (pax, or a GNU long name).
    package var extendedHeaderBytes: Int64 = 1 << 20
    /// Bytes of one path or link target; the kernel's PATH_MAX.
    package var pathBytes = 4096
    /// Sum of the sizes of all files, holes included.
    package var totalBytes: Int64 = 1 << 40
    /// Pieces of one sparse file.
    package var sparsePieces = 1_000_000

    package init() {}
}
