/// Why a text is not a platform.
public struct PlatformError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case empty
        case tooManyParts
        case invalidPart(String)
        /// One word alone that is neither an operating system nor an architecture we know.
        case unknownWord(String)
    }
    public let text: String
    public let reason: Reason

    public var description: String {
        let sentence =
            switch reason {
            case .empty: "it is empty"
            case .tooManyParts: "expected OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT"
            case .invalidPart(let part): "\"\(part)\" holds characters other than letters, digits, '_', '.' and '-'"
            case .unknownWord(let word): "\"\(word)\" is neither an operating system nor an architecture"
            }
        return "invalid platform \"\(text.prefix(100))\": \(sentence)"
    }
}

extension Platform {
    /// Parses `linux/amd64`, `linux/arm/v7`, `arm64`, `linux` or `local`, and normalises the spelling.
    public init(parsing text: some StringProtocol) throws(PlatformError) {
        let whole = String(text)
        guard !whole.isEmpty else { throw PlatformError(text: whole, reason: .empty) }
        let parts = whole.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 3 else { throw PlatformError(text: whole, reason: .tooManyParts) }
        for part in parts where part.isEmpty || !part.utf8.allSatisfy(Self.isNameByte) {
            throw PlatformError(text: whole, reason: .invalidPart(part))
        }
        switch parts.count {
        case 1:
            guard let platform = Self.completing(parts[0].lowercased()) else {
                throw PlatformError(text: whole, reason: .unknownWord(parts[0]))
            }
            self = platform
        default:
            self = Platform(os: parts[0], architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil).normalized
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || [45, 46, 95].contains(byte)
    }

    /// A platform from one word: the other half is the host's.
    private static func completing(_ word: String) -> Platform? {
        if word == "local" { return .host }
        if knownSystems.contains(word) || word == "macos" {
            var platform = Platform.host
            platform.os = word
            return platform.normalized
        }
        let platform = Platform(os: Platform.host.os, architecture: word).normalized
        return knownArchitectures.contains(platform.architecture) ? platform : nil
    }

    private static let knownSystems: Set<String> = [
        "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd", "plan9",
        "solaris", "wasip1", "windows",
    ]
    private static let knownArchitectures: Set<String> = [
        "386", "amd64", "arm", "arm64", "loong64", "mips", "mipsle", "mips64", "mips64le", "ppc64", "ppc64le", "riscv64",
        "s390x", "wasm",
    ]

    /// One spelling per platform, as containerd spells them: `x86_64` is `amd64`, `aarch64` and `arm64/v8` are
    /// `arm64`, `armhf` is `arm/v7`, `armel` is `arm/v6`.
    public var normalized: Platform {
        var result = self
        result.os = os.lowercased()
        if result.os == "macos" { result.os = "darwin" }
        (result.architecture, result.variant) = Self.normalize(
            architecture.lowercased(), variant.flatMap { $0.isEmpty ? nil : $0.lowercased() })
        return result
    }

    private static func normalize(_ architecture: String, _ variant: String?) -> (String, String?) {
        switch architecture {
        case "i386", "i686", "386": return ("386", variant)
        case "x86_64", "x86-64", "amd64": return ("amd64", variant == "v1" ? nil : variant)
        case "aarch64", "arm64": return ("arm64", variant == "8" || variant == "v8" ? nil : variant)
        case "armhf": return ("arm", "v7")
        case "armel": return ("arm", "v6")
        case "arm":
            guard let variant else { return ("arm", "v7") }
            return ("arm", ["5", "6", "7", "8"].contains(variant) ? "v" + variant : variant)
        default: return (architecture, variant)
        }
    }
}
