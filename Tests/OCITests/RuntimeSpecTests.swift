import OCI
import Testing

@Suite struct RuntimeSpecTests {
    @Test func writesTheFieldsOfTheSpecification() throws {
        var process = ProcessSpec(args: ["/bin/sh", "-c", "true"], env: ["A=b"], cwd: "/w", user: .init(uid: 1, gid: 2))
        process.capabilities = .init(granting: ["CAP_CHOWN"])
        process.rlimits = [.init(type: "RLIMIT_NOFILE", soft: 1, hard: 2)]
        var linux = LinuxSpec(namespaces: [.init(.pid), .init(.network, path: "/proc/1/ns/net")])
        linux.seccomp = SeccompSpec(
            defaultAction: .error, architectures: ["SCMP_ARCH_X86_64"],
            syscalls: [.init(names: ["clone"], action: .allow, args: [.init(index: 0, value: 7, valueTwo: 0, op: .maskedEqual)])])
        linux.resources = .init()
        linux.resources?.memory = .init(limit: 64)
        linux.maskedPaths = ["/proc/kcore"]
        let spec = RuntimeSpec(
            process: process, root: .init(path: "rootfs"),
            mounts: [.init(destination: "/proc", type: "proc", source: "proc")], linux: linux)
        let document = try Document(spec, mediaType: MediaType(rawValue: "application/json"))
        let expected =
            #"{"linux":{"maskedPaths":["/proc/kcore"],"namespaces":[{"type":"pid"},{"path":"/proc/1/ns/net","type":"network"}],"#
            + #""resources":{"memory":{"limit":64}},"seccomp":{"architectures":["SCMP_ARCH_X86_64"],"defaultAction":"SCMP_ACT_ERRNO","#
            + #""syscalls":[{"action":"SCMP_ACT_ALLOW","args":[{"index":0,"op":"SCMP_CMP_MASKED_EQ","value":7,"valueTwo":0}],"names":["clone"]}]}},"#
            + #""mounts":[{"destination":"/proc","source":"proc","type":"proc"}],"ociVersion":"1.0.2","process":{"args":["/bin/sh","-c","true"],"#
            + #""capabilities":{"ambient":[],"bounding":["CAP_CHOWN"],"effective":["CAP_CHOWN"],"inheritable":[],"permitted":["CAP_CHOWN"]},"#
            + #""cwd":"/w","env":["A=b"],"noNewPrivileges":false,"rlimits":[{"hard":2,"soft":1,"type":"RLIMIT_NOFILE"}],"terminal":false,"#
            + #""user":{"gid":2,"uid":1}},"root":{"path":"rootfs","readonly":false}}"#
        #expect(String(decoding: document.bytes, as: UTF8.self) == expected)
        #expect(try Document<RuntimeSpec>(decoding: document.bytes, mediaType: document.mediaType).value == spec)
    }
}
