import Archives
import OCI
import TestSupport
import Testing

/// Text-like bytes: compressible, but not to nothing. Made of one stretch that is further from its repetition than gzip
/// looks: unoptimised code makes few megabytes a second.
func prose(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    let words = (0..<500).map { _ in
        (0..<Int.random(in: 2...9, using: &random)).map { _ in UInt8.random(in: 97...122, using: &random) } + [32]
    }
    var stretch: [UInt8] = []
    while stretch.count < min(count, 100_000) { stretch += words[Int.random(in: 0..<500, using: &random)] }
    var result: [UInt8] = []
    result.reserveCapacity(count + stretch.count)
    while result.count < count { result += stretch }
    result.removeLast(result.count - count)
    return result
}

func compress(_ bytes: [UInt8], _ compression: Compression, level: Int? = nil, threads: Int = 2, step: Int = 300_000) throws -> [UInt8] {
    let sink = MemoryWriter()
    var writer = try CompressingWriter(to: sink, compression: compression, level: level, threads: threads)
    for start in stride(from: 0, to: bytes.count, by: step) { try writer.write(Array(bytes[start..<min(bytes.count, start + step)])) }
    try writer.finish()
    #expect(writer.digest == .sha256(of: sink.bytes))
    #expect(writer.compressedBytes == Int64(sink.bytes.count))
    return sink.bytes
}

func decompress(_ bytes: [UInt8], step: Int = .max, limits: DecompressionLimits = DecompressionLimits()) throws -> [UInt8] {
    let reader = DecompressingReader(MemoryReader(bytes, step: step), limits: limits)
    var copy = reader
    return try copy.readAll(limit: .max) ?? []
}

@Suite struct CompressionTests {
    static let sizes = [0, 1, 1000, 1 << 20, 1 << 20 + 1, 5 << 20, 5 << 20 + 77]

    @Test(arguments: [Compression.none, .gzip, .zstd], sizes) func whatIsCompressedIsDecompressed(kind: Compression, size: Int) throws {
        let bytes = prose(size)
        let packed = try compress(bytes, kind)
        #expect(kind == .none ? packed == bytes : Compression.detect(packed) == kind)
        #expect(try decompress(packed) == bytes)
        #expect(try decompress(packed, step: 1000) == bytes)
    }

