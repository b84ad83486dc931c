import Diagnostics
import DockerfileSyntax
import TestSupport
import Testing

@Suite struct ExpansionTests {
    static let scope = VariableScope([
        "v": "value", "empty": "", "path": "/usr/local/lib/x.tar.gz", "list": "one two", "star": "a*b", "ünï": "code",
        "1": "first", "lines": "a\nb", "braces": "}{", "hash": "#*",
    ])

    private func word(_ raw: String, escape: Character = "\\") -> Word {
        let file = SourceFile(name: "word", text: raw)
        return Word(raw, range: SourceRange(file: file, bytes: 0..<file.bytes.count), escape: escape)
    }

    struct Case {
        var raw: String
        var expected: String
        var escape: Character = "\\"
        init(_ raw: String, _ expected: String, escape: Character = "\\") {
            self.raw = raw
            self.expected = expected
            self.escape = escape
        }
    }

    static let cases = [
        // Plain text, quotes and escapes
        Case("", ""), Case("plain", "plain"), Case("two words", "two words"), Case("\"two  words\"", "two  words"),
        Case("'$v'", "$v"), Case("\"$v\"", "value"), Case("a'b'\"c\"d", "abcd"), Case("\"it's\"", "it's"),
        Case("'say \"hi\"'", "say \"hi\""), Case("\\$v", "$v"), Case("\"\\$v\"", "$v"), Case("'\\$v'", "\\$v"),
        Case("a\\ b", "a b"), Case("\\\\", "\\"), Case("\"\\\\\"", "\\"), Case("\"\\n\"", "\\n"), Case("\\n", "n"),
        Case("\"\\\"\"", "\""), Case("trailing\\", "trailing"), Case("\"\"", ""), Case("''", ""),
        Case("`$v", "$v", escape: "`"), Case("C:\\x\\$v", "C:\\x\\value", escape: "`"), Case("\"`\"\"", "\"", escape: "`"),
        // Names
        Case("$v", "value"), Case("${v}", "value"), Case("$v/x", "value/x"), Case("$v-x", "value-x"), Case("${v}x", "valuex"),
        Case("$vx", ""), Case("$", "$"), Case("a$", "a$"), Case("$ v", "$ v"), Case("$/", "$/"), Case("$1x", "firstx"),
        Case("${1}", "first"), Case("$ünï", "code"), Case("$$", ""), Case("$empty", ""), Case("a${unset}b", "ab"),
        Case("$v$v", "valuevalue"), Case("x$(echo)", "x$(echo)"),
        // Defaults
        Case("${v:-w}", "value"), Case("${empty:-w}", "w"), Case("${unset:-w}", "w"), Case("${v-w}", "value"),
        Case("${empty-w}", ""), Case("${unset-w}", "w"), Case("${v:+w}", "w"), Case("${empty:+w}", ""),
        Case("${unset:+w}", ""), Case("${v+w}", "w"), Case("${empty+w}", "w"), Case("${unset+w}", ""),
        Case("${v:?w}", "value"), Case("${empty?w}", ""), Case("${unset:-}", ""), Case("${unset:-$v}", "value"),
        Case("${unset:-${empty:-${v}}}", "value"), Case("${unset:-a b}", "a b"), Case("${unset:-'a}b'}", "a}b"),
        Case("${unset:-a\\}b}", "a}b"), Case("\"${unset:-\"q\"}\"", "q"), Case("${unset:-:}", ":"),
        // Prefixes and suffixes
        Case("${path#*/}", "usr/local/lib/x.tar.gz"), Case("${path##*/}", "x.tar.gz"), Case("${path%.*}", "/usr/local/lib/x.tar"),
        Case("${path%%.*}", "/usr/local/lib/x"), Case("${path%/*}", "/usr/local/lib"), Case("${path#nope}", "/usr/local/lib/x.tar.gz"),
        Case("${v#?}", "alue"), Case("${v%?}", "valu"), Case("${v##*}", ""), Case("${v#*}", "value"), Case("${v%$v}", ""),
        Case("${star#a\\*}", "b"), Case("${star#a\\?}", "a*b"), Case("${unset#x}", ""), Case("${v%\"ue\"}", "val"),
        // Replacement
        Case("${path/l/L}", "/usr/Local/lib/x.tar.gz"), Case("${path//l/L}", "/usr/LocaL/Lib/x.tar.gz"),
        Case("${path/lo*l/X}", "/usr/Xib/x.tar.gz"), Case("${path//\\//_}", "_usr_local_lib_x.tar.gz"), Case("${v/a/}", "vlue"),
        Case("${v//?/x}", "xxxxx"), Case("${v/u/$list}", "valone twoe"), Case("${unset/a/b}", ""),
        // Escapes: taken away outside of patterns, kept in them and in replacements, where only \\/ and \\} need one.
        Case("${path//\\//\\/}", "\\/usr\\/local\\/lib\\/x.tar.gz"), Case("${unset:-a\\$v}", "a$v"), Case("${star/\\*/+}", "a+b"),
        Case("${braces#\\}}", "{"), Case("${unset:-\\}}", "}"), Case("${v#${unset:-va}}", "lue"), Case("${v#$hash}", ""),
        // Empty matches, as Go's regular expressions find them.
        Case("${v//$empty/-}", "-v-a-l-u-e-"), Case("${v/$empty/-}", "-value"), Case("${empty//*/x}", "x"), Case("${v//*/x}", "x"),
        Case("${v///}", "value"), Case("${lines/?b/X}", "a\nb"), Case("${lines#*}", "a\nb"), Case("${lines##*}", "\nb"), Case("${lines//?/x}", "x\nx"),
        // Names as the reference reads them: special parameters are single characters, a number ends at its last digit.
        Case("$@x", "x"), Case("$-", ""), Case("$*$#$?$!", ""), Case("$10", ""), Case("${10}", ""), Case("$v\u{308}x", "value\u{308}x"),
        Case("$_", ""), Case("${+w}", ""), Case("${%p}", ""), Case("${/a/b}", ""), Case("${v+}", ""), Case("${v:+$v$v}", "valuevalue"),
        // Quotes inside substitutions, and substitutions inside quotes.
        Case("\"${unset:-'a b'}\"", "a b"), Case("${unset:-\"$v}\"}", "value}"), Case("\"a${v}b\"'$v'", "avalueb$v"), Case("'a\\'b", "a\\b"),
        Case("\\\"$v\\\"", "\"value\""), Case("a\\'b", "a'b"), Case("\"a`b\"", "a`b"), Case("a`'b", "a'b", escape: "`"),
        Case("\"`$v`x\"", "$v`x", escape: "`"), Case("${path#`*}", "/usr/local/lib/x.tar.gz", escape: "`"),
    ]

