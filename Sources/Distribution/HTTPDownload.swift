import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// A file fetched by URL, handed on in pieces.
package struct HTTPDownload: Sendable {
    /// What the server said of a file before its bytes.
    package struct Answer: Sendable, Hashable {
        /// HTTP status.
        package var status: Int
        package var etag: String?
        /// As the header has it (RFC 9110, section 8.8.2).
        package var lastModified: String?
        package var contentDisposition: String?
        package var contentType: String?
        /// In bytes; nil: not said.
        package var contentLength: Int64?
    }

    package init() {}

    /// Fetches `url`, following redirects.
    package func get(
        _ url: String, headers: [(name: String, value: String)] = [], _ receive: (ArraySlice<UInt8>) throws -> Void
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .hours(6))
        for try await buffer in response.body { try receive(Array(buffer.readableBytesView)[...]) }
        return Answer(
            status: Int(response.status.code), etag: response.headers.first(name: "etag"),
            lastModified: response.headers.first(name: "last-modified"),
            contentDisposition: response.headers.first(name: "content-disposition"),
            contentType: response.headers.first(name: "content-type"),
            contentLength: response.headers.first(name: "content-length").flatMap { Int64($0) })
    }
}
