@testable import BuildSolver
import Testing

struct SecretMaskTests {
    /// Everything that comes out when the pieces go in.
    private func shown(_ pieces: [String], hiding secrets: [String]) -> String {
        var mask = SecretMask(secrets.map { Array($0.utf8) })
        var bytes = pieces.flatMap { mask.admit(Array($0.utf8)) }
        bytes += mask.finish()
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func wherever() {
        #expect(shown(["a hunter2 b hunter2"], hiding: ["hunter2"]) == "a *** b ***")
        #expect(shown(["hunter2hunter2"], hiding: ["hunter2"]) == "******")
        #expect(shown(["hunter1 hunte"], hiding: ["hunter2"]) == "hunter1 hunte")
    }

    @Test func inEverySplit() {
        let text = Array("x=s3cret-s3cr s3cret-value;s3cret-s3cret-value s3".utf8)
        let whole = shown([String(decoding: text, as: UTF8.self)], hiding: ["s3cret-value"])
        #expect(whole == "x=s3cret-s3cr ***;s3cret-*** s3")
        for first in 0...text.count {
            for second in first...text.count {
                let pieces = [text[..<first], text[first..<second], text[second...]]
                #expect(shown(pieces.map { String(decoding: $0, as: UTF8.self) }, hiding: ["s3cret-value"]) == whole)
            }
        }
    }

    @Test func withoutTheLineEndOfItsFile() {
        #expect(shown(["<hunter2>"], hiding: ["hunter2\r\n"]) == "<***>")
        #expect(shown(["hunter2\nnext"], hiding: ["hunter2\n"]) == "***\nnext")
        #expect(shown(["a\nb\nc"], hiding: ["line\na\nb\n"]) == "a\nb\nc")
    }

    /// One that begins like another must not hide behind it.
    @Test func theLongerOne() {
        #expect(shown(["pass", "word", "-long "], hiding: ["password", "password-long"]) == "*** ")
        #expect(shown(["password", " password-lon"], hiding: ["password", "password-long"]) == "*** ***-lon")
    }

    @Test func tooShortToHide() {
        #expect(SecretMask([Array("abc".utf8), []]).isIdle)
        #expect(shown(["abc abcd"], hiding: ["abc", "abcd"]) == "abc ***")
    }

    @Test func somethingThatIsShownAtOnce() {
        var mask = SecretMask([Array("hunter2".utf8)])
        #expect(mask.admit(Array("progress 50%".utf8)) == Array("progress 50%".utf8))
    }
}
