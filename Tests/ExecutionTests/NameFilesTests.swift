import Testing

@testable import Execution

struct NameFilesTests {
    struct ResolverCase: Sendable {
        var host: String?
        var upstream: String?
        var network: ContainerProcess.Network
        var expected: String
    }

    static let stub = "# local\nnameserver 127.0.0.53\noptions edns0\n"
    static let real = "nameserver 10.0.0.1\n"

    @Test(arguments: [
        ResolverCase(host: real, upstream: nil, network: .host, expected: real),
        ResolverCase(host: stub, upstream: real, network: .host, expected: stub),
        ResolverCase(host: stub, upstream: real, network: .none, expected: real),
        ResolverCase(host: stub, upstream: nil, network: .none, expected: stub),
        ResolverCase(host: stub, upstream: stub, network: .none, expected: stub),
        ResolverCase(host: real, upstream: stub, network: .none, expected: real),
        ResolverCase(host: nil, upstream: real, network: .none, expected: real),
        ResolverCase(host: nil, upstream: nil, network: .host, expected: ""),
    ])
    func aLocalResolverIsReplacedWhereItCannotBeReached(_ test: ResolverCase) {
        #expect(NameFiles.resolver(host: test.host, upstream: test.upstream, network: test.network) == test.expected)
    }

    @Test func hostsHoldTheContainersNamesAndTheHosts() throws {
        var process = ContainerProcess(arguments: [], environment: [], hostname: "here")
        process.extraHosts = ["a:1.2.3.4", "b=::1", "c:[fe80::1]", "d:host-gateway"]
        let host = "127.0.0.1 localhost\n# comment\n10.9.8.7   mirror  other\n::1 ip6-localhost ip6-loopback\nbroken\n"
        let text = try NameFiles.hosts(for: process, host: host)
        let lines = text.split(separator: "\n")
        #expect(lines.first == "127.0.0.1\tlocalhost here")
        for line in ["1.2.3.4\ta", "::1\tb", "fe80::1\tc", "127.0.0.1\td"] { #expect(lines.contains { $0 == line }) }
        #expect(lines.last == "10.9.8.7\tmirror\tother")
        #expect(!text.contains("broken"))
        process.network = .none
        #expect(try !NameFiles.hosts(for: process, host: host).contains("mirror"))
    }

    @Test(arguments: ["", "name", ":1.2.3.4", "name:", "name:else", "a b:1.2.3.4", "a:1.2.3.4\nb"])
    func wrongEntriesAreNamed(_ entry: String) {
        let process = ContainerProcess(arguments: [], environment: [], extraHosts: [entry])
        #expect(throws: RuntimeError.badHost(entry)) { try NameFiles.hosts(for: process, host: nil) }
    }
}
