import Diagnostics

/// Bytes that are no text. What an instruction holds reaches the image and the processes in it, so nothing is replaced
/// silently; in comments nobody minds.
enum EncodingCheck {
    /// A file in UTF-16, which is all there is to say about it.
    static func wholeFile(_ file: SourceFile) -> Diagnostic? {
        let bytes = file.bytes
        // A byte order mark that was replaced, or a first letter with a zero byte beside it.
        let hasMark = file.replacements.starts(with: [0, 3]) && bytes.dropFirst(6).prefix(2).contains(0)
        let isBare = bytes.count >= 4 && (bytes[1] == 0 && bytes[3] == 0 && bytes[0] != 0 || bytes[0] == 0 && bytes[2] == 0 && bytes[1] != 0)
        guard hasMark || isBare else { return nil }
        return Diagnostic(
            .error, "not-utf8", "\(file.name) is in UTF-16", at: SourceRange(file: file, bytes: 0..<0),
            "every other byte is zero", help: "save the file as UTF-8")
    }

    /// Whether there is anything to look for in the instructions.
    static func isNeeded(_ file: SourceFile) -> Bool { !file.replacements.isEmpty || file.bytes.contains(0) }
}

extension Statement {
    mutating func checkEncoding() {
        let file = text.file
        if let zero = firstOffset(where: { file.bytes[$0].firstIndex(of: 0) }) {
            error(
                "nul-byte", "There is a zero byte in this \(keyword)", at: SourceRange(file: file, bytes: zero..<zero + 1),
                notes: ["no program can be given one, and no name hold one"], help: "remove it")
        }
        if let invalid = firstOffset(where: { file.firstReplacement(in: $0) }) {
            error(
                "not-utf8", "This \(keyword) holds bytes that are not UTF-8",
                at: SourceRange(file: file, bytes: invalid..<invalid + 3), "not a character",
                help: "save the file as UTF-8, or keep the bytes in a file of their own and COPY it")
        }
    }

    /// Looks through the statement's own text and the bodies of its heredocs.
    private func firstOffset(where find: (Range<Int>) -> Int?) -> Int? {
        for (index, piece) in text.pieces.enumerated() {
            let end = index + 1 < text.pieces.count ? text.pieces[index + 1].start : text.bytes.count
            if let found = find(piece.offset..<piece.offset + (end - piece.start)) { return found }
        }
        for heredoc in heredocs { if let found = find(heredoc.heredoc.range.bytes) { return found } }
        return nil
    }
}

extension SourceFile {
    fileprivate func firstReplacement(in range: Range<Int>) -> Int? {
        var (low, high) = (0, replacements.count)
        while low < high {
            let middle = (low + high) / 2
            if replacements[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < replacements.count && replacements[low] < range.upperBound ? replacements[low] : nil
    }
}
