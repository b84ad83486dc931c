package import Diagnostics

/// One argument as written, not yet expanded: quotes, escapes and `$variables` are still in it.
package struct Word: Sendable, Hashable {
    /// The text as written, continuations joined.
    package var raw: String
    package var range: SourceRange
    /// The file's escape character, which expansion needs.
    package var escape: Character
    package init(_ raw: String, range: SourceRange, escape: Character = "\\") {
        self.raw = raw
        self.range = range
        self.escape = escape
    }

    /// Where the bytes of `raw` are in the file, when they are not simply those of `range` in order.
    var origins: [TextPiece] = []

    init(_ raw: String, range: SourceRange, escape: Character, origins: [TextPiece]) {
        self.raw = raw
        self.range = range
        self.escape = escape
        let isPlain = origins.count == 1 && origins[0].offset == range.bytes.lowerBound
        self.origins = isPlain ? [] : origins
    }

    /// The place in the file of some UTF-8 bytes of `raw`.
    package func range(ofRaw bytes: Range<Int>) -> SourceRange {
        guard bytes.lowerBound >= 0, bytes.upperBound <= raw.utf8.count else { return range }
        let start = offset(ofRaw: bytes.lowerBound)
        let end = bytes.isEmpty ? start : offset(ofRaw: bytes.upperBound - 1) + 1
        return SourceRange(file: range.file, bytes: start..<max(start, end))
    }

    /// Some of the UTF-8 bytes of `raw`, joined, as a word of its own that knows its place; `place` is what of `raw` it
    /// covers, quotes included.
    func part(_ kept: [Range<Int>], covering place: Range<Int>) -> Word {
        let bytes = Array(raw.utf8)
        var text: [UInt8] = []
        var pieces: [TextPiece] = []
        var piece = 0
        for index in kept.joined() where index < bytes.count {
            while piece + 1 < origins.count, origins[piece + 1].start <= index { piece += 1 }
            let offset = origins.isEmpty
                ? range.bytes.lowerBound + index : origins[piece].offset + (index - origins[piece].start)
            if pieces.last.map({ $0.offset + (text.count - $0.start) != offset }) ?? true {
                pieces.append(TextPiece(start: text.count, offset: offset))
            }
            text.append(bytes[index])
        }
        return Word(String(decoding: text, as: UTF8.self), range: range(ofRaw: place), escape: escape, origins: pieces)
    }

    private func offset(ofRaw byte: Int) -> Int {
        guard let piece = origins.last(where: { $0.start <= byte }) else { return range.bytes.lowerBound + byte }
        return piece.offset + (byte - piece.start)
    }
}

/// The rest of a line, handed to a shell as it is.
package struct ShellForm: Sendable, Hashable {
    /// Continuations joined, comments inside them dropped; heredoc operators still in it.
    package var text: String
    package var range: SourceRange
    package init(_ text: String, range: SourceRange) {
        self.text = text
        self.range = range
    }
}

/// What RUN, CMD and ENTRYPOINT run: a line for the shell, or a JSON array of arguments.
package enum CommandForm: Sendable, Hashable {
    case shell(ShellForm)
    /// Strings of the JSON array; never expanded.
    case exec([String], range: SourceRange)

    package var range: SourceRange {
        switch self {
        case .shell(let form): form.range
        case .exec(_, let range): range
        }
    }
}

/// `<<NAME … NAME`.
package struct Heredoc: Sendable, Hashable {
    package var name: String
    /// The body, with tabs stripped when `chomp`.
    package var content: String
    /// False when the name was quoted.
    package var expand: Bool
    /// `<<-`: leading tabs are stripped.
    package var chomp: Bool
    /// The file descriptor written before `<<`; 0 when there was none.
    package var descriptor: Int
    /// The body in the file.
    package var range: SourceRange
    package init(name: String, content: String, expand: Bool, chomp: Bool, descriptor: Int = 0, range: SourceRange) {
        self.name = name
        self.content = content
        self.expand = expand
        self.chomp = chomp
        self.descriptor = descriptor
        self.range = range
    }
}

/// `KEY=VALUE` of ENV, LABEL and ARG.
package struct KeyValue: Sendable, Hashable {
    package var key: Word
    /// nil for `ARG NAME` without a default.
    package var value: Word?
    package init(key: Word, value: Word?) {
        self.key = key
        self.value = value
    }
}
