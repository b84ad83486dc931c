/// Dockerfiles nobody would write: put together from pieces of the language, and from real text with bytes changed.
///
/// The same seed gives the same texts, so that a failure can be repeated.
package struct FuzzGenerator: RandomNumberGenerator {
    private var state: UInt64
    /// Texts to change.
    package var corpus: [[UInt8]]

    package init(seed: UInt64, corpus: [[UInt8]] = []) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        self.corpus = corpus
    }

    // xorshift64*
    package mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// The next text: one of the corpus with some bytes changed, or a grammatical one with or without changes.
    package mutating func text() -> [UInt8] {
        let choice = number(10)
        var bytes = choice < 4 && !corpus.isEmpty ? corpus[number(corpus.count)] : Array(dockerfile().utf8)
        if choice < 8 { for _ in 0...number(4) { mutate(&bytes) } }
        return bytes
    }

    private mutating func number(_ limit: Int) -> Int { Int(next() % UInt64(max(1, limit))) }
    private mutating func pick<Element>(_ list: [Element]) -> Element { list[number(list.count)] }

    private static let tokens: [String] = [
        "\\\n", "\n", "\r\n", "\r", "\"", "'", "[", "]", "${", "}", "<<EOF", "<< EOF", "<<-\"E O\"", "EOF\n", "--", "--from=", "=", "#", "\u{2013}",
        "\u{A0}", "\u{201C}", "`", "\t", "\\", "ONBUILD ", "\\u00e9", "/", "\u{1F600}", "# escape=`\n", "# check=skip=all\n", "# syntax=x\n", "$", "$$",
        ":-", "##", "%%", "//", "*", "?", "\u{FEFF}", " ", "  ", ",", "FROM ", "FROM a AS b\n", "COPY --from=b / /\n", "ARG A=$A\n", "&&", "\u{85}",
    ]

    private mutating func mutate(_ bytes: inout [UInt8]) {
        let at = number(bytes.count + 1)
        switch number(7) {
        case 0: bytes.insert(contentsOf: Array(pick(Self.tokens).utf8), at: at)
        case 1 where at < bytes.count: bytes[at] = UInt8(truncatingIfNeeded: next())
        case 2 where at < bytes.count: bytes.remove(at: at)
        case 3:
            let end = min(bytes.count, at + number(40))
            bytes.removeSubrange(at..<end)
        case 4:
            let end = min(bytes.count, at + number(60))
            bytes.insert(contentsOf: Array(bytes[at..<end]), at: number(bytes.count + 1))
        case 5 where !corpus.isEmpty:
            let other = corpus[number(corpus.count)]
            let start = number(other.count + 1)
            bytes.insert(contentsOf: other[start..<min(other.count, start + number(80))], at: at)
        default: bytes.insert(pick([0, 0xFF, 0xC2, 0xE2, 0x0B, 0x7F, 0x80, 0x0A, 0x5C]), at: at)
        }
    }

    // MARK: Grammar

    private mutating func dockerfile() -> String {
        var text = number(6) == 0 ? pick(["# syntax=docker/dockerfile:1\n", "# escape=`\n", "#!/bin/x\n", "\u{FEFF}", "# check=error=true\n"]) : ""
        if number(3) == 0 { text += "ARG " + pairs() + "\n" }
        for stage in 0...number(4) {
            text += pick(["FROM ", "from "]) + pick(["scratch", "debian", "a", "s\(max(0, stage - 1))", "${A}", "x:${A:-1}", "--platform=$BUILDPLATFORM b"])
            if number(2) == 0 { text += " AS s\(stage)" }
            text += "\n"
            for _ in 0..<number(6) { text += instruction() + pick(["\n", "\n", "\n\n", "\r\n", "  \n"]) }
        }
        return text
    }

    private mutating func instruction() -> String {
        switch number(18) {
        case 0: "RUN " + shell()
        case 1: "RUN " + json()
        case 2: "RUN \(pick(["", "3"]))<<\(pick(["", "-", " "]))E\(pick(["", " cat", " <<F"]))\nbody $A \"\n\tE\nE\nF"
        case 3: "COPY \(pick(["", "--from=s0 ", "--link ", "--chmod=755 --chown=$A:b ", "--exclude=*.a "]))\(word()) \(word())"
        case 4: "ADD \(word()) \(word()) /d/"
        case 5: "COPY <<-'E' <<F \(word())\n\ta $A\n\tE\nb ${A}\nF"
        case 6: "ENV " + pairs()
        case 7: "ENV \(name()) \(word()) \(word())"
        case 8: "LABEL " + pairs()
        case 9: "ARG " + pairs()
        case 10: "WORKDIR " + word()
        case 11: "EXPOSE \(number(70000))\(pick(["", "/udp", "-\(number(70000))", "/x"])) \(word())"
        case 12: "HEALTHCHECK \(pick(["", "--interval=\(number(9))s ", "--retries=\(number(9)) "]))\(pick(["NONE", "CMD " + shell(), "CMD " + json()]))"
        case 13: "ONBUILD " + instruction()
        case 14: pick(["USER ", "STOPSIGNAL ", "MAINTAINER ", "VOLUME "]) + word()
        case 15: pick(["CMD ", "ENTRYPOINT ", "SHELL ", "VOLUME "]) + json()
        case 16: "# " + pick(["comment", "check=skip=all", "escape=`", "syntax=a"])
        default: pick(["CMD ", "NOPE ", "RUN --mount=type=cache,target=/c ", "RNU "]) + shell()
        }
    }

    private mutating func name() -> String { pick(["A", "B", "PATH", "a_b", "\u{FC}", "1"]) }
    private mutating func pairs() -> String { (0...number(3)).map { _ in "\(name())=\(word())" }.joined(separator: pick([" ", " \\\n  "])) }
    private mutating func json() -> String { "[" + (0..<number(4)).map { _ in "\"\(pick(["a", "$A", "\\n", "x y"]))\"" }.joined(separator: ", ") + pick(["]", "]", "", "] x"]) }
    private mutating func shell() -> String { (0...number(3)).map { _ in pick(["a", "&& b", "\"q $A\"", "'s'", "\\\n  c", "\\\n# in\n d", "<<X", "$((1 << 2))", "|| e"]) }.joined(separator: " ") }

    private mutating func word(depth: Int = 0) -> String {
        (0...number(2)).map { _ in
            switch number(depth > 4 ? 4 : 8) {
            case 0: pick(["a", "src/", "/", ".", "*.c", "b\\ c"])
            case 1: "$" + name()
            case 2: "\"\(pick(["x y", "$A", "\\\""]))\""
            case 3: "'\(pick(["x y", "$A"]))'"
            case 4: "${\(name())\(pick([":-", "-", ":+", "+", ":?", "?"]))\(word(depth: depth + 1))}"
            case 5: "${\(name())\(pick(["#", "##", "%", "%%"]))\(pick(["*", "a*", "?", "\\*", "x"]))}"
            case 6: "${\(name())\(pick(["/", "//"]))\(pick(["a", "*", "?", "\\/", ""]))/\(word(depth: depth + 1))}"
            default: "${" + name() + "}"
            }
        }.joined()
    }
}
