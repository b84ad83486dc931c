/// Pattern text to a program.
///
/// Where docker's matcher, which goes through a regular expression, departs from `filepath.Match` by accident, we keep
/// to `filepath.Match`: `[*]` is a literal star, `\d` a literal d, `^` outside of a class a literal.
struct PatternCompiler {
    private let text: String
    private let scalars: [UInt32]
    private var position = 0
    private var tokens: ContiguousArray<PatternToken> = []
    private var classes: ContiguousArray<CharacterClass> = []

    static func compile(_ text: String, dialect: PathPattern.Dialect) throws(MalformedPattern) -> PatternProgram {
        var compiler = PatternCompiler(text)
        try compiler.run(dialect)
        guard compiler.tokens.count <= PatternProgram.maximumTokens else {
            throw MalformedPattern(String(text.prefix(80)) + "…", .tooLong)
        }
        return PatternProgram(tokens: compiler.tokens, classes: compiler.classes)
    }

    private init(_ text: String) {
        self.text = text
        self.scalars = text.unicodeScalars.map(\.value)
    }

    private mutating func run(_ dialect: PathPattern.Dialect) throws(MalformedPattern) {
        while let character = next() {
            switch character {
            case Self.star:
                if dialect == .recursive, peek() == Self.star {
                    position += 1
                    doubleStar(isFirst: tokens.isEmpty)
                } else {
                    // A run of stars in Go's dialect is one.
                    if case .star? = tokens.last { continue }
                    tokens.append(.star)
                }
            case Self.question: tokens.append(.anyButSlash)
            case Self.openBracket: try characterClass()
            case Self.backslash:
                guard let escaped = next() else { throw MalformedPattern(text, .trailingEscape) }
                tokens.append(.literal(escaped))
            default: tokens.append(.literal(character))
            }
        }
    }

    /// Behind the second star. `**/` is any number of directories, a closing `**` everything.
    private mutating func doubleStar(isFirst: Bool) {
        let hasSlash = peek() == Self.slash
        if hasSlash { position += 1 }
        if position == scalars.count {
            tokens.append(.everything)
        } else if isFirst, !hasSlash, scalars[position...].allSatisfy({ !Self.special.contains($0) }) {
            // Docker's fast path makes a leading `**` before mere text a test of the end of the path: `**file` matches
            // `myfile`, though `**fil?` does not.
            tokens.append(.everything)
        } else {
            tokens.append(.directories)
            tokens.append(.directoriesLoop)
        }
    }

    private mutating func characterClass() throws(MalformedPattern) {
        var result = CharacterClass()
        if peek() == Self.caret {
            result.isNegated = true
            position += 1
        }
        var members = 0
        while true {
            if peek() == Self.closeBracket, members > 0 {
                position += 1
                break
            }
            let low = try classMember()
            var high = low
            if peek() == Self.minus {
                position += 1
                high = try classMember()
            }
            // An upside-down range holds nothing.
            if low <= high { result.ranges.append(low...high) }
            members += 1
        }
        tokens.append(.oneOf(classes.count))
        classes.append(result)
    }

    private mutating func classMember() throws(MalformedPattern) -> UInt32 {
        guard let character = next() else { throw MalformedPattern(text, .unclosedClass) }
        var member = character
        if character == Self.minus || character == Self.closeBracket { throw MalformedPattern(text, .badClass) }
        if character == Self.backslash {
            guard let escaped = next() else { throw MalformedPattern(text, .unclosedClass) }
            member = escaped
        }
        guard peek() != nil else { throw MalformedPattern(text, .unclosedClass) }
        return member
    }

    private func peek() -> UInt32? { position < scalars.count ? scalars[position] : nil }
    private mutating func next() -> UInt32? {
        guard position < scalars.count else { return nil }
        defer { position += 1 }
        return scalars[position]
    }

    private static let star = UInt32(UInt8(ascii: "*"))
    private static let question = UInt32(UInt8(ascii: "?"))
    private static let openBracket = UInt32(UInt8(ascii: "["))
    private static let closeBracket = UInt32(UInt8(ascii: "]"))
    private static let backslash = UInt32(UInt8(ascii: "\\"))
    private static let slash = UInt32(PathCleaning.slash)
    private static let caret = UInt32(UInt8(ascii: "^"))
    private static let minus = UInt32(UInt8(ascii: "-"))
    private static let special: [UInt32] = [star, question, openBracket, closeBracket, backslash]
}
