import Archives
import HostSystem
import SystemPackage
import TestSupport
import Testing

@Suite struct TarRoundTripTests {
    @Test(arguments: [1, 2, 3]) func whatIsWrittenIsRead(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let samples = (0..<60).map { _ in random.sample() }
        let archive = try write(samples)
        #expect(archive.count.isMultiple(of: 512))
        #expect(try read(archive) == samples)
        #expect(try read(archive, step: 700) == samples)
        #expect(try write(samples) == archive)
    }

    @Test func everySplitOfTheSourceGivesTheSame() throws {
        var random = SeededGenerator(seed: 7)
        let samples = (0..<4).map { _ in random.sample() }
        let archive = try write(samples)
        for step in [1, 2, 511, 512, 513] { #expect(try read(archive, step: step) == samples) }
    }

    @Test func entriesCanBePassedOver() throws {
        var random = SeededGenerator(seed: 11)
        let samples = (0..<40).map { _ in random.sample() }
        var reader = TarReader(MemoryReader(try write(samples)))
        var index = 0
        while let entry = try reader.next() {
            #expect(entry == samples[index].entry)
            if index.isMultiple(of: 3) {
                try withUnsafeTemporaryAllocation(byteCount: 100, alignment: 1) { _ = try reader.read(into: $0) }
            }
            index += 1
        }
        #expect(index == samples.count)
    }

    @Test func ustarHoldsWhatFitsIt() throws {
        let name = String(repeating: "d", count: 155) + "/" + String(repeating: "f", count: 100)
        let entry = TarEntry(path: FilePath(name), kind: .file, mode: 0o644, modified: Timestamp(seconds: 1, nanoseconds: 5))
        // One header, two blocks of zeros: no pax record for the name, and none for the dropped nanoseconds.
        #expect(try write([Sample(entry: entry)], keepsFractions: false).count == 3 * 512)
        #expect(try write([Sample(entry: entry)]).count == 5 * 512)
    }

    @Test func wholeSecondsAreKeptWhenFractionsAreNot() throws {
        for seconds: Int64 in [-3, 0, 1_700_000_000, 1 << 40] {
            let entry = TarEntry(
                path: "a", kind: .file, mode: 0o644, modified: Timestamp(seconds: seconds, nanoseconds: 999_999_999))
            let back = try read(try write([Sample(entry: entry)], keepsFractions: false))
            #expect(back.first?.entry.modified == Timestamp(seconds: seconds))
        }
    }

    @Test func theWriterWantsTheBytesItWasTold() throws {
        var writer = TarWriter(MemoryWriter())
        try writer.append(TarEntry(path: "a", kind: .file, mode: 0o644, size: 3))
        let tooMuch = #expect(throws: TarError.self) { try writer.write([1, 2, 3, 4]) }
        #expect(tooMuch?.reason == .wrongSize(expected: 3, written: 4))
        try writer.write([1, 2])
        let tooLittle = #expect(throws: TarError.self) { try writer.finish() }
        #expect(tooLittle?.reason == .wrongSize(expected: 3, written: 2))
    }

    @Test func theWriterRefusesWhatNoHeaderHolds() throws {
        var writer = TarWriter(MemoryWriter())
        #expect(throws: TarError.self) { try writer.append(TarEntry(path: "", kind: .file, mode: 0)) }
        #expect(throws: TarError.self) { try writer.append(TarEntry(path: "a", kind: .file, mode: 0, size: -1)) }
        #expect(throws: TarError.self) { try writer.append(TarEntry(path: "a", kind: .symlink(""), mode: 0)) }
        #expect(throws: TarError.self) {
            try writer.append(TarEntry(path: "a", kind: .characterDevice(major: .max, minor: 0), mode: 0))
        }
    }
}
