package import OCI

/// Why something could not be fetched, in a sentence. Knows no credentials.
package struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        case notAnAddress
        case nameNotFound
        case refused
        case unreachable(String)
        case connectTimeout
        case silence(seconds: Int)
        /// The connection ended early; with how many bytes had come.
        case lost(received: Int64)
        case tls(String)
        case proxy(String)
        case status(Int)
        case redirects(Int)
        case redirectTarget(String)
        case tooLarge(limit: Int64)
        case certificates(file: String)
        case other(String)
    }

    package var reason: Reason
    /// Without credentials.
    package var url: String
    package var host: String
    /// How often it was tried.
    package var attempts = 1

    package init(_ reason: Reason, at address: WebAddress) {
        self.reason = reason
        url = address.redacted
        host = address.authority
    }

    package init(notAnAddress text: String) {
        reason = .notAnAddress
        url = WebAddress.redacting(text)
        host = ""
    }

    package var description: String {
        let tries = attempts > 1 ? " (tried \(attempts) times)" : ""
        switch reason {
        case .notAnAddress: return "\"\(url)\" is not an address that can be fetched"
        case .nameNotFound: return "\(url): there is no host named \"\(host)\""
        case .refused: return "\(url): \(host) refuses the connection"
        case .unreachable(let detail): return "\(url): \(host) cannot be reached: \(detail)" + tries
        case .connectTimeout: return "\(url): \(host) does not answer" + tries
        case .silence(let seconds): return "\(url): \(host) sent nothing for \(seconds) seconds" + tries
        case .lost(let received): return "\(url): the connection was lost after \(received) bytes" + tries
        case .tls(let detail): return "\(url): no secure connection to \(host): \(detail)"
        case .proxy(let detail): return "\(url): \(detail)"
        case .status(let code): return "\(url): the server answers \(code)\(Self.words(code))" + tries
        case .redirects(let count): return "\(url): more than \(count) redirects"
        case .redirectTarget(let target): return "\(url): redirects to \"\(target)\", which cannot be fetched"
        case .tooLarge(let limit): return "\(url): larger than the \(limit) bytes that are allowed here"
        case .certificates(let file): return "the certificates in \"\(file)\" cannot be read"
        case .other(let detail): return "\(url): \(detail)" + tries
        }
    }

    /// What to do about it.
    package var help: String? {
        switch reason {
        case .nameNotFound: "check the spelling of the host, and that this machine can resolve names"
        case .refused: "check the port, and that the server runs"
        case .status(401), .status(403): "the server wants credentials: give them as a secret, not in the address"
        case .status(404), .status(410): "check the path: there is nothing at it"
        case .status(407): "the proxy wants credentials: http://user:password@proxy:port"
        case .tls: "for a server with a certificate of your own authority, name its file in SSL_CERT_FILE"
        default: nil
        }
    }

    static func words(_ code: Int) -> String {
        let words = [
            400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
            407: "Proxy Authentication Required", 408: "Request Timeout", 410: "Gone", 416: "Range Not Satisfiable",
            429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable",
            504: "Gateway Timeout",
        ]
        return words[code].map { " (\($0))" } ?? ""
    }
}
