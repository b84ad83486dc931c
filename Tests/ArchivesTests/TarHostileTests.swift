import Archives
import HostSystem
import SystemPackage
import TestSupport
import Testing

/// A header block built by hand, wrong on purpose but for its checksum.
private struct RawHeader {
    var bytes = [UInt8](repeating: 0, count: 512)

    init(_ name: String, type: Character = "0", size: String = "0") {
        put(name, 0)
        put("0000644", 100)
        put(size, 124)
        put(String(type), 156)
        put("ustar\u{0}00", 257)
    }
    mutating func put(_ text: String, _ offset: Int) { put(Array(text.utf8), offset) }
    mutating func put(_ more: [UInt8], _ offset: Int) { bytes.replaceSubrange(offset..<offset + more.count, with: more) }

    /// With the right checksum, followed by `data`, padded.
    func sealed(_ data: [UInt8] = []) -> [UInt8] {
        var result = bytes
        for index in 148..<156 { result[index] = 32 }
        let sum = String(result.reduce(0) { $0 + Int($1) }, radix: 8)
        result.replaceSubrange(148..<148 + sum.utf8.count, with: sum.utf8)
        return result + data + [UInt8](repeating: 0, count: -data.count & 511)
    }
}

private func pax(_ records: String) -> [UInt8] {
    RawHeader("p", type: "x", size: String(records.utf8.count, radix: 8)).sealed(Array(records.utf8))
}

private let end = [UInt8](repeating: 0, count: 1024)

@Suite struct TarHostileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var archive: [UInt8]
        var reason: TarError.Reason
        var offset: Int64 = 0

        init(_ name: String, _ archive: [UInt8], _ reason: TarError.Reason, at offset: Int64 = 0) {
            testDescription = name
            self.archive = archive
            self.reason = reason
            self.offset = offset
        }
    }

    private static func header(_ change: (inout RawHeader) -> Void) -> [UInt8] {
        var header = RawHeader("a")
        change(&header)
        return header.sealed() + end
    }

    static let cases: [Case] = [
        Case("not a tar", Array(repeating: 65, count: 2048), .badChecksum),
        Case("half a header", Array(RawHeader("a").sealed().prefix(100)), .truncated),
        Case("data missing", RawHeader("a", size: "2000").sealed(), .truncated, at: 512),
        Case("negative size", header { $0.put([255] + Array(repeating: 255, count: 11), 124) }, .badNumber(field: "size")),
        Case("size of eight exbibytes", header { $0.put([128, 0, 0, 0, 127] + Array(repeating: 255, count: 7), 124) }, .badNumber(field: "size")),
        Case("size beyond 64 bits", header { $0.put([128, 1] + Array(repeating: 0, count: 10), 124) }, .badNumber(field: "size")),
        Case("letters for a size", header { $0.put("12x4", 124) }, .badNumber(field: "size")),
        Case("uid beyond 32 bits", header { $0.put([128, 0, 0, 1, 0, 0, 0, 0], 108) }, .badNumber(field: "uid")),
        Case("negative gid", header { $0.put(Array(repeating: 255, count: 8), 116) }, .badNumber(field: "gid")),
        Case("no name", RawHeader("").sealed() + end, .emptyPath),
        Case("no link target", RawHeader("a", type: "2").sealed() + end, .emptyPath),
        Case("unknown type", RawHeader("a", type: "Z").sealed() + end, .unknownType(90)),
        Case("absurd size", RawHeader("a", size: "77777777777").sealed() + end, .truncated, at: 1536),
        Case("NUL in pax path", pax("12 path=a\0b\n") + RawHeader("a").sealed() + end, .badPath),
        Case("pax length too long", pax("99 path=a\n") + RawHeader("a").sealed() + end, .badRecord("a record's length is wrong")),
        Case("pax length too short", pax("3 path=a\n") + RawHeader("a").sealed() + end, .badRecord("a record's length is wrong")),
        Case("pax length negative", pax("-9 path=a\n") + RawHeader("a").sealed() + end, .badRecord("a record's length is wrong")),
        Case("pax length huge", pax("9999999999999999999 path=a\n") + end, .badRecord("a record's length is wrong")),
        Case("pax without equals", pax("8 patha\n") + RawHeader("a").sealed() + end, .badRecord("a record without a key")),
        Case("pax without key", pax("5 =a\n") + RawHeader("a").sealed() + end, .badRecord("a record without a key")),
        Case("pax size negative", pax("11 size=-1\n") + RawHeader("a").sealed() + end, .badNumber(field: "size")),
        Case("pax mtime", pax("13 mtime=1.x\n") + RawHeader("a").sealed() + end, .badNumber(field: "mtime")),
        Case("pax for nothing", pax("10 path=a\n") + end, .badRecord("it is followed by no entry"), at: 1024),
        Case("pax at the end", pax("10 path=a\n"), .truncated, at: 1024),
        Case("pax of two mebibytes", RawHeader("p", type: "x", size: "10000000").sealed(), .limit("bytes in an extended header", 1 << 20)),
        Case("long name of two mebibytes", RawHeader("p", type: "L", size: "10000000").sealed(), .limit("bytes in an extended header", 1 << 20)),
        Case(
            "path of 5000 bytes", pax("5010 path=" + String(repeating: "a", count: 4999) + "\n") + RawHeader("a").sealed() + end,
            .limit("bytes in a path", 4096), at: 5632),
        Case(
            "sparse without a size", pax("22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n") + RawHeader("a").sealed() + end,
            .badSparseMap, at: 1024),
        Case(
            "sparse pieces overlap",
            pax("23 GNU.sparse.size=100\n26 GNU.sparse.map=0,5,3,5\n") + RawHeader("a", size: "12").sealed([UInt8](repeating: 1, count: 10)) + end,
            .badSparseMap, at: 1024),
        Case(
            "sparse piece past the end",
            pax("21 GNU.sparse.size=4\n22 GNU.sparse.map=0,5\n") + RawHeader("a", size: "5").sealed([1, 2, 3, 4, 5]) + end,
            .badSparseMap, at: 1024),
        Case(
            "sparse map promises more than is stored",
            pax("23 GNU.sparse.size=900\n24 GNU.sparse.map=0,500\n") + RawHeader("a", size: "5").sealed([1, 2, 3, 4, 5]) + end,
            .badSparseMap, at: 1024),
        Case(
            "sparse 1.0 with a million million pieces",
            pax("22 GNU.sparse.major=1\n27 GNU.sparse.realsize=100\n")
                + RawHeader("a", size: "1000").sealed(Array("999999999999\n".utf8) + [UInt8](repeating: 48, count: 499)) + end,
            .limit("pieces of a sparse file", 1_000_000), at: 1024),
        Case(
            "sparse 1.0 whose map never ends",
            pax("22 GNU.sparse.major=1\n27 GNU.sparse.realsize=100\n")
                + RawHeader("a", size: "1000").sealed(Array("9\n1\n1\n".utf8) + [UInt8](repeating: 10, count: 506)) + end,
            .badSparseMap, at: 1024),
    ]

    @Test(arguments: cases) func refuses(_ row: Case) {
        let error = #expect(throws: TarError.self) { try read(row.archive) }
        #expect(error?.reason == row.reason)
        #expect(error?.offset == row.offset)
    }

    @Test func limitsAreKept() throws {
        let entry = { (name: String) in Sample(entry: TarEntry(path: FilePath(name), kind: .file, mode: 0, size: 3), bytes: [1, 2, 3]) }
        let archive = try write([entry("a"), entry("b"), entry("c")])
        var limits = TarLimits()
        limits.entries = 2
        #expect(#expect(throws: TarError.self) { try read(archive, limits: limits) }?.reason == .limit("entries", 2))
        limits = TarLimits()
        limits.totalBytes = 8
        #expect(#expect(throws: TarError.self) { try read(archive, limits: limits) }?.reason == .limit("bytes of files", 8))
        limits.totalBytes = 9
        #expect(try read(archive, limits: limits).count == 3)
    }

    /// What is odd but in use is read.
    @Test func toleratesOddArchives() throws {
        #expect(try read([]) == [])
        #expect(try read(end) == [])
        #expect(try read(RawHeader("a").sealed()).count == 1)
        #expect(try read(RawHeader("a").sealed() + [UInt8](repeating: 0, count: 512)).count == 1)
        var old = RawHeader("dir/")
        old.put([UInt8](repeating: 0, count: 8), 257)
        #expect(try read(old.sealed() + end).first?.entry.kind == .directory)
        var spaces = RawHeader("a")
        spaces.put("  644 \u{0}", 100)
        spaces.put("      ", 108)
        #expect(try read(spaces.sealed() + end).first?.entry.mode == 0o644)
        let globals = "13 uname=bob\n10 uid=77\n"
        let global = RawHeader("g", type: "g", size: String(globals.utf8.count, radix: 8)).sealed(Array(globals.utf8))
        let samples = try read(global + RawHeader("a").sealed() + pax("9 uid=78\n") + RawHeader("b").sealed() + end)
        #expect(samples.map(\.entry.uid) == [77, 78])
        #expect(samples.map(\.entry.userName) == ["bob", "bob"])
    }

    /// A hard link whose header states a size has no data.
    @Test func linksHaveNoData() throws {
        var link = RawHeader("l", type: "1", size: "5")
        link.put("a", 157)
        let samples = try read(RawHeader("a", size: "1").sealed([9]) + link.sealed() + RawHeader("b").sealed() + end)
        #expect(samples.map(\.entry.path) == ["a", "l", "b"])
        #expect(samples[1].entry.kind == .hardLink("a") && samples[1].entry.size == 0)
    }
}

