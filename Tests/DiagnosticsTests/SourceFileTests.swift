import Diagnostics
import Testing

@Suite struct SourceFileTests {
    @Test func positions() {
        let file = SourceFile(name: "x", text: "äb\r\nc\n")
        #expect(file.lineCount == 3)
        #expect(file.position(of: 0) == SourcePosition(line: 1, column: 1))
        #expect(file.position(of: 2) == SourcePosition(line: 1, column: 2))
        #expect(file.position(of: 5) == SourcePosition(line: 2, column: 1))
        #expect(file.position(of: 99) == SourcePosition(line: 3, column: 1))
        #expect(file.bytesOfLine(1) == 0..<3)
        #expect(file.bytesOfLine(2) == 5..<6)
        #expect(file.bytesOfLine(3) == 7..<7)
        #expect(file.bytesOfLine(0) == nil)
        #expect(file.bytesOfLine(4) == nil)
    }

    @Test func byteOrderMarkTakesNoColumn() {
        let file = SourceFile(name: "x", text: "\u{FEFF}FROM")
        #expect(file.startOfText == 3)
        #expect(file.position(of: 3) == SourcePosition(line: 1, column: 1))
        #expect(file.position(of: 4) == SourcePosition(line: 1, column: 2))
        #expect(file.position(of: 0) == SourcePosition(line: 1, column: 1))
    }
}
