import OCI
import Testing

@testable import Distribution

struct AddressTests {
    @Test(arguments: [
        ("https://example.com", "https://example.com"),
        ("HTTP://Example.COM:8080/A b?x=1#frag", "http://example.com:8080/A%20b?x=1"),
        ("http://u:p@h/ü", "http://u:p@h/%C3%BC"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
    ])
    func parses(_ text: String, _ expected: String) {
        #expect(WebAddress(parsing: text)?.text == expected)
    }

    @Test(arguments: ["", "example.com/x", "://x", "http://", "http:///x", "http://h:port/", "http://h:99999/", "http://a b/", "ht tp://x", "http://h/\u{7}"])
    func refuses(_ text: String) {
        #expect(WebAddress(parsing: text) == nil)
    }

    @Test(arguments: [
        ("https://h/a/b.txt", "b.txt"), ("https://h/a/b%20c.txt?q=/x", "b c.txt"), ("https://h/a/", "a"),
        ("https://h/x%2Fy", "y"),
    ])
    func namesFiles(_ text: String, _ expected: String) {
        #expect(WebAddress(parsing: text)?.fileName == expected)
    }

    @Test(arguments: ["https://h", "https://h/", "https://h//", "https://h/a/.."])
    func knowsNoName(_ text: String) {
        #expect(WebAddress(parsing: text)?.fileName == nil)
    }

    @Test(arguments: [
        ("/x", "http://h/x"), ("x", "http://h/a/x"), ("../x", "http://h/x"), ("../../../x", "http://h/x"),
        ("?q", "http://h/a/b?q"), ("//other/x", "http://other/x"), ("https://o/x", "https://o/x"), ("./", "http://h/a/"),
    ])
    func resolves(_ reference: String, _ expected: String) {
        #expect(WebAddress(parsing: "http://h/a/b?old")?.resolving(reference)?.text == expected)
    }

    @Test func refusesOtherSchemesInRedirects() {
        #expect(WebAddress(parsing: "http://h/")?.resolving("javascript:alert(1)") == nil)
    }

    @Test func showsNoCredentials() {
        let address = WebAddress(parsing: "https://joe:hunter2@h/x?X-Amz-Signature=abc&page=2&token=t")
        #expect(address?.redacted == "https://xxxxx@h/x?X-Amz-Signature=xxxxx&page=2&token=xxxxx")
        #expect(
            WebAddress.redacting("fatal: unable to access 'https://joe:hunter2@h/x.git/': no")
                == "fatal: unable to access 'https://xxxxx@h/x.git/': no")
        #expect(WebAddress.redacting("ADD https://h/x?token=t&a=b#f /x") == "ADD https://h/x?token=xxxxx&a=b#f /x")
    }

    @Test(arguments: [
        ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
        ("Sun Nov  6 08:49:37 1994", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Thu, 29 Feb 2024 12:00:00 GMT", 1_709_208_000),
    ])
    func readsTimes(_ text: String, _ seconds: Int64) {
        #expect(HTTPDate.seconds(text) == seconds)
    }

    @Test(arguments: ["", "yesterday", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "1 2 3 4 5 6"])
    func refusesTimes(_ text: String) {
        #expect(HTTPDate.seconds(text) == nil)
    }

    @Test(arguments: [
        ("example.com", true), ("com", true), ("ample.com", false), (".example.com", false), ("*", true),
        ("api.example.com", false), ("example.com:443", true), ("example.com:8443", false),
    ])
    func readsNoProxy(_ pattern: String, _ matches: Bool) {
        #expect(NetworkSettings.matches(pattern, host: "example.com", port: 443) == matches)
    }

    @Test func readsNetworksInNoProxy() {
        #expect(NetworkSettings.matches("10.0.0.0/8", host: "10.9.8.7", port: 80))
        #expect(!NetworkSettings.matches("10.0.0.0/8", host: "11.9.8.7", port: 80))
    }

    @Test func choosesAProxy() throws {
        let settings = NetworkSettings(environment: [
            "http_proxy": "http://p:1", "HTTPS_PROXY": "q:2", "no_proxy": "direct.test, .corp",
        ])
        func proxy(_ url: String) throws -> String? {
            try settings.proxy(for: #require(WebAddress(parsing: url)))?.address.text
        }
        #expect(try proxy("http://a/") == "http://p:1")
        #expect(try proxy("https://a/") == "http://q:2")
        #expect(try proxy("https://direct.test/") == nil)
        #expect(try proxy("https://x.corp/") == nil)
        #expect(try proxy("http://127.0.0.1:5/") == nil)
    }
}
