extension [Diagnostic.TextEdit] {
    /// The file's text with these edits made. Edits of other files are left out, and of two that overlap the later one.
    package func applied(to file: SourceFile) -> String {
        let own = enumerated().filter { $0.element.range.file === file }.sorted {
            ($0.element.range.bytes.lowerBound, $0.offset) < ($1.element.range.bytes.lowerBound, $1.offset)
        }
        var result: [UInt8] = []
        var position = 0
        for (_, edit) in own where edit.range.bytes.lowerBound >= position {
            let range = edit.range.bytes.clamped(to: 0..<file.bytes.count)
            result += file.bytes[position..<range.lowerBound]
            result += Array<UInt8>(edit.replacement.utf8)
            position = range.upperBound
        }
        result += file.bytes[position...]
        return String(decoding: result, as: UTF8.self)
    }
}