    @Test(arguments: cases.indices) func expands(_ index: Int) throws {
        let test = Self.cases[index]
        #expect(try word(test.raw, escape: test.escape).expanded(in: Self.scope) == test.expected, "\(test.raw)")
    }

    struct WordsCase {
        var raw: String
        var expected: [String]
    }

    @Test(arguments: [
        WordsCase(raw: "$list", expected: ["one", "two"]), WordsCase(raw: "\"$list\"", expected: ["one two"]),
        WordsCase(raw: "a$list", expected: ["aone", "two"]), WordsCase(raw: "$empty", expected: []),
        WordsCase(raw: "x '$list' \\ y", expected: ["x", "$list", " y"]), WordsCase(raw: "  a  b  ", expected: ["a", "b"]),
    ])
    func splits(_ test: WordsCase) throws {
        #expect(try word(test.raw).expandedWords(in: Self.scope) == test.expected, "\(test.raw)")
    }

    struct Failure {
        var marked: String
        var code: String
    }

    @Test(arguments: [
        Failure(marked: "a1️⃣\"2️⃣b", code: "unterminated-quote"), Failure(marked: "a1️⃣'2️⃣b", code: "unterminated-quote"),
        Failure(marked: "a1️⃣${v2️⃣", code: "unterminated-substitution"),
        Failure(marked: "a1️⃣${2️⃣", code: "unterminated-substitution"),
        Failure(marked: "a1️⃣${v:-b2️⃣", code: "unterminated-substitution"),
        Failure(marked: "a1️⃣${v:2️⃣", code: "unterminated-substitution"),
        Failure(marked: "a1️⃣${v/x2️⃣", code: "unterminated-substitution"),
        Failure(marked: "1️⃣${2️⃣}", code: "bad-substitution"), Failure(marked: "1️⃣${2️⃣:-x}", code: "bad-substitution"),
        Failure(marked: "ä1️⃣${v!2️⃣x}", code: "unsupported-modifier"),
        Failure(marked: "1️⃣${v:02️⃣:2}", code: "unsupported-modifier"),
        Failure(marked: "1️⃣${v#\\x}2️⃣", code: "bad-substitution"),
        Failure(marked: "a1️⃣${unset?}2️⃣b", code: "variable-required"),
        Failure(marked: "a1️⃣${empty:?why not}2️⃣b", code: "variable-required"),
    ])
    func fails(_ test: Failure) throws {
        let text = MarkedText(test.marked)
        let error = #expect(throws: DiagnosticsError.self) { try word(text.text).expanded(in: Self.scope) }
        let diagnostic = try #require(error?.diagnostics.first)
        #expect(diagnostic.code == test.code)
        #expect(try diagnostic.primary?.range.bytes == text.bytes(1, 2))
        #expect(diagnostic.help != nil)
    }

    @Test func requiredVariableUsesTheGivenMessage() throws {
        let error = #expect(throws: DiagnosticsError.self) { try word("${TOKEN:?set it}").expanded(in: VariableScope()) }
        #expect(error?.diagnostics.first?.message == "TOKEN: set it")
    }

    @Test func undefinedVariablesAreReportedWithTheirPlace() throws {
        let text = MarkedText("a1️⃣$one2️⃣/3️⃣${two}4️⃣/${three:-x}/${four+y}/$v/$empty/'$five'")
        var undefined: [UndefinedVariable] = []
        let result = try word(text.text).expanded(in: Self.scope) { undefined.append($0) }
        #expect(result == "a//x//value//$five")
        #expect(undefined.map(\.name) == ["one", "two"])
        #expect(try undefined.map(\.range.bytes) == [text.bytes(1, 2), text.bytes(3, 4)])
    }

    @Test func deepNestingIsRefused() {
        let raw = String(repeating: "${a:-", count: 5000) + String(repeating: "}", count: 5000)
        #expect(throws: DiagnosticsError.self) { try word(raw).expanded(in: VariableScope()) }
    }

    @Test func heredocs() throws {
        let file = SourceFile(name: "Dockerfile", text: "x")
        let range = SourceRange(file: file, bytes: 0..<1)
        var heredoc = Heredoc(name: "EOF", content: "it's \"$v\" \\$v\n${unset:-d}\n", expand: true, chomp: false, range: range)
        #expect(try heredoc.expanded(in: Self.scope) == "it's \"value\" $v\nd\n")
        heredoc.expand = false
        #expect(try heredoc.expanded(in: Self.scope) == heredoc.content)
    }
}
