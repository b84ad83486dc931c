/// An address with a scheme and a host: `https://user:secret@host:8443/path?query#fragment`.
///
/// RFC 3986, as far as fetching needs it: bytes that may not stand in an address are percent-encoded, what is encoded
/// already stays as it is.
package struct WebAddress: Hashable, Sendable {
    /// In lower case.
    package var scheme: String
    /// `user[:password]`, as written. Never to be shown.
    package var userInfo: String?
    /// In lower case, an IPv6 address without its brackets.
    package var host: String
    package var port: Int?
    /// Empty, or begins with a slash.
    package var path: String
    package var query: String?
    package var fragment: String?

    /// nil when there is no scheme or no host, or the port is none.
    package init?(parsing text: String) {
        guard let colon = text.firstRange(of: "://"), !text.isEmpty else { return nil }
        scheme = text[..<colon.lowerBound].lowercased()
        guard let first = scheme.first, first.isASCII, first.isLetter,
            scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { return nil }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return nil }
        var rest = text[colon.upperBound...]
        fragment = Self.cutting("#", from: &rest)
        query = Self.cutting("?", from: &rest).map(Self.encoded)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        path = Self.encoded(String(rest[slash...]))
        var authority = rest[..<slash]
        if let at = authority.lastIndex(of: "@") {
            userInfo = String(authority[..<at])
            authority = authority[authority.index(after: at)...]
        }
        guard let (host, port) = Self.split(authority) else { return nil }
        self.host = host.lowercased()
        self.port = port
    }

    private static func cutting(_ mark: Character, from text: inout Substring) -> String? {
        guard let index = text.firstIndex(of: mark) else { return nil }
        defer { text = text[..<index] }
        return String(text[text.index(after: index)...])
    }

    private static func split(_ authority: Substring) -> (host: String, port: Int?)? {
        var host = authority
        var digits: Substring?
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            digits = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            digits = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty, !host.contains(where: { $0 == " " || $0 == "\\" }) else { return nil }
        guard let digits, !digits.isEmpty else { return (String(host), nil) }
        guard let port = UInt16(digits) else { return nil }
        return (String(host), Int(port))
    }

    /// As a server has to be told it, without the fragment.
    package var text: String { text(userInfo: userInfo) }

    /// Without what proves who asks: for requests, whose proof goes into a header.
    package var withoutUserInfo: WebAddress {
        var address = self
        address.userInfo = nil
        return address
    }

    /// `host` or `host:port` when the port is not the scheme's own.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return name + (port.map { ":\($0)" } ?? "")
    }

    /// Scheme, host and port, the port always there: where credentials may go.
    package var origin: String { "\(scheme)://\(host):\(port ?? (scheme == "https" ? 443 : 80))" }

    private func text(userInfo: String?) -> String {
        "\(scheme)://\(userInfo.map { $0 + "@" } ?? "")\(authority)\(path)\(query.map { "?" + $0 } ?? "")"
    }

    /// The decoded last part of the path; nil when it ends in a slash or has none.
    package var fileName: String? {
        var decoded = Self.decoded(path)[...]
        while decoded.hasSuffix("/") { decoded = decoded.dropLast() }
        guard let slash = decoded.lastIndex(of: "/") else { return nil }
        let name = decoded[decoded.index(after: slash)...]
        return name.isEmpty || name == "." || name == ".." || name.contains("\0") ? nil : String(name)
    }

    /// Where a reference found at this address leads (RFC 3986, section 5.2).
    package func resolving(_ reference: String) -> WebAddress? {
        if let absolute = WebAddress(parsing: reference) { return absolute }
        if reference.hasPrefix("//") { return WebAddress(parsing: scheme + ":" + reference) }
        // Some other scheme: nothing that can be fetched.
        if let colon = reference.firstIndex(of: ":"), !reference[..<colon].contains(where: { "/?#".contains($0) }) { return nil }
        var rest = reference[...]
        var result = self
        result.fragment = Self.cutting("#", from: &rest)
        let query = Self.cutting("?", from: &rest).map(Self.encoded)
        guard !rest.isEmpty else {
            result.query = query ?? self.query
            return result
        }
        result.query = query
        let target = Self.encoded(String(rest))
        if target.hasPrefix("/") {
            result.path = Self.withoutDots(target)
        } else {
            let base = path.lastIndex(of: "/").map { path[...$0] } ?? "/"
            result.path = Self.withoutDots(base + target)
        }
        return result
    }

    private static func withoutDots(_ path: String) -> String {
        var parts: [Substring] = []
        let all = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, part) in zip(all.indices, all) {
            let isLast = index == all.endIndex - 1
            switch part {
            case ".": if isLast { parts.append("") }
            case "..":
                _ = parts.popLast()
                if isLast { parts.append("") }
            default: parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }

    /// Percent-encodes what may not stand in an address; `%` stays.
    private static func encoded(_ text: String) -> String {
        let forbidden = Set("\"<>\\^`{|} ".utf8)
        guard text.utf8.contains(where: { $0 >= 0x80 || forbidden.contains($0) }) else { return text }
        var result: [UInt8] = []
        for byte in text.utf8 {
            guard byte >= 0x80 || forbidden.contains(byte) else {
                result.append(byte)
                continue
            }
            let digits = Array("0123456789ABCDEF".utf8)
            result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Percent-decodes; what is no valid escape stays as it is.
    package static func decoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var result: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: "%"), let high = bytes.first?.hexValue, let low = bytes.dropFirst().first?.hexValue {
                result.append(high << 4 | low)
                bytes = bytes.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexValue: UInt8? {
        switch self {
        case 48...57: self - 48
        case 65...70: self - 55
        case 97...102: self - 87
        default: nil
        }
    }
}


extension WebAddress {
    /// For messages, records and logs: no user information, and no values of parameters that are signatures or tokens.
    package var redacted: String {
        var shown = self
        shown.query = query.map { Self.redacting(query: $0[...]) }
        return shown.text(userInfo: userInfo == nil ? nil : "xxxxx")
    }

    private static func isSecret(_ name: String) -> Bool {
        ["token", "signature", "password", "passwd", "secret", "credential", "apikey", "api_key", "api-key", "auth"]
            .contains { name.contains($0) } || ["sig", "key", "pw"].contains(name)
    }

    /// Any text with addresses in it, made fit to be shown: instructions, and what programs of others print.
    package static func redacting(_ text: String) -> String {
        guard text.contains("://") else { return text }
        var result = ""
        var rest = text[...]
        while let mark = rest.firstRange(of: "://") {
            result += rest[..<mark.upperBound]
            rest = rest[mark.upperBound...]
            let end = rest.firstIndex { " \t\n'\"<>".contains($0) } ?? rest.endIndex
            result += redactingAfterScheme(rest[..<end])
            rest = rest[end...]
        }
        return result + rest
    }

    private static func redactingAfterScheme(_ text: Substring) -> String {
        var text = text
        var result = ""
        let authority = text.firstIndex { "/?#".contains($0) } ?? text.endIndex
        if let at = text[..<authority].lastIndex(of: "@") {
            result = "xxxxx"
            text = text[at...]
        }
        guard let mark = text.firstIndex(of: "?") else { return result + text }
        result += text[...mark]
        let fragment = text[mark...].firstIndex(of: "#") ?? text.endIndex
        return result + redacting(query: text[text.index(after: mark)..<fragment]) + text[fragment...]
    }

    private static func redacting(query: Substring) -> String {
        query.split(separator: "&", omittingEmptySubsequences: false).map { field in
            let name = field.prefix { $0 != "=" }
            return isSecret(name.lowercased()) ? name + "=xxxxx" : String(field)
        }.joined(separator: "&")
    }
}
