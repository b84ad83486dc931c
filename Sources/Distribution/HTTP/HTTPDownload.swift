import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import OCI

/// Fetches one file by its address: through proxies, over redirects, again and from where it stopped when the
/// connection breaks. It knows no disk: bytes go to a sink as they come.
///
/// A client is made per connection and shut down after it, so nothing lives on between two downloads.
package struct HTTPDownload: Sendable {
    let settings: NetworkSettings
    let patience: DownloadPatience

    package init(settings: NetworkSettings, patience: DownloadPatience = DownloadPatience()) {
        self.settings = settings
        self.patience = patience
    }

    /// GET. With `If-None-Match` or `If-Modified-Since` among the headers the answer may be 304, and nothing is written.
    package func get(_ request: HTTPRequest, into sink: inout some DownloadSink) async throws -> HTTPAnswer {
        var progress = TransferProgress()
        return try await persistently(request, &progress) { progress in
            try await transfer(request, &progress, into: &sink)
        }
    }

    /// HEAD: what GET would say, without the bytes. Tried once.
    package func head(_ request: HTTPRequest) async throws -> HTTPAnswer {
        try await HTTPExchange(request: request, method: .HEAD, settings: settings, patience: patience)
            .perform(headers: request.headers) { response, address in
                let code = Int(response.status.code)
                guard code == 200 || code == 304 else { throw HTTPError(.status(code), at: address) }
                return HTTPAnswer(response)
            }
    }

    /// Tries until it works or there is no point. Every byte that came counts as progress and renews the patience.
    private func persistently<T>(
        _ request: HTTPRequest, _ progress: inout TransferProgress,
        _ body: (inout TransferProgress) async throws -> T
    ) async throws -> T {
        var inRow = 0
        var total = 0
        while true {
            let before = progress.received
            do { return try await body(&progress) } catch let failure as TemporaryFailure {
                try Task.checkCancellation()
                total += 1
                inRow = progress.received > before ? 1 : inRow + 1
                guard inRow < patience.attempts, total < patience.mostAttempts else {
                    var error = failure.error
                    error.attempts = total
                    throw error
                }
                try await Task.sleep(for: patience.pause(before: inRow, asked: failure.pause))
            }
        }
    }

    private func transfer(
        _ request: HTTPRequest, _ progress: inout TransferProgress, into sink: inout some DownloadSink
    ) async throws -> HTTPAnswer {
        var headers = request.headers
        if let validator = progress.validator, progress.received > 0 {
            // RFC 9110, section 13.1.5: the rest, but only of the same bytes.
            headers = headers.filter { !$0.name.lowercased().hasPrefix("if-") }
            headers += [("Range", "bytes=\(progress.received)-"), ("If-Range", validator)]
        } else if progress.received > 0 {
            try progress.restart(&sink)
        }
        let exchange = HTTPExchange(request: request, method: .GET, settings: settings, patience: patience)
        return try await exchange.perform(headers: headers) { response, address in
            let code = Int(response.status.code)
            switch code {
            case 200: if progress.received > 0 { try progress.restart(&sink) }
            case 206 where progress.continues(response):
                break
            case 206, 416:
                // It gives something else than was asked for: all of it, then.
                try progress.restart(&sink)
                throw TemporaryFailure(HTTPError(.status(code), at: address))
            case 304 where request.isConditional: return HTTPAnswer(response)
            case 408, 425, 429, 500, 502, 503, 504:
                throw TemporaryFailure(HTTPError(.status(code), at: address), pause: response.retryAfter)
            default: throw HTTPError(.status(code), at: address)
            }
            if code == 200 { progress.begin(response) }
            if let length = progress.length, length > request.limit {
                throw HTTPError(.tooLarge(limit: request.limit), at: address)
            }
            for try await buffer in response.body {
                progress.received += Int64(buffer.readableBytes)
                guard progress.received <= request.limit else {
                    throw HTTPError(.tooLarge(limit: request.limit), at: address)
                }
                do { try buffer.withUnsafeReadableBytes { try sink.write($0) } } catch { throw SinkFailure(underlying: error) }
            }
            if let length = progress.length, progress.received != length {
                throw TemporaryFailure(HTTPError(.lost(received: progress.received), at: address))
            }
            return progress.answer ?? HTTPAnswer(response)
        } received: { progress.received }
    }
}

/// How far a download is, over several connections.
private struct TransferProgress {
    var received: Int64 = 0
    /// Of the first answer: what makes a later range part of the same bytes.
    var validator: String?
    var length: Int64?
    var answer: HTTPAnswer?

    mutating func restart(_ sink: inout some DownloadSink) throws {
        do { try sink.restart() } catch { throw SinkFailure(underlying: error) }
        self = TransferProgress()
    }

    mutating func begin(_ response: HTTPClientResponse) {
        let answer = HTTPAnswer(response)
        self.answer = answer
        length = answer.length
        // A weak tag promises the same meaning, not the same bytes.
        if let etag = answer.etag, !etag.hasPrefix("W/") { validator = etag } else { validator = answer.lastModified }
        if response.headers.first(name: "accept-ranges")?.lowercased() == "none" { validator = nil }
    }

    /// Whether a 206 starts where we stopped and belongs to the same whole.
    func continues(_ response: HTTPClientResponse) -> Bool {
        guard let range = response.headers.first(name: "content-range"), range.lowercased().hasPrefix("bytes ") else { return false }
        let parts = range.dropFirst(6).split { "-/".contains($0) }
        guard parts.count == 3, Int64(parts[0]) == received else { return false }
        return length == nil || Int64(parts[2]) == length || parts[2] == "*"
    }
}

/// A failure that may be gone a moment later.
struct TemporaryFailure: Error {
    var error: HTTPError
    /// What the server asked for.
    var pause: Duration?
    init(_ error: HTTPError, pause: Duration? = nil) {
        self.error = error
        self.pause = pause
    }
}

/// The sink's own failure: nothing of the network's.
struct SinkFailure: Error { var underlying: any Error }

extension HTTPRequest {
    var isConditional: Bool {
        headers.contains { ["if-none-match", "if-modified-since"].contains($0.name.lowercased()) }
    }
}

extension HTTPAnswer {
    init(_ response: HTTPClientResponse) {
        let headers = response.headers
        self.init(
            status: Int(response.status.code), etag: headers.first(name: "etag"),
            lastModified: headers.first(name: "last-modified"), contentType: headers.first(name: "content-type"),
            length: headers.first(name: "content-length").flatMap { Int64($0) })
    }
}

extension HTTPClientResponse {
    /// Seconds, or a time (RFC 9110, section 10.2.3); a time is taken against the server's own clock.
    fileprivate var retryAfter: Duration? {
        guard let text = headers.first(name: "retry-after") else { return nil }
        if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 86400)) }
        guard let then = HTTPDate.seconds(text), let now = headers.first(name: "date").flatMap(HTTPDate.seconds) else { return nil }
        return .seconds(max(0, min(then - now, 86400)))
    }
}
