/// How a server wants a request to be proved: one challenge of `WWW-Authenticate` (RFC 9110, section 11.6.1).
package struct Challenge: Sendable, Hashable {
    /// In lower case: `basic`, `bearer`.
    package var scheme: String
    /// By name in lower case. The last of equal names counts.
    package var parameters: [String: String]

    package init(scheme: String, parameters: [String: String] = [:]) {
        self.scheme = scheme
        self.parameters = parameters
    }

    /// The challenges of a response's header fields, in their order. What cannot be read ends its field: the challenges
    /// before it still count.
    package static func parse(_ fields: [String]) -> [Challenge] {
        fields.flatMap { field in
            var scanner = ChallengeScanner(field)
            return scanner.challenges()
        }
    }
}

/// Reads a list whose commas separate challenges and their parameters alike: a word is a parameter when an equals sign
/// follows, else it begins a challenge.
private struct ChallengeScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    mutating func challenges() -> [Challenge] {
        var found: [Challenge] = []
        while true {
            skip { $0.isBlank || $0 == UInt8(ascii: ",") }
            guard let scheme = token() else { return found }
            var challenge = Challenge(scheme: scheme.lowercased())
            // RFC 9110 has one token68 in place of parameters (Negotiate); nobody here needs its value.
            let start = index
            if skip(\.isBlank) > 0, !token68() {
                guard readParameters(into: &challenge) else {
                    found.append(challenge)
                    return found
                }
            } else if index == start, !isAtEndOfChallenge {
                return found
            }
            found.append(challenge)
        }
    }

    /// False when what follows is nothing we can read.
    private mutating func readParameters(into challenge: inout Challenge) -> Bool {
        while true {
            let start = index
            skip { $0.isBlank || $0 == UInt8(ascii: ",") }
            guard index < bytes.count else { return true }
            guard let name = token() else { return false }
            skip(\.isBlank)
            guard index < bytes.count, bytes[index] == UInt8(ascii: "=") else {
                // The name of the next scheme.
                index = start
                return true
            }
            index += 1
            skip(\.isBlank)
            guard let value = quoted() ?? token() else { return false }
            challenge.parameters[name.lowercased()] = value
            skip(\.isBlank)
            guard isAtEndOfChallenge else { return false }
        }
    }

    private var isAtEndOfChallenge: Bool { index == bytes.count || bytes[index] == UInt8(ascii: ",") }

    /// Passes over a token68 when one stands here alone.
    private mutating func token68() -> Bool {
        let start = index
        let count = skip { $0.isTokenCharacter || $0 == UInt8(ascii: "/") }
        skip { $0 == UInt8(ascii: "=") }
        skip(\.isBlank)
        if count > 0, isAtEndOfChallenge { return true }
        index = start
        return false
    }

    private mutating func token() -> String? {
        let start = index
        skip(\.isTokenCharacter)
        return start == index ? nil : String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func quoted() -> String? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
        var value: [UInt8] = []
        var next = index + 1
        while next < bytes.count, bytes[next] != UInt8(ascii: "\"") {
            if bytes[next] == UInt8(ascii: "\\") { next += 1 }
            guard next < bytes.count else { return nil }
            value.append(bytes[next])
            next += 1
        }
        guard next < bytes.count else { return nil }
        index = next + 1
        return String(decoding: value, as: UTF8.self)
    }

    @discardableResult
    private mutating func skip(_ condition: (UInt8) -> Bool) -> Int {
        let start = index
        while index < bytes.count, condition(bytes[index]) { index += 1 }
        return index - start
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 32 || self == 9 }
    /// RFC 9110, section 5.6.2.
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }
}
