/// Replaces secrets in a stream of bytes by `***`, also when one comes in pieces: what could be the beginning of a secret
/// waits for the bytes after it.
struct SecretMask {
    private let secrets: [[UInt8]]
    private var held: [UInt8] = []

    static let replacement = Array("***".utf8)
    /// Shorter ones are in every text; to hide them would hide nothing and spoil all.
    static let shortest = 4

    /// Secrets are looked for without the line ends that files close with, as programs print them.
    init(_ secrets: [[UInt8]]) {
        var all: Set<[UInt8]> = []
        for secret in secrets {
            var bytes = secret[...]
            while let last = bytes.last, last == 10 || last == 13 { bytes.removeLast() }
            if bytes.count >= Self.shortest { all.insert(Array(bytes)) }
        }
        // Of two that begin alike the longer one is meant.
        self.secrets = all.sorted { ($0.count, $0.hashValue) > ($1.count, $1.hashValue) }
    }

    var isIdle: Bool { secrets.isEmpty }

    /// What may be shown now.
    mutating func admit(_ bytes: [UInt8]) -> [UInt8] {
        guard !isIdle else { return bytes }
        held += bytes
        return pass(toEnd: false)
    }

    /// The rest, when nothing more comes.
    mutating func finish() -> [UInt8] { isIdle ? [] : pass(toEnd: true) }

    private mutating func pass(toEnd: Bool) -> [UInt8] {
        var shown: [UInt8] = []
        var index = 0
        let firsts = Set(secrets.map { $0[0] })
        scan: while index < held.count {
            if firsts.contains(held[index]) {
                let rest = held[index...]
                for secret in secrets {
                    if rest.starts(with: secret) {
                        shown += Self.replacement
                        index += secret.count
                        continue scan
                    }
                    if !toEnd, rest.count < secret.count, secret.starts(with: rest) { break scan }
                }
            }
            shown.append(held[index])
            index += 1
        }
        held.removeFirst(index)
        return shown
    }
}
