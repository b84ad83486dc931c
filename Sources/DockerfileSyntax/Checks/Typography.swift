import Diagnostics

/// Characters that word processors and web pages put where a Dockerfile needs plain ones.
enum Typography {
    struct Sign {
        var scalar: UnicodeScalar
        /// What it is called.
        var name: String
        /// What was meant.
        var plain: String
    }

    static let dashes = [
        Sign(scalar: "\u{2010}", name: "a hyphen sign", plain: "-"),
        Sign(scalar: "\u{2011}", name: "a no-break hyphen", plain: "-"),
        Sign(scalar: "\u{2012}", name: "a figure dash", plain: "-"),
        Sign(scalar: "\u{2013}", name: "an en dash", plain: "-"),
        Sign(scalar: "\u{2014}", name: "an em dash", plain: "-"),
        Sign(scalar: "\u{2212}", name: "a minus sign", plain: "-"),
    ]
    static let quotes = [
        Sign(scalar: "\u{201C}", name: "a curly quote", plain: "\""),
        Sign(scalar: "\u{201D}", name: "a curly quote", plain: "\""),
        Sign(scalar: "\u{201E}", name: "a low curly quote", plain: "\""),
        Sign(scalar: "\u{2018}", name: "a curly apostrophe", plain: "'"),
        Sign(scalar: "\u{2019}", name: "a curly apostrophe", plain: "'"),
        Sign(scalar: "\u{AB}", name: "an angle quote", plain: "\""),
        Sign(scalar: "\u{BB}", name: "an angle quote", plain: "\""),
    ]
    static let spaces = [
        Sign(scalar: "\u{A0}", name: "a no-break space", plain: " "),
        Sign(scalar: "\u{202F}", name: "a narrow no-break space", plain: " "),
        Sign(scalar: "\u{2007}", name: "a figure space", plain: " "),
        Sign(scalar: "\u{3000}", name: "a wide space", plain: " "),
        Sign(scalar: "\u{200B}", name: "a zero-width space", plain: ""),
        Sign(scalar: "\u{FEFF}", name: "a zero-width no-break space", plain: ""),
    ]

    /// The scalar of two or three bytes that begins at an index; the signs are all of these.
    private static func scalar(_ bytes: [UInt8], at index: Int) -> UnicodeScalar? {
        let first = UInt32(bytes[index])
        if first == 0xC2, index + 1 < bytes.count { return UnicodeScalar(UInt32(bytes[index + 1])) }
        guard first == 0xE2 || first == 0xE3 || first == 0xEF, index + 2 < bytes.count else { return nil }
        let (second, third) = (UInt32(bytes[index + 1]) & 0x3F, UInt32(bytes[index + 2]) & 0x3F)
        return UnicodeScalar((first & 0x0F) << 12 | second << 6 | third)
    }

    static func isQuote(_ bytes: [UInt8], at index: Int) -> Bool { sign(among: quotes, bytes, at: index) != nil }

    static func sign(among signs: [Sign], _ bytes: [UInt8], at index: Int) -> Sign? {
        guard index < bytes.count, let scalar = scalar(bytes, at: index) else { return nil }
        return signs.first { $0.scalar == scalar }
    }
}

extension Typography.Sign {
    var length: Int { String(scalar).utf8.count }
    /// `U+2013`
    var codePoint: String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension Statement {
    /// Looks for typographic characters where they change the meaning: a dash that begins a word, a quote that begins or
    /// ends a value, a space that separates nothing.
    mutating func checkTypography() {
        guard bytes.contains(where: { $0 >= 0x80 }) else { return }
        var index = keywordBytes.upperBound
        var quote: UInt8?
        while index < bytes.count {
            let byte = bytes[index]
            if byte == .backslash {
                index += 2
                continue
            }
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .apostrophe {
                quote = byte
            }
            index += byte >= 0x80 && quote == nil ? checkSign(at: index) : 1
        }
    }

    /// Returns the length of what was looked at.
    private mutating func checkSign(at index: Int) -> Int {
        let beginsWord = index == 0 || bytes[index - 1].isBlank
        if beginsWord, let dash = Typography.sign(among: Typography.dashes, bytes, at: index) {
            return checkDash(dash, at: index)
        }
        if let space = Typography.sign(among: Typography.spaces, bytes, at: index) {
            return checkSpace(space, at: index)
        }
        if let quote = Typography.sign(among: Typography.quotes, bytes, at: index),
            beginsWord || bytes[index - 1] == .equals || bytes[index - 1] == .openBracket
        {
            return checkQuote(quote, at: index)
        }
        return 1
    }

    private mutating func checkDash(_ dash: Typography.Sign, at index: Int) -> Int {
        var end = index + dash.length
        // Two dashes in a row were two hyphens once.
        while let next = Typography.sign(among: Typography.dashes, bytes, at: end) { end += next.length }
        while end < bytes.count, bytes[end] == .hyphen { end += 1 }
        guard end < bytes.count, bytes[end].isLetter else { return end - index }
        var nameEnd = end
        while nameEnd < bytes.count, bytes[nameEnd].isLetter || bytes[nameEnd] == .hyphen { nameEnd += 1 }
        let name = text.text(end..<nameEnd)
        let isFlag = FlagTable.flags(of: keyword)[name] != nil && index == rest.lowerBound
        let plain = isFlag || nameEnd - end > 1 ? "--" : "-"
        let sign = place(index..<end)
        let written = text.text(index..<nameEnd)
        report(
            Diagnostic(
                isFlag ? .error : .warning, "typographic-dash",
                "\"\(written)\" begins with \(dash.name) (\(dash.codePoint)), not \(plain == "--" ? "two hyphens" : "a hyphen")",
                at: place(index..<nameEnd),
                isFlag ? "so it is read as \(readAs), not as the flag --\(name)" : "",
                notes: ["web pages and word processors turn \"--\" into a dash"], help: "write \"\(plain)\(name)\"",
                fix: [Diagnostic.TextEdit(sign, plain)]))
        return nameEnd - index
    }

    /// What a first word is that is no flag.
    private var readAs: String {
        switch keyword {
        case "FROM": "the image"
        case "RUN": "the command"
        case "HEALTHCHECK": "an argument"
        default: "a path"
        }
    }

    private mutating func checkSpace(_ space: Typography.Sign, at index: Int) -> Int {
        var end = index + space.length
        while let next = Typography.sign(among: Typography.spaces, bytes, at: end) { end += next.length }
        let range = place(index..<end)
        report(
            Diagnostic(
                .warning, "typographic-space", "This is \(space.name) (\(space.codePoint)), which separates no words",
                at: range, "looks like a space and is none", help: "replace it by a plain space",
                fix: [Diagnostic.TextEdit(range, space.plain)]))
        return end - index
    }

    private mutating func checkQuote(_ quote: Typography.Sign, at index: Int) -> Int {
        // One message for all the quotes of a line, with one edit each.
        var edits: [Diagnostic.TextEdit] = []
        var at = index
        while at < bytes.count {
            guard let sign = Typography.sign(among: Typography.quotes, bytes, at: at) else {
                at += 1
                continue
            }
            edits.append(Diagnostic.TextEdit(place(at..<at + sign.length), sign.plain))
            at += sign.length
        }
        report(
            Diagnostic(
                needsPlainQuotes || bytes[rest].first == .openBracket ? .error : .warning, "typographic-quote",
                "This is \(quote.name) (\(quote.codePoint)), which quotes nothing",
                at: place(index..<index + quote.length), "read as a letter like any other",
                help: "write plain quotes: \(quote.plain)", fix: edits))
        return at - index
    }
}
