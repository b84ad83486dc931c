import Archives
import HostSystem
import SystemPackage
import TestSupport

/// An entry and its bytes.
struct Sample: Sendable, Equatable {
    var entry: TarEntry
    var bytes: [UInt8] = []
}

func path(_ bytes: [UInt8]) -> FilePath {
    (bytes.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { FilePath(platformString: $0.baseAddress!) }
}

func write(_ samples: [Sample], keepsFractions: Bool = true) throws -> [UInt8] {
    var writer = TarWriter(MemoryWriter(), keepsFractions: keepsFractions)
    for sample in samples {
        try writer.append(sample.entry)
        try writer.write(sample.bytes)
    }
    try writer.finish()
    return writer.sink.bytes
}

/// `step`: how many bytes a read of the source returns at most.
func read(_ archive: [UInt8], step: Int = .max, limits: TarLimits = TarLimits()) throws -> [Sample] {
    var reader = TarReader(MemoryReader(archive, step: step), limits: limits)
    var samples: [Sample] = []
    while let entry = try reader.next() {
        samples.append(Sample(entry: entry, bytes: try readBytes(&reader)))
    }
    return samples
}

func readBytes(_ reader: inout TarReader<MemoryReader>, limit: Int = 1 << 24) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try withUnsafeTemporaryAllocation(byteCount: 10_000, alignment: 16) { buffer in
        while bytes.count < limit, case let count = try reader.read(into: buffer), count > 0 {
            bytes.append(contentsOf: UnsafeRawBufferPointer(buffer)[..<count])
        }
    }
    return bytes
}

extension SeededGenerator {
    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) } }

    /// Any bytes but NUL and slash; neither `.` nor `..`.
    mutating func name(_ count: Int) -> [UInt8] {
        let bytes = (0..<count).map { _ in
            UInt8.random(in: 1...255, using: &self)
        }.map { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ".") ? UInt8(ascii: "x") : $0 }
        return bytes
    }

    mutating func path() -> FilePath {
        let depth = Int.random(in: 1...6, using: &self)
        let parts = (0..<depth).map { _ in
            name([1, 3, 20, 99, 100, 101, 154, 155, 156, 255][Int.random(in: 0..<10, using: &self)])
        }
        return ArchivesTests.path(Array(parts.joined(separator: [UInt8(ascii: "/")])))
    }

    mutating func sample() -> Sample {
        let kinds: [TarEntry.Kind] = [
            .file, .file, .file, .directory, .symlink(path()), .hardLink(path()), .characterDevice(major: 1, minor: 1_048_575),
            .blockDevice(major: 4095, minor: 0), .fifo,
        ]
        let kind = kinds[Int.random(in: 0..<kinds.count, using: &self)]
        let size = kind == .file ? [0, 1, 511, 512, 513, 5000, 200_000][Int.random(in: 0..<7, using: &self)] : 0
        var entry = TarEntry(path: path(), kind: kind, mode: UInt32.random(in: 0...0o7777, using: &self), size: Int64(size))
        entry.uid = [0, 1000, 0o7777777, 0o10000000, .max][Int.random(in: 0..<5, using: &self)]
        entry.gid = [0, 1000, 0o7777777, 0o10000000, .max][Int.random(in: 0..<5, using: &self)]
        entry.modified = Timestamp(
            seconds: [0, -1, -2_000_000_000, 1_700_000_000, 0o77777777777, 0o100000000000][Int.random(in: 0..<6, using: &self)],
            nanoseconds: [0, 0, 1, 500_000_000, 999_999_999][Int.random(in: 0..<5, using: &self)])
        if Bool.random(using: &self) {
            entry.userName = ["root", String(repeating: "u", count: 32), "jürgen"][Int.random(in: 0..<3, using: &self)]
            entry.groupName = ["wheel", String(repeating: "g", count: 40)][Int.random(in: 0..<2, using: &self)]
        }
        for name in ["user.a", "security.capability", "user.a=b%c", "user.%3D"] where Int.random(in: 0..<4, using: &self) == 0 {
            entry.extendedAttributes[name] = bytes(Int.random(in: 0..<300, using: &self))
        }
        return Sample(entry: entry, bytes: bytes(size))
    }
}
