/// A stretch of a source file, in UTF-8 byte offsets; line and column are computed.
package struct SourceRange: Sendable {
    package var file: SourceFile
    package var bytes: Range<Int>

    package init(file: SourceFile, bytes: Range<Int>) {
        self.file = file
        self.bytes = bytes
    }

    package var start: SourcePosition { file.position(of: bytes.lowerBound) }
    /// The position just past the last character.
    package var end: SourcePosition { file.position(of: bytes.upperBound) }
    package var text: String { file.text(in: bytes) }
    package var line: Int { start.line }

    /// From the start of this range to the end of another in the same file.
    package func through(_ other: SourceRange) -> SourceRange {
        SourceRange(file: file, bytes: bytes.lowerBound..<max(bytes.lowerBound, other.bytes.upperBound))
    }
}

/// Ranges are equal when they name the same bytes of the same file.
extension SourceRange: Hashable {
    package static func == (left: SourceRange, right: SourceRange) -> Bool {
        left.file === right.file && left.bytes == right.bytes
    }
    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(file))
        hasher.combine(bytes)
    }
}
