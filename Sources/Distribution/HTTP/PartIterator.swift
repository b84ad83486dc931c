import AsyncHTTPClient
import NIOCore
import OCI

/// The parts of an answer's body, one at a time, for an actor that keeps it between calls.
///
/// `@unchecked Sendable`: an iterator has no place in two tasks at once. Its owner, an actor, is the only one that has
/// it, and asks for the next part only when the one before came: it is itself asked so, by one `AsyncThrowingStream`.
final class PartIterator: @unchecked Sendable {
    private var iterator: HTTPClientResponse.Body.AsyncIterator
    private let address: WebAddress
    private var received: Int64 = 0

    init(_ response: HTTPTransport.Response) {
        iterator = response.body.makeAsyncIterator()
        address = response.address
    }

    /// nil at the end. Throws as `HTTPTransport.send` does.
    func next() async throws -> [UInt8]? {
        do {
            guard let part = try await iterator.next() else { return nil }
            received += Int64(part.readableBytes)
            return Array(part.readableBytesView)
        } catch { throw HTTPTransport.explained(error, at: address, received: received) }
    }
}