@Suite struct TarFuzzTests {
    /// Entries or a TarError, whatever the bytes: never a trap, never a hang.
    private func survives(_ archive: [UInt8]) -> Bool {
        var limits = TarLimits()
        limits.totalBytes = 1 << 22
        do { _ = try read(archive, limits: limits) } catch { return error is TarError }
        return true
    }

    @Test func everyTruncationIsSurvived() throws {
        var random = SeededGenerator(seed: 31)
        let archive = try write((0..<5).map { _ in random.sample() })
        for length in stride(from: 0, to: archive.count, by: 331) { #expect(survives(Array(archive.prefix(length)))) }
    }

    @Test(arguments: [41, 42, 43, 44]) func flippedBitsAreSurvived(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let good = try write((0..<8).map { _ in random.sample() }.map { $0.bytes.count > 600 ? Sample(entry: TarEntry(path: "s", kind: .file, mode: 0)) : $0 })
        for _ in 0..<150 {
            var archive = good
            // Damage in a header is caught by its checksum, so seal it anew: the fields behind it must cope.
            let block = Int.random(in: 0..<archive.count / 512, using: &random) * 512
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                archive[block + Int.random(in: 0..<512, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Bool.random(using: &random) {
                for index in 148..<156 { archive[block + index] = 32 }
                let sum = String(archive[block..<block + 512].reduce(0) { $0 + Int($1) }, radix: 8)
                archive.replaceSubrange(block + 148..<block + 148 + sum.utf8.count, with: sum.utf8)
            }
            #expect(survives(archive))
        }
    }
}
