import Testing

@testable import Commands

struct TextTests {
    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (99_949, "99.9 kB"), (99_951, "100 kB"), (999_499, "999 kB"),
        (999_500, "1.0 MB"), (8_130_000, "8.1 MB"), (412_000_000, "412 MB"), (1_234_567_890, "1.2 GB"),
        (-2_500, "-2.5 kB"), (Int64.max, "9.2 EB"), (Int64.min, "-9.2 EB"),
    ] as [(Int64, String)]) func bytes(count: Int64, text: String) { #expect(Figures.bytes(count) == text) }

    @Test(arguments: [
        (0, "0.0s"), (-1, "0.0s"), (.nan, "0.0s"), (0.04, "0.0s"), (0.05, "0.1s"), (12.44, "12.4s"), (59.94, "59.9s"),
        (59.96, "1m 00s"), (125, "2m 05s"), (3599.9, "1h 00m"), (3725, "1h 02m"),
    ] as [(Double, String)]) func seconds(value: Double, text: String) { #expect(Figures.seconds(value) == text) }

    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("説明書", 5, "説明…"), ("説明書", 6, "説明書"), ("x", 0, ""),
        ("e\u{301}e", 2, "e\u{301}e"),
    ]) func fit(text: String, width: Int, expected: String) { #expect(TextWidth.fit(text, width) == expected) }

    @Test(arguments: [
        ("plain\n", ["plain"]), ("a\r\nb\r\n", ["a", "b"]), ("10%\r20%\rdone\n", ["done"]),
        ("\u{1B}[1;32mgreen\u{1B}[0m\n", ["green"]), ("\u{1B}]0;title\u{07}x\u{1B}]8;;u\u{1B}\\y\n", ["xy"]),
        ("a\tb\u{8}\n", ["a    b"]), ("\n\n", ["", ""]), ("\u{1B}(Bx\n\u{1B}", ["x"]), ("c1\u{9B}31m\n", ["c131m"]),
    ]) func lines(input: String, expected: [String]) {
        var lines = OutputLines()
        #expect(lines.add(Array(input.utf8)) == expected)
    }

    @Test func linesAcrossPieces() {
        var lines = OutputLines()
        #expect(lines.add(Array("hel".utf8)) == [])
        #expect(lines.unfinished == "hel")
        #expect(lines.add(Array("lo\nwor".utf8)) == ["hello"])
        #expect(lines.finish() == "wor")
        #expect(lines.finish() == nil)
    }

    @Test func aStreamWithoutLineEndsIsCut() {
        var lines = OutputLines()
        let pieces = lines.add(Array(repeating: UInt8(ascii: "x"), count: 200_000))
        #expect(pieces.count == 3)
        #expect(pieces.allSatisfy { $0.utf8.count == 65536 })
    }
}
