import BuildPlan
import Diagnostics
import DockerfileSyntax
import OCI
import Testing

/// Addresses of ADD and of contexts, as BuildKit reads them.
struct RemoteSourceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var text: String
        var remote: String
        var ref: String?
        var subdirectory: String?
        var testDescription: String { text }
    }

    @Test(arguments: [
        Case(text: "https://h/u/r.git", remote: "https://h/u/r.git"),
        Case(text: "http://h:8080/r.git#v1", remote: "http://h:8080/r.git", ref: "v1"),
        Case(text: "https://h/r.git#main:sub/dir", remote: "https://h/r.git", ref: "main", subdirectory: "sub/dir"),
        Case(text: "https://h/r.git#:sub", remote: "https://h/r.git", subdirectory: "sub"),
        Case(text: "https://h/r.git#main:/../x/./y/", remote: "https://h/r.git", ref: "main", subdirectory: "x/y"),
        Case(text: "https://h/r.git#main:.", remote: "https://h/r.git", ref: "main"),
        Case(text: "git://h/r", remote: "git://h/r"),
        Case(text: "ssh://git@h:22/r", remote: "ssh://git@h:22/r"),
        Case(text: "git@github.com:u/r.git#dev:d", remote: "git@github.com:u/r.git", ref: "dev", subdirectory: "d"),
        Case(text: "git@h:r?branch=dev", remote: "git@h:r", ref: "refs/heads/dev"),
        Case(text: "https://h/r.git?ref=a/b&subdir=c", remote: "https://h/r.git", ref: "a/b", subdirectory: "c"),
        Case(text: "https://h/r.git?tag=v1", remote: "https://h/r.git", ref: "refs/tags/v1"),
        Case(text: "https://h/r.git?checksum=0123456789012345678901234567890123456789", remote: "https://h/r.git", ref: "0123456789012345678901234567890123456789"),
    ])
    func readsGit(_ test: Case) throws {
        let source = try #require(try GitSource.parse(test.text))
        #expect(source.remote == test.remote)
        #expect(source.ref == test.ref)
        #expect(source.subdirectory == test.subdirectory)
    }

    @Test(arguments: ["https://h/file.txt", "https://h/r.git/file", "github.com/u/r", "./a@b:c", "src/x", "a:b", "file:///r.git", "http://h", "x@y"])
    func leavesOthersAlone(_ text: String) throws {
        #expect(try GitSource.parse(text) == nil)
    }

    @Test func bareGitHubIsForContexts() throws {
        #expect(try GitSource.parse("github.com/u/r#main", allowingBareGitHub: true)?.remote == "https://github.com/u/r")
    }

    @Test func options() throws {
        let source = try #require(try GitSource.parse("https://h/r.git?keep-git-dir&submodules=false&mtime=commit&commit=abcdef0"))
        #expect(source.keepsGitDirectory && !source.takesSubmodules && source.isDatedByCommit)
        #expect(source.checksum == "abcdef0")
    }

    @Test func credentialsStandApart() throws {
        let source = try #require(try GitSource.parse("https://joe:hunter2@h/r.git#v1:d"))
        #expect(source.remote == "https://h/r.git")
        #expect(source.userInfo == "joe:hunter2")
        #expect(source.description == "https://xxxxx@h/r.git#v1:d")
    }

    @Test(arguments: [
        ("git://-oProxyCommand=x/r", "dash"), ("-x@h:p", "dash"), ("https://h/r.git#--upload-pack=x", "not the name of a branch"),
        ("https://h/r.git#a..b", "not the name"), ("https://h/r.git#a b", "not the name"), ("https://h/r.git?branc=x", "do not know the option \"branc\""),
        ("https://h/r.git?ref=", "has no value"), ("https://h/r.git?ref=a&ref=b", "given twice"), ("https://h/r.git?tag=a&branch=b", "two refs"),
        ("https://h/r.git?subdir=b#x:c", "two subdirectories"), ("https://h/r.git?checksum=xyz", "not a commit id"),
        ("https://h/r.git?submodules=maybe", "true or false"), ("https://h/r.git?mtime=now", "\"checkout\" or \"commit\""), ("git://", "whole address"), ("git@h:", "path of the repository is missing"),
    ])
    func explainsWhatIsWrong(_ text: String, _ words: String) {
        do {
            _ = try GitSource.parse(text)
            Issue.record("\(text) is taken")
        } catch { #expect(error.message.contains(words), "\(error.message)") }
    }

    struct Wrong: Sendable, CustomTestStringConvertible {
        var add: String
        var code: String
        var marked: String
        var help: String
        var testDescription: String { add }
    }

    @Test(arguments: [
        Wrong(add: "ADD --checksum=sha256:12 http://h/f /x", code: "checksum-invalid", marked: "sha256:12", help: "64 hexadecimal digits"),
        Wrong(add: "ADD --checksum=\(String(repeating: "ab", count: 32)) http://h/f /x", code: "checksum-invalid", marked: String(repeating: "ab", count: 32), help: "--checksum=sha256:abab"),
        Wrong(add: "ADD --checksum=zz https://h/r.git /x", code: "checksum-invalid", marked: "zz", help: "40 hexadecimal digits"),
        Wrong(add: "ADD --checksum=sha256:12 file /x", code: "checksum-not-fetched", marked: "sha256:12", help: "remove --checksum"),
        Wrong(add: "ADD --checksum=sha256:\(String(repeating: "ab", count: 32)) http://h/a http://h/b /x/", code: "checksum-several-sources", marked: "sha256:" + String(repeating: "ab", count: 32), help: "an ADD for each"),
        Wrong(add: "ADD https://h/ /dir/", code: "url-without-name", marked: "https://h/", help: "ADD https://h/ /dir/NAME"),
        Wrong(add: "ADD https:///x /dir/", code: "remote-source-invalid", marked: "https:///x", help: "https://host/path"),
        Wrong(add: "ADD https://h/r.git?subdri=x /dir/", code: "remote-source-invalid", marked: "https://h/r.git?subdri=x", help: "did you mean \"subdir\"?"),
        Wrong(add: "COPY https://h/f /x", code: "copy-remote-source", marked: "https://h/f", help: "use ADD"),
        Wrong(add: "COPY git@h:r.git /x", code: "copy-remote-source", marked: "git@h:r.git", help: "use ADD"),
    ])
    func wrongAddsAreExplained(_ test: Wrong) throws {
        let parsed = DockerfileParser.parse(SourceFile(name: "Dockerfile", text: "FROM scratch\n" + test.add + "\n"))
        let options = PlanOptions(platform: Platform(os: "linux", architecture: "amd64"))
        var found = parsed.diagnostics
        do { _ = try Planner.plan(try Planner.outline(parsed.value, options: options), bases: [:], options: options) } catch {
            found += error.diagnostics
        }
        let diagnostic = try #require(found.first { $0.code == test.code }, "\(found)")
        #expect(diagnostic.primary?.range.text == test.marked)
        #expect(diagnostic.help?.contains(test.help) == true, "\(diagnostic.help ?? "no help")")
    }
}
