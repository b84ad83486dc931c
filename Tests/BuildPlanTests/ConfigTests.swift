import Diagnostics
import OCI
import Testing
@testable import BuildPlan

/// What the config instructions leave in the image's config and history.
struct ConfigTests {
    private func config(_ text: String) throws -> ContainerConfig { try Planned("FROM b\n" + text).config }
    private func history(_ text: String) throws -> [String] { try Planned("FROM b\n" + text).history }

    struct Ports: Sendable {
        var text: String
        var ports: [String]
    }

    @Test(arguments: [
        Ports(text: "80", ports: ["80/tcp"]), Ports(text: "80/UDP", ports: ["80/udp"]), Ports(text: "80/", ports: ["80/tcp"]),
        Ports(text: "53/udp 53/tcp", ports: ["53/tcp", "53/udp"]), Ports(text: "1-3/sctp", ports: ["1/sctp", "2/sctp", "3/sctp"]),
        Ports(text: "8080:80", ports: ["80/tcp"]), Ports(text: "127.0.0.1:8080:80/udp", ports: ["80/udp"]),
        Ports(text: "[::1]:80:81", ports: ["81/tcp"]), Ports(text: "8000-8010:80", ports: ["80/tcp"]),
        Ports(text: "0 65535", ports: ["0/tcp", "65535/tcp"]),
    ])
    func expose(_ test: Ports) throws {
        #expect(try config("EXPOSE " + test.text).exposedPorts?.keys.sorted() == test.ports)
    }

    @Test func exposeSplitsVariablesAtTheirSpaces() throws {
        #expect(try config("ENV P=\"80 81/udp\"\nEXPOSE $P").exposedPorts?.keys.sorted() == ["80/tcp", "81/udp"])
        #expect(try config("EXPOSE 1\nEXPOSE 2").exposedPorts?.count == 2)
    }

