/// A text the user wrote, with the name to print for it: a Dockerfile, an ignore file, a `--build-arg`.
///
/// Immutable and shared by reference, so that a range can hold its file and point into it on its own.
package final class SourceFile: Sendable {
    package let name: String
    /// The text as UTF-8. Invalid sequences were replaced when the file was decoded.
    package let text: String
    package let bytes: [UInt8]
    /// Byte offset of the first byte of each line.
    private let lineStarts: [Int]

    package init(name: String, text: String) {
        self.name = name
        self.text = text
        self.bytes = Array(text.utf8)
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") { starts.append(offset + 1) }
        self.lineStarts = starts
    }

    package var lineCount: Int { lineStarts.count }

    /// 3 when the file begins with a byte order mark, which no column counts; 0 otherwise.
    package var startOfText: Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

    /// 1-based line and 1-based column in Unicode scalars of a byte offset; offsets past the end are clamped.
    package func position(of offset: Int) -> SourcePosition {
        let offset = min(max(offset, 0), bytes.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        let start = low == 0 ? min(startOfText, offset) : lineStarts[low]
        // A scalar starts at every byte that is not a UTF-8 continuation byte.
        var column = 1
        for index in start..<offset where bytes[index] & 0xC0 != 0x80 { column += 1 }
        return SourcePosition(line: low + 1, column: column)
    }

    /// The byte range of a 1-based line without its line ending; nil when there is no such line.
    package func bytesOfLine(_ line: Int) -> Range<Int>? {
        guard line >= 1, line <= lineStarts.count else { return nil }
        let start = lineStarts[line - 1]
        var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return start..<max(start, end)
    }

    package func text(in range: Range<Int>) -> String {
        String(decoding: bytes[range.clamped(to: 0..<bytes.count)], as: UTF8.self)
    }
}

/// A 1-based line and column; the column counts Unicode scalars.
package struct SourcePosition: Hashable, Sendable {
    package var line: Int
    package var column: Int
    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
