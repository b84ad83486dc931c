import Diagnostics
import DockerfileSyntax
import Testing

/// Bytes that are no text: told where they would reach the image, and nowhere else.
@Suite struct EncodingTests {
    private func parse(_ bytes: [UInt8]) -> Parsed<Dockerfile> {
        DockerfileParser.parse(SourceFile(name: "Dockerfile", bytes: bytes))
    }

    private func codes(_ parts: Any...) -> [String] {
        parse(parts.flatMap { ($0 as? String).map { Array($0.utf8) } ?? ($0 as? [UInt8]) ?? [] }).diagnostics.map(\.code)
    }

    @Test func inComments() {
        #expect(codes("# Cr", [0xE9] as [UInt8], "\u{0}\nFROM a\nRUN b \\\n# ", [0xFF, 0] as [UInt8], "\n c\n") == [])
    }

    @Test func inInstructions() {
        #expect(codes("FROM a\nENV A=", [0xE9] as [UInt8], "\nRUN b") == ["not-utf8"])
        #expect(codes("FROM a\nRUN printf 'a", [0] as [UInt8], "'") == ["nul-byte"])
        #expect(codes("FROM a\nCOPY <<E /x\n", [0xE9] as [UInt8], "\nE\n") == ["not-utf8"])
        #expect(codes("FROM a\nRUN x \\\n y", [0xC3] as [UInt8], "\n") == ["not-utf8"])
    }

    @Test func replacementCharactersOfTheFileAreText() {
        #expect(codes("FROM a\nENV A=\u{FFFD}") == [])
    }

    @Test func placesAreThoseOfTheBytes() throws {
        let parsed = parse(Array("# ".utf8) + [0xE9] + Array("\nFROM a\nENV \u{E4}=x".utf8) + [0xE9] + Array("y".utf8))
        let range = try #require(parsed.diagnostics.first?.primary?.range)
        #expect(range.start == SourcePosition(line: 3, column: 8))
    }

    @Test(arguments: [[0xFF, 0xFE, 0x46, 0, 0x52, 0, 0x4F, 0], [0xFE, 0xFF, 0, 0x46, 0, 0x52, 0, 0x4F], [0x46, 0, 0x52, 0, 0x4F, 0], [0, 0x46, 0, 0x52]] as [[UInt8]])
    func utf16(_ bytes: [UInt8]) {
        let found = parse(bytes).diagnostics
        #expect(found.map(\.code) == ["not-utf8"])
        #expect(found.first?.message == "Dockerfile is in UTF-16")
    }

    @Test func columnsOfLongLines() {
        // Beyond the places whose columns are counted in advance, with characters of several bytes.
        let text = String(repeating: "\u{4E16}x", count: 10_000)
        let file = SourceFile(name: "x", text: "a\n" + text)
        for offset in [0, 1, 4095, 4096, 4098, 12_290, 39_998] {
            let column = file.text(in: 2..<2 + offset).unicodeScalars.count
            guard offset % 4 == 0 || offset % 4 == 3 else { continue }
            #expect(file.position(of: 2 + offset) == SourcePosition(line: 2, column: column + 1), "\(offset)")
        }
    }
}
