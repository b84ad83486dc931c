/// A compiled filter: instructions of the kernel's classic packet filter, 8 bytes each (kernel docs,
/// seccomp_filter.rst).
///
/// crun compiles the profile anew for every container, which costs it more than everything else together. It compiles
/// it once for us while it is probed; from then on it is handed the instructions in an annotation.
struct SeccompFilter: Sendable {
    /// As the kernel takes them, in the machine's byte order.
    let instructions: [UInt8]
    /// In base64 (RFC 4648, section 4), made once: every container gets it.
    let annotationValue: String

    /// nil when this is no filter.
    init?(compiled bytes: [UInt8]) {
        guard !bytes.isEmpty, bytes.count % 8 == 0, bytes.count / 8 < 4000 else { return nil }
        self.init(bytes)
    }

    private init(_ instructions: [UInt8]) {
        self.instructions = instructions
        annotationValue = Self.base64(instructions)
    }

    /// The annotation's name.
    static let annotation = "run.oci.seccomp_bpf_data"

    /// The last call that libseccomp 2.5.4 has heard of is number 450, the same on all machines since number 424. What
    /// came later it forbids with EPERM, where C libraries only fall back on ENOSYS (fchmodat2 in glibc 2.39).
    /// So the newer ones are decided before: those of the profile pass, the others do not exist.
    func decidingNewerCalls() -> SeccompFilter {
        let allowed: [UInt32] = [451, 452, 453, 454, 455, 456, 457, 458, 462, 463, 464, 465, 466]
        let loadNumber: UInt16 = 0x20
        let jumpIfAtLeast: UInt16 = 0x35
        let jumpIfEqual: UInt16 = 0x15
        let finish: UInt16 = 0x06
        var prefix: [UInt8] = []
        func add(_ code: UInt16, _ yes: Int, _ no: Int, _ value: UInt32) {
            withUnsafeBytes(of: code) { prefix += $0 }
            prefix += [UInt8(yes), UInt8(no)]
            withUnsafeBytes(of: value) { prefix += $0 }
        }
        let length = allowed.count + 2
        add(loadNumber, 0, 0, 0)
        add(jumpIfAtLeast, 0, length + 1, 451)
        // Numbers of the x32 ABI have a bit above all others.
        add(jumpIfAtLeast, length, 0, 0x4000_0000)
        for (index, call) in allowed.enumerated() { add(jumpIfEqual, allowed.count - index, 0, call) }
        add(finish, 0, 0, 0x0005_0000 | 38)
        add(finish, 0, 0, 0x7FFF_0000)
        return SeccompFilter(prefix + instructions)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 {
                text.append(index > group.count ? 61 : alphabet[bits >> (18 - 6 * index) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
