import OCI
import Testing

@testable import Execution

struct SeccompTests {
    private func allowed(_ machine: String, _ capabilities: Set<String>) -> Set<String> {
        let rules = SeccompProfile.standard.spec(machine: machine, capabilities: capabilities).syscalls ?? []
        return Set(rules.filter { $0.action == .allow && $0.args == nil }.flatMap(\.names))
    }

    @Test func theListIsDockersOwn() {
        let names = allowed("x86_64", Set(ContainerDefaults.capabilities))
        for name in ["read", "execve", "ptrace", "chroot", "arch_prctl", "fchmodat2", "vfork"] {
            #expect(names.contains(name), "\(name)")
        }
        for name in [
            "mount", "unshare", "setns", "bpf", "clone", "clone3", "keyctl", "add_key", "io_uring_setup", "reboot",
            "kexec_load", "init_module", "open_by_handle_at", "userfaultfd", "perf_event_open", "socket", "personality",
        ] { #expect(!names.contains(name), "\(name)") }
        #expect(Set(SeccompTables.always).count == SeccompTables.always.count, "a name is listed twice")
    }

    @Test func capabilitiesUnlockCalls() {
        let all = allowed("x86_64", ["CAP_SYS_ADMIN", "CAP_SYS_MODULE"])
        for name in ["mount", "clone", "clone3", "init_module"] { #expect(all.contains(name)) }
        #expect(!all.contains("chroot"))
        let rules = SeccompProfile.standard.spec(machine: "x86_64", capabilities: ["CAP_SYS_ADMIN"]).syscalls ?? []
        #expect(!rules.contains { $0.action == .error })
    }

    @Test func cloneMakesNoNamespaces() throws {
        for (machine, index) in [("x86_64", 0), ("aarch64", 0), ("s390x", 1)] as [(String, UInt32)] {
            let rules = SeccompProfile.standard.spec(machine: machine, capabilities: []).syscalls ?? []
            let clone = try #require(rules.first { $0.names == ["clone"] }?.args?.first)
            #expect(clone.index == index)
            #expect(clone.value == 2_114_060_288)
            #expect(clone.op == .maskedEqual)
            #expect(rules.first { $0.names == ["clone3"] }?.errnoRet == 38)
        }
    }

    @Test(arguments: ["x86_64", "aarch64", "riscv64", "ppc64le", "s390x"])
    func everyMachineHasItsArchitecture(_ machine: String) {
        let spec = SeccompProfile.standard.spec(machine: machine, capabilities: [])
        #expect(spec.architectures?.isEmpty == false)
        #expect(spec.defaultErrnoRet == 1)
    }

    /// Runs the instructions that `decidingNewerCalls` puts before a filter; nil: the filter itself decides.
    private func decision(on call: UInt32) throws -> UInt32? {
        let filter = try #require(SeccompFilter(compiled: [UInt8](repeating: 0, count: 8))).decidingNewerCalls()
        let count = filter.instructions.count / 8
        var at = 0
        while at < count - 1 {
            let part = Array(filter.instructions[at * 8..<at * 8 + 8])
            let code = UInt16(part[0]) | UInt16(part[1]) << 8
            let value = part[4...].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            switch code {
            case 0x20: at += 1
            case 0x35: at += 1 + Int(call >= value ? part[2] : part[3])
            case 0x15: at += 1 + Int(call == value ? part[2] : part[3])
            case 0x06: return value
            default: throw RuntimeError.failed(runtime: "filter", message: "code \(code)")
            }
        }
        #expect(at == count - 1, "jumps land on the filter's first instruction")
        return nil
    }

    @Test func callsNewerThanTheLibraryAreDecidedBefore() throws {
        for call in [0, 1, 435, 450, 0x4000_0000, 0x4000_01C4, UInt32.max] as [UInt32] {
            #expect(try decision(on: call) == nil, "\(call)")
        }
        for call in [451, 452, 453, 456, 462, 466] as [UInt32] {
            #expect(try decision(on: call) == 0x7FFF_0000, "\(call)")
        }
        for call in [459, 461, 467, 500, 0x3FFF_FFFF] as [UInt32] {
            #expect(try decision(on: call) == 0x0005_0026, "\(call)")
        }
    }

    @Test func annotationIsBase64() {
        let cases: [([UInt8], String)] = [
            (Array("Man Man ".utf8), "TWFuIE1hbiA="), ([0, 0, 0, 0, 0, 0, 0, 255], "AAAAAAAAAP8="),
            (Array("sixteen bytes ok".utf8), "c2l4dGVlbiBieXRlcyBvaw=="),
            (Array("twenty-four bytes long!!".utf8), "dHdlbnR5LWZvdXIgYnl0ZXMgbG9uZyEh"),
        ]
        for (bytes, text) in cases { #expect(SeccompFilter(compiled: bytes)?.annotationValue == text) }
    }

    @Test func onlyWholeInstructionsAreAFilter() {
        #expect(SeccompFilter(compiled: []) == nil)
        #expect(SeccompFilter(compiled: [1, 2, 3]) == nil)
        #expect(SeccompFilter(compiled: [UInt8](repeating: 0, count: 8 * 5000)) == nil)
    }
}
