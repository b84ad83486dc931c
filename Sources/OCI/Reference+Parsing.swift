/// Why a text is not an image reference, and where.
public struct ReferenceError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case empty
        case upperCase
        case missingRepository
        case invalidRegistry
        case invalidRepository
        case invalidTag
        case invalidDigest
        case unsupportedAlgorithm(String)
        case nameTooLong
        case looksLikeID
    }
    public let text: String
    /// Where in `text`, in UTF-8 bytes.
    public let offset: Int
    public let reason: Reason

    public var description: String { "invalid image reference \"\(text.prefix(300))\": \(sentence)" }

    /// The reason alone, for messages that show the text some other way.
    public var sentence: String {
        switch reason {
        case .empty: "it is empty"
        case .upperCase: "repository names are lower case"
        case .missingRepository: "the name of the repository is missing"
        case .invalidRegistry: "the registry is not a host name with an optional port"
        case .invalidRepository:
            "a repository name is made of lower-case letters and digits, separated by '.', '_', '__', '-' and '/'"
        case .invalidTag: "a tag is at most 128 letters, digits, '_', '.' and '-', and starts with none of the last two"
        case .invalidDigest: "a digest is \"sha256:\" and 64 lower-case hexadecimal digits"
        case .unsupportedAlgorithm(let name): "digests of kind \"\(name)\" are not supported, only sha256"
        case .nameTooLong: "a repository name has at most 255 characters"
        case .looksLikeID: "64 hexadecimal digits are an image id, not a name"
        }
    }
}

extension Reference {
    /// Parses and normalises as docker does (distribution's reference grammar; `splitDockerDomain`).
    public init(parsing text: some StringProtocol) throws(ReferenceError) {
        var scanner = ReferenceScanner(text: String(text))
        self = try scanner.parse()
    }
}

/// Takes a reference apart from its right end: digest, tag, then registry and repository.
private struct ReferenceScanner {
    let text: String
    let bytes: [UInt8]

    init(text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    func fail(_ reason: ReferenceError.Reason, at offset: Int) -> ReferenceError {
        ReferenceError(text: text, offset: min(offset, bytes.count), reason: reason)
    }

    mutating func parse() throws(ReferenceError) -> Reference {
        guard !bytes.isEmpty else { throw fail(.empty, at: 0) }
        var end = bytes.count
        var digest: Digest?
        if let at = bytes.firstIndex(of: UInt8(ascii: "@")) {
            digest = try parseDigest(from: at + 1)
            end = at
        }
        var tag: String?
        let slash = bytes[..<end].lastIndex(of: UInt8(ascii: "/")) ?? -1
        if let colon = bytes[(slash + 1)..<end].firstIndex(of: UInt8(ascii: ":")) {
            tag = try parseTag(colon + 1..<end)
            end = colon
        }
        if tag == nil, digest == nil {
            guard !(end == 64 && bytes.allSatisfy(\.isHexadecimal)) else { throw fail(.looksLikeID, at: 0) }
            tag = Reference.defaultTag
        }
        let (registry, start) = try splitRegistry(end: end)
        let repository = try parseRepository(start..<end)
        let isOfficial = registry == Reference.defaultRegistry && !repository.contains("/")
        return Reference(
            registry: registry, repository: isOfficial ? "library/" + repository : repository, tag: tag, digest: digest)
    }

    private func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func parseDigest(from start: Int) throws(ReferenceError) -> Digest {
        do { return try Digest(parsing: string(start..<bytes.count)) } catch {
            switch error {
            case .malformed: throw fail(.invalidDigest, at: start)
            case .unsupportedAlgorithm(let name): throw fail(.unsupportedAlgorithm(name), at: start)
            }
        }
    }

    private func parseTag(_ range: Range<Int>) throws(ReferenceError) -> String {
        guard let first = bytes[range].first, first.isWord else { throw fail(.invalidTag, at: range.lowerBound) }
        for index in range where !(bytes[index].isWord || bytes[index] == UInt8(ascii: ".") || bytes[index] == UInt8(ascii: "-")) {
            throw fail(.invalidTag, at: index)
        }
        guard range.count <= 128 else { throw fail(.invalidTag, at: range.lowerBound + 128) }
        return string(range)
    }

    /// The part before the first slash is a registry when it has a dot, a colon or an upper-case letter, or is
    /// `localhost`. Returns it with the offset at which the repository starts.
    private func splitRegistry(end: Int) throws(ReferenceError) -> (registry: String, start: Int) {
        guard let slash = bytes[..<end].firstIndex(of: UInt8(ascii: "/")) else { return (Reference.defaultRegistry, 0) }
        let host = bytes[..<slash]
        let isHost = host.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") || $0.isUpperCase }
        let name = string(0..<slash)
        guard isHost || name == "localhost" else { return (Reference.defaultRegistry, 0) }
        try validateHost(slash)
        return (name == "index.docker.io" ? Reference.defaultRegistry : name, slash + 1)
    }

    private func validateHost(_ end: Int) throws(ReferenceError) {
        var hostEnd = end
        if bytes[0] == UInt8(ascii: "[") {
            guard let close = bytes[..<end].firstIndex(of: UInt8(ascii: "]")), close > 1,
                bytes[1..<close].allSatisfy({ $0.isHexadecimal || $0.isUpperCaseHexadecimal || $0 == UInt8(ascii: ":") }),
                close + 1 == end || bytes[close + 1] == UInt8(ascii: ":")
            else { throw fail(.invalidRegistry, at: 0) }
            hostEnd = close + 1
        } else {
            hostEnd = bytes[..<end].firstIndex(of: UInt8(ascii: ":")) ?? end
            for label in bytes[..<hostEnd].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
                let good =
                    !label.isEmpty && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { $0.isLowerOrDigit || $0.isUpperCase || $0 == UInt8(ascii: "-") }
                guard good else { throw fail(.invalidRegistry, at: label.startIndex) }
            }
        }
        guard hostEnd < end else { return }
        let port = bytes[(hostEnd + 1)..<end]
        guard !port.isEmpty, port.allSatisfy({ (48...57).contains($0) }) else { throw fail(.invalidRegistry, at: hostEnd + 1) }
    }

