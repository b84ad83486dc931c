package import OCI
package import SystemPackage

/// A path of a layer that must not be: it leaves the root, or misuses the whiteout prefix.
package struct LayerPathError: Error, Sendable, Hashable, CustomStringConvertible {
    package var path: FilePath
    package var description: String { "the layer holds the path \"\(path)\", which no layer may hold" }
}

/// What reading a layer to its end found out.
package struct LayerReading: Sendable, Hashable {
    package var diffID: DiffID
    package var compression: Compression
    /// Bytes of the uncompressed tar.
    package var tarBytes: Int64
    /// Sum of the sizes of its files.
    package var unpackedBytes: Int64
    package var entries: Int

    package init(diffID: DiffID, compression: Compression, tarBytes: Int64, unpackedBytes: Int64, entries: Int) {
        self.diffID = diffID
        self.compression = compression
        self.tarBytes = tarBytes
        self.unpackedBytes = unpackedBytes
        self.entries = entries
    }
}

/// One change that a layer makes.
package enum LayerEntry: Sendable, Hashable {
    /// Add or replace. The path is relative to the root, without `.` and `..`; the root itself is `.`. So is the path
    /// that a hard link names; a symlink's target is as it is.
    case entry(TarEntry)
    /// Remove.
    case whiteout(of: FilePath)
    /// Remove what the layers below have in this directory (`.`: in the root).
    case opaque(directory: FilePath)
}

/// Reads a layer, compressed or not: its changes, and the DiffID of what was read. Decompression and hashing run on a
/// thread of their own, ahead of the reader. Copies are the same reader.
package struct LayerReader {
    private let state: State

    package init(
        _ source: some ByteReader, limits: TarLimits = TarLimits(),
        decompression: DecompressionLimits = DecompressionLimits()
    ) {
        let hashed = HashingReader(DecompressingReader(source, limits: decompression))
        state = State(TarReader(ReadAhead(hashed), limits: limits), hashed: hashed)
    }

    package mutating func next() throws -> LayerEntry? {
        while var entry = try state.tar.next() {
            state.entries += 1
            entry.path = try Self.confined(entry.path)
            if Whiteout.isReserved(entry.path) {
                switch Whiteout(path: entry.path) {
                case .removed(let path)? where Whiteout.isReserved(path): continue
                case .removed(let path)?: return .whiteout(of: path)
                case .opaque(let directory)?: return .opaque(directory: directory.isEmpty ? "." : directory)
                case nil: throw LayerPathError(path: entry.path)
                }
            }
            if case .hardLink(let target) = entry.kind { entry.kind = .hardLink(try Self.confined(target)) }
            if entry.kind == .file { state.unpackedBytes += entry.size }
            return .entry(entry)
        }
        return nil
    }

    /// Bytes of the current entry; 0 at its end.
    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try state.tar.read(into: buffer) }

    /// Passes over the hole of a sparse file that begins here; returns its length, 0 where bytes follow.
    package mutating func skipHole() -> Int64 { state.tar.skipHole() }

    /// Reads what is left and says what the whole was. Compare `diffID` before you believe the entries.
    package mutating func finish() throws -> LayerReading {
        _ = try state.tar.drain()
        // The thread that reads ahead is done: `drain` has met the end.
        let hashed = state.hashed
        return LayerReading(
            diffID: DiffID(hashed.digest), compression: hashed.compression, tarBytes: hashed.bytes,
            unpackedBytes: state.unpackedBytes, entries: state.entries)
    }

    /// `/a//./b` is `a/b`. Throws for `..` that climb out.
    private static func confined(_ path: FilePath) throws -> FilePath {
        if path.isPlainRelative { return path }
        var result = path
        result.lexicallyNormalize()
        result.root = nil
        if result.isEmpty { return "." }
        guard result.components.first?.kind != .parentDirectory else { throw LayerPathError(path: path) }
        return result
    }

    private final class State {
        var tar: TarReader<ReadAhead>
        let hashed: HashingReader
        var entries = 0
        var unpackedBytes: Int64 = 0

        init(_ tar: TarReader<ReadAhead>, hashed: HashingReader) {
            self.tar = tar
            self.hashed = hashed
        }
    }
}

extension FilePath {
    /// Whether the path is relative and holds neither `.` nor `..`, and so needs no tidying.
    fileprivate var isPlainRelative: Bool {
        withBytes { bytes in
            var isAtStart = true
            for (index, byte) in bytes.enumerated() {
                if byte == UInt8(ascii: "/") {
                    if index == 0 { return false }
                    isAtStart = true
                } else {
                    // Any component that begins with a dot takes the slow path: few do.
                    if isAtStart, byte == UInt8(ascii: ".") { return false }
                    isAtStart = false
                }
            }
            return !bytes.isEmpty
        }
    }
}
