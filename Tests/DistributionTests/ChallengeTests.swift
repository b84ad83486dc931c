import Testing

@testable import Distribution

struct ChallengeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var fields: [String]
        var expected: [Challenge]
        var testDescription: String { fields.joined(separator: " | ") }
    }

    @Test(arguments: [
        Case(fields: ["Basic realm=\"a, b\""], expected: [Challenge(scheme: "basic", parameters: ["realm": "a, b"])]),
        Case(
            fields: ["Bearer realm=\"https://auth.example/token\",service=\"s\",scope=\"repository:a/b:pull,push\""],
            expected: [Challenge(scheme: "bearer", parameters: ["realm": "https://auth.example/token", "service": "s", "scope": "repository:a/b:pull,push"])]),
        Case(
            fields: ["Negotiate, Basic realm=x, Bearer Realm = \"y\" , service=z"],
            expected: [
                Challenge(scheme: "negotiate"), Challenge(scheme: "basic", parameters: ["realm": "x"]),
                Challenge(scheme: "bearer", parameters: ["realm": "y", "service": "z"]),
            ]),
        Case(fields: ["Negotiate YII+/abc==, Basic realm=x"], expected: [Challenge(scheme: "negotiate"), Challenge(scheme: "basic", parameters: ["realm": "x"])]),
        Case(fields: ["Basic", "Bearer realm=\"a\\\"b\""], expected: [Challenge(scheme: "basic"), Challenge(scheme: "bearer", parameters: ["realm": "a\"b"])]),
        Case(fields: [",, ,Basic realm=x,"], expected: [Challenge(scheme: "basic", parameters: ["realm": "x"])]),
        Case(fields: [""], expected: []),
        Case(fields: ["\"what\""], expected: []),
        // What has no end is not believed, what came before is.
        Case(fields: ["Basic realm=x, Bearer realm=\"open"], expected: [Challenge(scheme: "basic", parameters: ["realm": "x"]), Challenge(scheme: "bearer")]),
    ])
    func parses(_ test: Case) { #expect(Challenge.parse(test.fields) == test.expected) }

    /// Whatever a server sends is read to its end, and names no more challenges than it has bytes.
    @Test func survivesAnything() {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("aB= ,\"\\;/+\t\u{e9}".utf8)
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(Challenge.parse([text]).count <= text.utf8.count)
        }
    }
}
