/// A text the user wrote, with the name to print for it: a Dockerfile, an ignore file, a `--build-arg`.
///
/// Immutable and shared by reference, so that a range can hold its file and point into it on its own.
package final class SourceFile: Sendable {
    package let name: String
    /// The text as UTF-8. Invalid sequences were replaced when the file was decoded.
    package let text: String
    package let bytes: [UInt8]
    /// Offsets in `bytes` of the replacement characters that stand for bytes which are not UTF-8, ascending.
    package let replacements: [Int]
    /// Byte offset of the first byte of each line.
    private let lineStarts: [Int]
    /// Unicode scalars before each multiple of `stride` bytes: the columns of a very long line need no walk from its start.
    private let scalarCounts: [Int]
    private static let stride = 4096

    package convenience init(name: String, text: String) {
        self.init(name: name, text: text, replacements: [])
    }

    /// A file as it was read. Bytes that are not UTF-8 become replacement characters, and are remembered.
    package convenience init(name: String, bytes: [UInt8]) {
        if let text = String(validating: bytes, as: UTF8.self) {
            self.init(name: name, text: text, replacements: [])
            return
        }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count + 64)
        var replacements: [Int] = []
        var iterator = bytes.makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        reading: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): decoded.append(contentsOf: scalar)
            case .error:
                replacements.append(decoded.count)
                decoded.append(contentsOf: [0xEF, 0xBF, 0xBD])
            case .emptyInput: break reading
            }
        }
        self.init(name: name, text: String(decoding: decoded, as: UTF8.self), replacements: replacements)
    }

    private init(name: String, text: String, replacements: [Int]) {
        self.name = name
        self.text = text
        self.replacements = replacements
        let bytes = Array(text.utf8)
        self.bytes = bytes
        var starts = [0]
        var counts: [Int] = []
        var scalars = 0
        bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<bytes.count {
                if offset % Self.stride == 0 { counts.append(scalars) }
                let byte = bytes[offset]
                if byte == 0x0A { starts.append(offset + 1) }
                // A scalar starts at every byte that is not a UTF-8 continuation byte.
                if byte & 0xC0 != 0x80 { scalars += 1 }
            }
        }
        self.lineStarts = starts
        self.scalarCounts = counts
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
        return SourcePosition(line: low + 1, column: scalars(before: offset) - scalars(before: start) + 1)
    }

    private func scalars(before offset: Int) -> Int {
        guard !scalarCounts.isEmpty else { return 0 }
        let block = min(offset / Self.stride, scalarCounts.count - 1)
        var count = scalarCounts[block]
        for index in block * Self.stride..<offset where bytes[index] & 0xC0 != 0x80 { count += 1 }
        return count
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