    private func parseRepository(_ range: Range<Int>) throws(ReferenceError) -> String {
        guard !range.isEmpty else { throw fail(.missingRepository, at: range.lowerBound) }
        guard range.count <= 255 else { throw fail(.nameTooLong, at: range.lowerBound + 255) }
        if let upper = bytes[range].firstIndex(where: \.isUpperCase) { throw fail(.upperCase, at: upper) }
        for part in bytes[range].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            try validateComponent(part)
        }
        return string(range)
    }

    /// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
    private func validateComponent(_ part: ArraySlice<UInt8>) throws(ReferenceError) {
        guard let first = part.first, first.isLowerOrDigit else { throw fail(.invalidRepository, at: part.startIndex) }
        var separatorStart: Int?
        for index in part.indices {
            if bytes[index].isLowerOrDigit {
                if let start = separatorStart, !isSeparator(bytes[start..<index]) { throw fail(.invalidRepository, at: start) }
                separatorStart = nil
            } else {
                guard [UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-")].contains(bytes[index]) else {
                    throw fail(.invalidRepository, at: index)
                }
                separatorStart = separatorStart ?? index
            }
        }
        if let start = separatorStart { throw fail(.invalidRepository, at: start) }
    }

    private func isSeparator(_ run: ArraySlice<UInt8>) -> Bool {
        run.allSatisfy { $0 == UInt8(ascii: "-") }
            || run.elementsEqual(".".utf8) || run.elementsEqual("_".utf8) || run.elementsEqual("__".utf8)
    }
}

extension UInt8 {
    fileprivate var isLowerOrDigit: Bool { (48...57).contains(self) || (97...122).contains(self) }
    fileprivate var isUpperCase: Bool { (65...90).contains(self) }
    fileprivate var isHexadecimal: Bool { (48...57).contains(self) || (97...102).contains(self) }
    fileprivate var isUpperCaseHexadecimal: Bool { (65...70).contains(self) }
    fileprivate var isWord: Bool { isLowerOrDigit || isUpperCase || self == UInt8(ascii: "_") }
}
