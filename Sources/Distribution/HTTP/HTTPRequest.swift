package import OCI

/// What is wanted from a server.
package struct HTTPRequest: Sendable {
    package var address: WebAddress
    /// Sent to every server on the way.
    package var headers: [(name: String, value: String)]
    /// An `Authorization` header for the host asked, never for one it redirects to. The address's own user information
    /// is used when this is nil.
    package var authorization: String?
    /// More than this is refused, in bytes.
    package var limit: Int64

    package init(
        _ address: WebAddress, headers: [(name: String, value: String)] = [], authorization: String? = nil,
        limit: Int64 = 256 << 30
    ) {
        self.address = address
        self.headers = headers
        self.authorization = authorization
        self.limit = limit
    }
}

/// What a server said of a file before its bytes.
package struct HTTPAnswer: Sendable, Hashable {
    /// 200, or 304 when the request was conditional.
    package var status: Int
    package var etag: String?
    /// As the header has it (RFC 9110, section 8.8.2).
    package var lastModified: String?
    package var contentType: String?
    /// In bytes; nil: not said.
    package var length: Int64?
}

/// Takes what is downloaded, in order.
package protocol DownloadSink: Sendable {
    mutating func write(_ bytes: UnsafeRawBufferPointer) throws
    /// Forget everything: the server starts over.
    mutating func restart() throws
}

/// How patient a download is. Times are of the whole machine's clock.
package struct DownloadPatience: Sendable {
    package var connect: Duration = .seconds(20)
    /// Between two pieces.
    package var silence: Duration = .seconds(60)
    /// In a row without a byte that is new.
    package var attempts = 5
    /// Over all, however much each brought.
    package var mostAttempts = 50
    package var redirects = 10
    /// The first pause; it doubles.
    package var pause: Duration = .milliseconds(400)
    /// A server may ask for longer pauses, up to this.
    package var longestPause: Duration = .seconds(60)

    package init() {}

    /// What to wait before attempt `number` (from 1), with a third of chance in it: clients that failed together must
    /// not come back together.
    func pause(before number: Int, asked: Duration?) -> Duration {
        if let asked { return min(max(asked, pause), longestPause) }
        let doubled = pause * Double(1 << min(number - 1, 7))
        return min(doubled * Double.random(in: 0.67...1.33), longestPause)
    }
}
