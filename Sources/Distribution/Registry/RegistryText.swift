/// Text of a server's or a program's, made fit to be shown: one short line without control characters.
enum RegistryText {
    static func clean(_ text: String, limit: Int = 200) -> String {
        let scalars = text.unicodeScalars.map { $0.value < 32 || (127...159).contains($0.value) || (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value) ? " " : $0 }
        let words = String(String.UnicodeScalarView(scalars)).split(separator: " ").joined(separator: " ")
        return words.count > limit ? words.prefix(limit) + "…" : words
    }
}