    @Test(arguments: ["65536", "x", "80/icmp", "3-1", "1-2-3", "/tcp", "-5", "+5", "1.2.3:80:80", "1-3:80-81", ":"])
    func exposeRefuses(_ text: String) { #expect(throws: DiagnosticsError.self) { try config("EXPOSE " + text) } }

    struct Duration: Sendable {
        var text: String
        var nanoseconds: Int64?
        var shown: String?
    }

    @Test(arguments: [
        Duration(text: "30s", nanoseconds: 30_000_000_000, shown: "30s"), Duration(text: "1m30s", nanoseconds: 90_000_000_000, shown: "1m30s"),
        Duration(text: "1.5h", nanoseconds: 5_400_000_000_000, shown: "1h30m0s"), Duration(text: ".5s", nanoseconds: 500_000_000, shown: "500ms"),
        Duration(text: "2.3s", nanoseconds: 2_300_000_000, shown: "2.3s"), Duration(text: "5.s", nanoseconds: 5_000_000_000, shown: "5s"),
        Duration(text: "1ms", nanoseconds: 1_000_000, shown: "1ms"), Duration(text: "1500\u{B5}s", nanoseconds: 1_500_000, shown: "1.5ms"),
        Duration(text: "1\u{3BC}s", nanoseconds: 1000, shown: "1\u{B5}s"), Duration(text: "12ns", nanoseconds: 12, shown: "12ns"),
        Duration(text: "+3s", nanoseconds: 3_000_000_000, shown: "3s"), Duration(text: "-3s", nanoseconds: -3_000_000_000, shown: "-3s"),
        Duration(text: "0", nanoseconds: 0, shown: "0s"), Duration(text: "1h", nanoseconds: 3_600_000_000_000, shown: "1h0m0s"),
        Duration(text: "0.0000000001s", nanoseconds: 0, shown: "0s"), Duration(text: "3"), Duration(text: ""), Duration(text: "s"),
        Duration(text: "1 s"), Duration(text: "1d"), Duration(text: "."), Duration(text: ".s"), Duration(text: "1s2"), Duration(text: "300000h", nanoseconds: 1_080_000_000_000_000_000), Duration(text: "99999999999999999999s"),
        Duration(text: "9999999h"), Duration(text: "\u{661}s"), Duration(text: "--1s"),
    ])
    func durations(_ test: Duration) {
        let found = GoDuration.nanoseconds(test.text)
        #expect(found == test.nanoseconds, "\(test.text)")
        if let shown = test.shown, let found { #expect(GoDuration.text(found) == shown) }
    }

    @Test func healthcheck() throws {
        let check = try config("HEALTHCHECK --interval=5s --start-period=0s --retries=0 --timeout= CMD curl $A").healthcheck
        #expect(check?.test == ["CMD-SHELL", "curl $A"])
        #expect(check?.interval == 5_000_000_000)
        #expect(check?.startPeriod == nil && check?.retries == nil && check?.timeout == nil)
        #expect(try config("HEALTHCHECK CMD [\"a\", \"b\"]").healthcheck?.test == ["CMD", "a", "b"])
        #expect(try config("HEALTHCHECK --interval=1s NONE").healthcheck == ContainerConfig.Healthcheck(test: ["NONE"]))
        #expect(try config("HEALTHCHECK CMD a\nHEALTHCHECK NONE").healthcheck?.test == ["NONE"])
    }

    @Test(arguments: ["--interval=999us", "--interval=$A", "--timeout=5", "--retries=-1", "--retries=x", "--retries=2147483648", "--start-interval=-1s"])
    func healthcheckRefuses(_ flag: String) {
        #expect(throws: DiagnosticsError.self) { try config("HEALTHCHECK \(flag) CMD x") }
    }

    struct History: Sendable {
        var text: String
        var line: String?
    }

    @Test(arguments: [
        History(text: "ENV A=1 B=\"x y\"", line: "ENV A=1 B=x y"), History(text: "LABEL a=1 \"b c\"=2", line: "LABEL a=1 b c=2"),
        History(text: "CMD [\"a\", \"b \\\"c\\\"\"]", line: "CMD [\"a\" \"b \\\"c\\\"\"]"), History(text: "CMD a b", line: "CMD [\"/bin/sh\" \"-c\" \"a b\"]"),
        History(text: "ENTRYPOINT []", line: "ENTRYPOINT []"), History(text: "EXPOSE 2 1/udp", line: "EXPOSE [1/udp 2/tcp]"),
        History(text: "VOLUME [\"/a\", \"/b\"]", line: "VOLUME [/a /b]"), History(text: "SHELL [\"/bin/bash\", \"-c\"]", line: "SHELL [/bin/bash -c]"),
        History(text: "USER a:b", line: "USER a:b"), History(text: "STOPSIGNAL SIGINT", line: "STOPSIGNAL SIGINT"), History(text: "WORKDIR a/../b", line: "WORKDIR /b"),
        History(text: "MAINTAINER \"A\" $B", line: "MAINTAINER \"A\" $B"), History(text: "ARG A B=2", line: "ARG A B=2"),
        History(text: "HEALTHCHECK NONE", line: "HEALTHCHECK {Test:[NONE] Interval:0s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}"),
        History(text: "ONBUILD RUN x"), History(text: "ARG A=1\nENV A=2\nARG C\nRUN [\"x\", \"y\"]", line: "RUN |2 A=2 C= x y"),
        History(text: "RUN x", line: "RUN /bin/sh -c x"),
    ])
    func histories(_ test: History) throws { #expect(try history(test.text).last == test.line) }

    @Test func commandAndEntrypoint() throws {
        var base = ContainerConfig()
        base.cmd = ["base"]
        base.entrypoint = ["entry"]
        func planned(_ text: String) throws -> ContainerConfig { try Planned(text, bases: ["b": base]).config }
        #expect(try planned("FROM b\nENTRYPOINT [\"e\"]").cmd == nil)
        #expect(try planned("FROM b\nCMD [\"c\"]\nENTRYPOINT [\"e\"]").cmd == ["c"])
        #expect(try planned("FROM b\nCMD [\"c\"]").entrypoint == ["entry"])
        // What the stage below set counts as inherited.
        #expect(try planned("FROM b AS p\nCMD [\"c\"]\nFROM p\nENTRYPOINT [\"e\"]").cmd == nil)
        #expect(try planned("FROM b\nENTRYPOINT []\nCMD []").entrypoint == nil)
        #expect(try planned("FROM b\nSHELL [\"s\", \"-x\"]\nCMD c d").cmd == ["s", "-x", "c d"])
    }

    @Test(arguments: ["SIGTERM", "term", "9", "SIGRTMIN+15", "RTMAX-14", "rtmin"]) func signals(_ text: String) throws {
        #expect(try config("STOPSIGNAL " + text).stopSignal == text)
    }

    @Test(arguments: ["0", "65", "SIGNOPE", "RTMIN+16", "RTMAX-15", "RTMIN-1", "''"]) func noSignals(_ text: String) {
        #expect(throws: DiagnosticsError.self) { try config("STOPSIGNAL " + text) }
    }

    @Test func workdirs() throws {
        #expect(try config("WORKDIR a\nWORKDIR b/./c\nWORKDIR ..").workingDir == "/a/b")
        #expect(try config("WORKDIR /../..\nWORKDIR x y").workingDir == "/x y")
        var base = ContainerConfig()
        base.workingDir = "srv//www/"
        #expect(try Planned("FROM b\nWORKDIR x", bases: ["b": base]).config.workingDir == "/srv/www/x")
        #expect(try config("WORKDIR /a\nWORKDIR $UNSET").workingDir == "/a")
    }

    @Test func labelsMergeAndTheLastOfANameWins() throws {
        var base = ContainerConfig()
        base.labels = ["a": "0", "z": "26"]
        #expect(try Planned("FROM b\nLABEL a=1 b=2\nLABEL b=\"3 3\"", bases: ["b": base]).config.labels == ["a": "1", "b": "3 3", "z": "26"])
    }

    @Test func environmentKeepsItsOrder() throws {
        #expect(try config("ENV B=1 A=2\nENV B=3 C=4").env?.dropFirst() == ["B=3", "A=2", "C=4"])
    }
}
