import SystemPackage
import Testing

@testable import HostSystem

struct CapabilitiesTests {
    static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    @Test func everyLackHasARemedy() {
        let found = HostProbe(root: "/var/lib/none/such", searchPath: Self.path).capabilities()
        #expect(Set(found.map(\.name)).count == found.count)
        for name in [
            "root", "kernel", "openat2", "overlayfs", "seccomp", "user-namespaces", "id-maps",
            "control-groups", "memory-limit", "crun", "runc", "init", "mmdebstrap", "emulation", "space", "memory",
        ] {
            #expect(found.contains { $0.name == name }, "\(name)")
        }
        for capability in found {
            #expect(!capability.detail.isEmpty)
            #expect(capability.state == .available || capability.remedy != nil, "\(capability)")
        }
    }

    @Test func oneRuntimeIsEnough() throws {
        let directory = try TemporaryDirectory()
        func states() -> [HostCapability] { HostProbe(root: "/", searchPath: directory.path.string).runtimes() }
        #expect(states().map(\.state) == [.missing, .limited])
        #expect(states().map(\.remedy) == ["apt-get install crun", "apt-get install runc"])
        #expect(states().map(\.isRequired) == [true, false])
        try directory.directory.writeFile(
            Array("#!/bin/sh\necho runc version 9\necho more\n".utf8), at: "runc", mode: 0o755)
        #expect(states().map(\.state) == [.limited, .available])
        #expect(states()[1].detail == "\(directory.path)/runc: runc version 9")
        #expect(!states().contains { $0.isRequired && $0.state == .missing })
    }

    @Test(
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (1_999_999, "1.9 MB"), (256 << 30, "274.8 GB"),
            (UInt64.max, "18446.7 PB"),
        ] as [(UInt64, String)])
    func sizes(_ bytes: UInt64, _ text: String) { #expect(HostProbe.size(bytes) == text) }

    @Test func findsPrograms() throws {
        #expect(HostFacts.program("sh", searchPath: Self.path) != nil)
        #expect(HostFacts.program("sh", searchPath: "") == nil)
        #expect(HostFacts.program("sh", searchPath: "relative:also/relative") == nil)
        #expect(HostFacts.program("bin", searchPath: "/usr") == nil, "a directory is no program")
    }
}