    @Test(arguments: [Compression.gzip, .zstd], sizes) func bytesDoNotDependOnThreads(kind: Compression, size: Int) throws {
        let bytes = prose(size, seed: 2)
        let expected = try compress(bytes, kind, threads: 1)
        for threads in [2, 3, 8] {
            for step in [300_000, 7_000_000] { #expect(try compress(bytes, kind, threads: threads, step: step) == expected) }
        }
    }

    @Test(arguments: [("gzip -t", Compression.gzip), ("zstd -qt", .zstd)], [0, 1 << 20, 3 << 20 + 5])
    func otherToolsAccept(tool: (String, Compression), size: Int) async throws {
        let output = try await ShellCommand.run(tool.0, input: try compress(prose(size), tool.1))
        #expect(output.standardError == "" && output.status == 0)
    }

    @Test(arguments: ["gzip -9", "gzip -1 --rsyncable", "zstd -1", "zstd -19 --no-check", "bzip2", "xz", "xz -C none", "cat"])
    func readsOtherTools(tool: String) async throws {
        let bytes = prose(400_000)
        let packed = try await ShellCommand.run("\(tool)\(tool == "cat" ? "" : " -c")", input: bytes)
        #expect(packed.status == 0)
        #expect(try decompress(packed.standardOutput) == bytes)
        #expect(try decompress(packed.standardOutput, step: 1) == bytes)
    }

    /// Several members, frames or streams; empty ones; file names, comments and extra fields in gzip headers.
    @Test(arguments: [
        "(printf a | gzip; printf b | gzip -9; printf '' | gzip; printf c | gzip)",
        "(printf a | gzip; printf bc | gzip; printf '' | gzip)",
        "(printf a | gzip; printf bc | gzip; head -c 1000 /dev/zero)",
        "(printf a | zstd; printf '\\120\\052\\115\\030\\003\\000\\000\\000xyz'; printf bc | zstd; printf '' | zstd)",
        "(printf '\\120\\052\\115\\030\\003\\000\\000\\000xyz'; printf abc | zstd)",
        "(printf a | bzip2; printf '' | bzip2; printf bc | bzip2)", "(printf a | xz; printf bc | xz; printf '\\000\\000\\000\\000')",
        "(printf a | xz; printf '\\000\\000\\000\\000'; printf bc | xz)",
        "printf abc | python3 -c 'import gzip,sys; f=gzip.GzipFile(\"a name\",\"wb\",9,sys.stdout.buffer,5); f.write(sys.stdin.buffer.read()); f.close()'",
        "python3 -c 'import zlib,struct,sys; d=b\"abc\"; c=zlib.compressobj(9,8,-15); b=c.compress(d)+c.flush(); sys.stdout.buffer.write(b\"\\x1f\\x8b\\x08\\x1e\"+b\"\\1\\0\\0\\0\\0\\3\"+struct.pack(\"<H\",4)+b\"extr\"+b\"name\\0comment\\0\"+b\"\\0\\0\"[:0]+struct.pack(\"<H\",zlib.crc32(b\"\\x1f\\x8b\\x08\\x1e\"+b\"\\1\\0\\0\\0\\0\\3\"+struct.pack(\"<H\",4)+b\"extr\"+b\"name\\0comment\\0\")&65535)+b+struct.pack(\"<II\",zlib.crc32(d),3))'",
    ]) func readsEveryStructure(script: String) async throws {
        let packed = try await ShellCommand.run(script)
        #expect(packed.status == 0)
        for step in [Int.max, 1, 3] { #expect(try decompress(packed.standardOutput, step: step) == Array("abc".utf8)) }
    }

    /// Readers with a large buffer take the fast way through short members, and leave it for long ones.
    @Test(arguments: ["gzip -c", "head -c 3000000 | gzip -c; head -c 10 /dev/zero | gzip -c"]) func largeReads(tool: String) async throws {
        let bytes = prose(3_000_000)
        let long = try await ShellCommand.run(tool, input: bytes)
        let expected = bytes + (tool.contains("zero") ? [UInt8](repeating: 0, count: 10) : [])
        #expect(try decompressAtOnce(long.standardOutput) == expected)
        let packed = try compress(bytes, .gzip)
        #expect(try decompressAtOnce(packed) == bytes)
        #expect(try decompressAtOnce(packed + long.standardOutput + packed) == bytes + expected + bytes)
        for length in [packed.count - 1, packed.count - 9, packed.count / 2] {
            let error = #expect(throws: CompressionError.self) { try decompressAtOnce(Array(packed.prefix(length))) }
            #expect(error == .truncated(.gzip, offset: Int64(length)))
        }
        var bad = packed
        bad[packed.count / 2] ^= 1
        #expect(throws: CompressionError.self) { try decompressAtOnce(bad) }
    }

    private func decompressAtOnce(_ bytes: [UInt8]) throws -> [UInt8] {
        let reader = DecompressingReader(MemoryReader(bytes))
        var result: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while case let count = try reader.read(into: buffer), count > 0 { result += UnsafeRawBufferPointer(buffer)[..<count] }
        return result
    }

    @Test(arguments: [Compression.gzip, .zstd]) func garbageAfterTheEndIsAnError(kind: Compression) throws {
        let packed = try compress(Array("abc".utf8), kind)
        #expect(throws: CompressionError.trailingGarbage(kind, offset: Int64(packed.count))) { try decompress(packed + [7, 7]) }
        #expect(throws: CompressionError.trailingGarbage(kind, offset: Int64(packed.count + 2))) { try decompress(packed + [0, 0, 7]) }
        #expect(try decompress(packed + [0, 0, 0]) == Array("abc".utf8))
    }

    @Test(arguments: [("gzip -c", Compression.gzip), ("zstd -c", .zstd), ("bzip2 -c", .bzip2), ("xz -c", .xz)])
    func truncationIsAnError(tool: (String, Compression)) async throws {
        let packed = try await ShellCommand.run(tool.0, input: prose(3000)).standardOutput
        for length in stride(from: 6, to: packed.count, by: 7) {
            let error = #expect(throws: CompressionError.self) { try decompress(Array(packed.prefix(length))) }
            #expect(error == .truncated(tool.1, offset: Int64(length)))
        }
    }

    /// Damage gives an error or, where the format has no check for it (a gzip name, a skipped frame), the same bytes.
    @Test(arguments: [("gzip -c", Compression.gzip), ("zstd -c --check", .zstd), ("bzip2 -c", .bzip2), ("xz -c", .xz)])
    func flippedBitsAreSurvived(tool: (String, Compression)) async throws {
        let bytes = prose(3000)
        let good = try await ShellCommand.run(tool.0, input: bytes).standardOutput
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            var bad = good
            bad[Int.random(in: Compression.magicLength..<bad.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            do {
                #expect(try decompress(bad) == bytes)
            } catch {
                #expect(error is CompressionError)
            }
        }
    }

    @Test(arguments: [Compression.none, .gzip, .zstd]) func limitsAreKept(kind: Compression) throws {
        let packed = try compress([UInt8](repeating: 0, count: 4 << 20), kind)
        var limits = DecompressionLimits()
        limits.totalBytes = 4 << 20
        #expect(try decompress(packed, limits: limits).count == 4 << 20)
        limits.totalBytes -= 1
        #expect(throws: CompressionError.tooLarge(limit: limits.totalBytes)) { try decompress(packed, limits: limits) }
        limits = DecompressionLimits()
        limits.ratioFreeBytes = 1 << 20
        limits.ratio = 100
        guard kind != .none else { return #expect(try decompress(packed, limits: limits).count == 4 << 20) }
        #expect(throws: CompressionError.suspiciousRatio(limit: 100)) { try decompress(packed, limits: limits) }
    }

    struct FailingWriter: ByteWriter {
        var room: Int
        mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
            room -= bytes.count
            if room < 0 { throw CompressionError.failed("the disk is full") }
        }
        mutating func finish() throws {}
    }

    @Test(arguments: [Compression.none, .gzip, .zstd], [1, 4]) func aFailingSinkIsReported(kind: Compression, threads: Int) throws {
        var writer = try CompressingWriter(to: FailingWriter(room: 900_000), compression: kind, threads: threads)
        var random = SeededGenerator(seed: 9)
        let noise = (0..<(1 << 17)).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
        #expect(throws: CompressionError.failed("the disk is full")) {
            for _ in 0..<20 { try writer.write(noise) }
            try writer.finish()
        }
    }

    @Test func onlyGzipAndZstdAreWritten() {
        for kind in [Compression.bzip2, .xz] {
            #expect(throws: CompressionError.cannotWrite(kind)) { try CompressingWriter(to: NullWriter(), compression: kind) }
        }
        #expect(throws: CompressionError.self) { try CompressingWriter(to: NullWriter(), compression: .gzip, level: 99) }
    }
}
