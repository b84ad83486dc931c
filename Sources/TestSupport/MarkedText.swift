package import Diagnostics

/// Text with places marked in it by the keycap signs 1️⃣ … 9️⃣: `"COPY 1️⃣src/app2️⃣ /x"`. Nobody has to count columns.
package struct MarkedText: Sendable {
    /// Without the marks.
    package var text: String
    /// Byte offset of each mark in `text`.
    package var offsets: [Int: Int] = [:]

    package init(_ marked: String) {
        var clean = String.UnicodeScalarView()
        var bytes = 0
        let scalars = Array(marked.unicodeScalars)
        var index = 0
        while index < scalars.count {
            let scalar = scalars[index]
            if index + 2 < scalars.count, scalars[index + 1] == "\u{FE0F}", scalars[index + 2] == "\u{20E3}",
                let digit = Int(String(scalar))
            {
                offsets[digit] = bytes
                index += 3
                continue
            }
            clean.append(scalar)
            bytes += String(scalar).utf8.count
            index += 1
        }
        text = String(clean)
    }

    /// The bytes between two marks.
    package func bytes(_ start: Int, _ end: Int) throws -> Range<Int> {
        guard let lower = offsets[start], let upper = offsets[end], lower <= upper else {
            throw FixtureError(description: "the text has no marks \(start) and \(end) in this order")
        }
        return lower..<upper
    }

    package func file(_ name: String = "Dockerfile") -> SourceFile { SourceFile(name: name, text: text) }
}
