import Diagnostics

/// Text joined from stretches of a file (an instruction without its continuations and inner comments), which
/// remembers where each byte came from.
struct MappedText: Sendable {
    let file: SourceFile
    private(set) var bytes: [UInt8] = []
    private(set) var pieces: [TextPiece] = []
    /// Where an empty text stands in the file.
    private let anchor: Int

    init(file: SourceFile, anchor: Int) {
        self.file = file
        self.anchor = anchor
    }

    /// Adds bytes of the file.
    mutating func append(fileBytes range: Range<Int>) {
        let range = range.clamped(to: 0..<file.bytes.count)
        guard !range.isEmpty else { return }
        if pieces.isEmpty || offset(of: bytes.count) != range.lowerBound {
            pieces.append(TextPiece(start: bytes.count, offset: range.lowerBound))
        }
        bytes.append(contentsOf: file.bytes[range])
    }

    /// Adds bytes of another text of the same file.
    mutating func append(_ range: Range<Int>, of other: MappedText) {
        var index = range.lowerBound
        while index < range.upperBound {
            let end = min(range.upperBound, other.endOfPiece(holding: index))
            let offset = other.offset(of: index)
            append(fileBytes: offset..<offset + (end - index))
            index = max(end, index + 1)
        }
    }

    func slice(_ range: Range<Int>) -> MappedText {
        var result = MappedText(file: file, anchor: offset(of: range.lowerBound))
        result.append(range, of: self)
        return result
    }

    /// The file offset of a byte of this text; of its end, just past the last byte.
    func offset(of index: Int) -> Int {
        guard let last = pieceIndex(holding: index) else { return anchor }
        return pieces[last].offset + (index - pieces[last].start)
    }

    func range(_ range: Range<Int>) -> SourceRange {
        let start = offset(of: range.lowerBound)
        let end = range.isEmpty ? start : offset(of: range.upperBound - 1) + 1
        return SourceRange(file: file, bytes: start..<max(start, end))
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func word(_ range: Range<Int>, escape: UInt8) -> Word {
        let slice = slice(range)
        return Word(
            text(range), range: self.range(range), escape: Character(UnicodeScalar(escape)), origins: slice.pieces)
    }

    /// A word made of some of the bytes of a range, as when quotes are taken away.
    func word(keeping kept: [Range<Int>], of range: Range<Int>, escape: UInt8) -> Word {
        var text = MappedText(file: file, anchor: offset(of: range.lowerBound))
        for part in kept { text.append(part, of: self) }
        return Word(
            String(decoding: text.bytes, as: UTF8.self), range: self.range(range),
            escape: Character(UnicodeScalar(escape)), origins: text.pieces)
    }

    private func pieceIndex(holding index: Int) -> Int? {
        var low = 0
        var high = pieces.count
        while low < high {
            let middle = (low + high) / 2
            if pieces[middle].start <= index { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }

    private func endOfPiece(holding index: Int) -> Int {
        guard let piece = pieceIndex(holding: index), piece + 1 < pieces.count else { return bytes.count }
        return pieces[piece + 1].start
    }
}

/// A stretch of joined text: its byte `start` is the file's byte `offset`.
struct TextPiece: Hashable, Sendable {
    var start: Int
    var offset: Int
}
