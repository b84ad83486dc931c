import ImageBuild
import OCI
import Testing

@testable import Commands

struct NamedContextSpecTests {
    @Test func reads() throws {
        let digest = Digest.sha256(of: "x")
        let cases: [(String, BuildRequest.NamedContext.Source)] = [
            ("a=../assets", .directory("../assets")), ("a=C=D", .directory("C=D")), ("a=docker-image://scratch", .scratch),
            ("a=docker-image://debian:12", .image(try Reference(parsing: "debian:12"))),
            ("a=oci-layout://d/l", .layout(path: "d/l", tag: nil, digest: nil)),
            ("a=oci-layout:///d/l:v1", .layout(path: "/d/l", tag: "v1", digest: nil)),
            ("a=oci-layout://l@\(digest)", .layout(path: "l", tag: nil, digest: digest)),
            ("a=oci-layout://l:v1@\(digest)", .layout(path: "l", tag: "v1", digest: digest)),
            ("a=https://h/x.tar", .url("https://h/x.tar")), ("a=git@h:r.git#main", .url("git@h:r.git#main")),
            ("a=github.com/u/r", .url("github.com/u/r")),
        ]
        for (text, source) in cases {
            #expect(try NamedContextSpec.parse(text) == BuildRequest.NamedContext(name: "a", source: source), "\(text)")
        }
    }

    @Test(arguments: [
        ("x", "is NAME=SOURCE"), ("=x", "is NAME=SOURCE"), ("x=", "nothing after"), ("a b=x", "no spaces"), ("a=target:t", "bake files"),
        ("a=docker-image://A/B", "lower case"), ("a=htps://h/x", "does not know htps://"), ("a=oci-layout://", "needs a path"),
        ("a=oci-layout://x@sha256:1", "'--build-context a'"), ("a=https://h/r.git?x=1", "do not know the option"),
    ])
    func refuses(_ text: String, _ words: String) {
        do {
            _ = try NamedContextSpec.parse(text)
            Issue.record("\(text) is taken")
        } catch { #expect(error.message.contains(words), "\(error.message)") }
    }
}
