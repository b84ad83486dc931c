import PathPatterns
import Testing

struct PathPatternTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var pattern: String
        var path: String
        var matches: Bool
        init(_ pattern: String, _ path: String, _ matches: Bool) {
            self.pattern = pattern
            self.path = path
            self.matches = matches
        }
        var testDescription: String { "\(pattern) on \(path)" }
    }

    /// The rules of Go's filepath.Match.
    static let components: [Case] = [
        Case("abc", "abc", true), Case("*", "abc", true), Case("*c", "abc", true), Case("a*", "a", true),
        Case("a*", "ab/c", false), Case("a*/b", "abc/b", true), Case("a*/b", "a/c/b", false),
        Case("a*b*c*d*e*/f", "axbxcxdxexxx/f", true), Case("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
        Case("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false), Case("a*b?c*x", "abxbbxdbxebxczzx", true),
        Case("a*b?c*x", "abxbbxdbxebxczzy", false), Case("ab[c]", "abc", true), Case("ab[b-d]", "abc", true),
        Case("ab[e-g]", "abc", false), Case("ab[^c]", "abc", false), Case("ab[^e-g]", "abc", true),
        Case("a\\*b", "a*b", true), Case("a\\*b", "ab", false), Case("a?b", "a☺b", true), Case("a[^a]b", "a☺b", true),
        Case("a???b", "a☺b", false), Case("[a-ζ]*", "α", true), Case("*[a-ζ]", "A", false), Case("a?b", "a/b", false),
        Case("a*b", "a/b", false), Case("[\\]a]", "]", true), Case("[\\-]", "-", true), Case("[x\\-]", "-", true),
        Case("[\\-x]", "a", false), Case("*x", "xxx", true), Case("[z-a]", "m", false), Case("a]", "a]", true),
        Case("[*]", "*", true), Case("[*]", "x", false), Case("[!a]", "!", true), Case("[!a]", "b", false),
        Case("a[^b]c", "a/c", true), Case("**", "a/b", false), Case("a/**", "a/b", true), Case("a/**", "a/b/c", false),
        Case("", "", true), Case("", "a", false), Case("*", "", true), Case("?", "", false),
        Case("\\d", "d", true), Case("\\d", "1", false), Case("^a", "^a", true), Case("a\nb*", "a\nbc", true),
    ]

    @Test(arguments: components) func componentsFollowFilepathMatch(_ test: Case) throws {
        #expect(try PathPattern(test.pattern, dialect: .components).matches(test.path) == test.matches)
    }

    /// Docker's reading of `**`.
    static let recursive: [Case] = [
        Case("**", "file", true), Case("**", "dir/file", true), Case("**/**", "dir/file", true),
        Case("dir/**", "dir/file", true), Case("dir/**", "dir/dir2/file", true), Case("dir/**", "dir", false),
        Case("dir**", "dirx/y", true), Case("**/dir", "dir", true), Case("**/dir2/*", "dir/dir2/file", true),
        Case("**/dir2/**", "dir/dir2/dir3/file", true), Case("**file", "file", true), Case("**file", "dir/file", true),
        Case("**file", "myfile", true), Case("**fil?", "myfile", false), Case("**fil?", "dir/file", true),
        Case("**/file", "myfile", false), Case("**/file*", "dir/dir/file.txt", true),
        Case("**/file*.txt*", "dir/dir/file.txt", true), Case("**/**/*.txt", "dir/dir/file.txt", true),
        Case("**/**/*.txt2", "dir/dir/file.txt", false), Case("**/**/*.txt", "file.txt", true),
        Case("a**/*.txt", "a/file.txt", true), Case("a**/*.txt", "a/dir/dir/file.txt", true),
        Case("a/*.txt", "a/dir/file.txt", false), Case("a/*.txt**", "a/file.txt", true),
        Case("a**b", "ab", true), Case("a**b", "ax/b", true), Case("a**b", "axb", false), Case("a**b", "a/x/y/b", true),
        Case("a/**/b", "a/b", true), Case("a/**/b", "a/x/b", true), Case("a/**/b", "a/xb", false),
        Case(".*", ".foo", true), Case(".*", "foo", false), Case("abc.def", "abcZdef", false),
        Case("**/foo/bar", "dir/dir2/foo/bar", true), Case("**/.foo", "bar.foo", false),
        Case("a.|)$(}+{bc", "a.|)$(}+{bc", true), Case("***", "a/b", true), Case("***x", "a/bx", true),
        Case("**/*", "a/b/c", true), Case("a\\*\\*", "a**", true),
    ]

    @Test(arguments: recursive) func doubleStarsFollowDocker(_ test: Case) throws {
        #expect(try PathPattern(test.pattern, dialect: .recursive).matches(test.path) == test.matches)
    }

    static let malformed: [(String, MalformedPattern.Reason)] = [
        ("[]a]", .badClass), ("[-]", .badClass), ("[x-]", .badClass), ("[-x]", .badClass), ("[a-b-c]", .badClass),
        ("\\", .trailingEscape), ("a\\", .trailingEscape), ("[", .unclosedClass), ("[^", .unclosedClass),
        ("[^bc", .unclosedClass), ("a[", .unclosedClass), ("[a\\", .unclosedClass), ("[a", .unclosedClass),
    ]

    @Test(arguments: malformed) func malformedPatternsAreErrors(_ text: String, _ reason: MalformedPattern.Reason) {
        for dialect in [PathPattern.Dialect.components, .recursive] {
            #expect(throws: MalformedPattern(text, reason)) { try PathPattern(text, dialect: dialect) }
        }
    }

    @Test func bytesThatAreNotUTF8AreCharactersOfTheirOwn() throws {
        let name: [UInt8] = [0x61, 0xFF, 0x62]
        func match(_ pattern: String) throws -> Bool {
            let pattern = try PathPattern(pattern, dialect: .recursive)
            return name.withUnsafeBufferPointer { pattern.matches($0) }
        }
        #expect(try match("a?b"))
        #expect(try match("a*b"))
        #expect(try match("a[^x]b"))
        #expect(try !match("a??b"))
        #expect(try !match("a\u{FFFD}b"))
        // A cut-off sequence at the end, an overlong one, and a surrogate.
        let hostile: [[UInt8]] = [[0xE2, 0x82], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF5, 0x80]]
        for bytes in hostile {
            let pattern = try PathPattern(String(repeating: "?", count: bytes.count), dialect: .components)
            #expect(bytes.withUnsafeBufferPointer { pattern.matches($0) })
        }
    }

    @Test func longPatternsWork() throws {
        let long = String(repeating: "a", count: 300)
        #expect(try PathPattern("**/\(long)/*.txt", dialect: .recursive).matches("x/\(long)/b.txt"))
        #expect(try !PathPattern("**/\(long)/*.txt", dialect: .recursive).matches("x/\(long)/b.tx"))
        #expect(throws: MalformedPattern.self) {
            try PathPattern(String(repeating: "a", count: 5000), dialect: .components)
        }
    }

    /// Would take longer than the universe has with backtracking; here it takes part in the suite's seconds.
    @Test func hostilePatternsAreLinear() throws {
        let path = String(repeating: "a", count: 2000) + "b"
        for dialect in [PathPattern.Dialect.components, .recursive] {
            let stars = String(repeating: "a*", count: 30) + "c"
            #expect(try !PathPattern(stars, dialect: dialect).matches(path))
            let many = String(repeating: "*a", count: 300) + "c"
            #expect(try !PathPattern(many, dialect: dialect).matches(path))
        }
        let directories = String(repeating: "**/a/", count: 12) + "x"
        #expect(try !PathPattern(directories, dialect: .recursive).matches(String(repeating: "a/", count: 1000) + "b"))
    }

    @Test(arguments: [
        ("", "."), (".", "."), ("/", "/"), ("a//b/./c/", "a/b/c"), ("a/../b", "b"), ("../a", "../a"), ("a/../..", ".."),
        ("/../a", "/a"), ("/a/../../b", "/b"), ("./", "."), ("../../x/..", "../.."),
    ]) func cleaningFollowsGo(_ path: String, _ cleaned: String) { #expect(PathCleaning.clean(path) == cleaned) }

    @Test(arguments: [
        ("", "."), ("/", "."), (".", "."), ("../../etc", "etc"), ("/a/b/", "a/b"), ("a/../../b", "b"), ("./a", "a"),
    ]) func rootsAreNotLeft(_ path: String, _ inside: String) { #expect(PathCleaning.insideRoot(path) == inside) }

    @Test func wildcardsAreToldFromText() {
        #expect(PathPattern.hasWildcards("a*"))
        #expect(PathPattern.hasWildcards("[a]"))
        #expect(!PathPattern.hasWildcards("a\\*\\["))
        #expect(PathPattern.unescaped("a\\*\\\\b\\") == "a*\\b\\")
    }
}
