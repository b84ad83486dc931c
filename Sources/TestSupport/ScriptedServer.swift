import HostSystem
import NIOCore
import NIOPosix
import NIOSSL

/// A server on the loopback that answers as a test says, byte for byte: it may cut connections, lie about lengths, or
/// say nothing. Stops when it is let go of.
package final class ScriptedServer: Sendable {
    package struct Request: Sendable {
        package var method: String
        /// With the query.
        package var path: String
        /// Names in lower case.
        package var headers: [String: String]
        package var body: [UInt8] = []
    }

    /// What is sent for a request; the connection is closed after it.
    package struct Reply: Sendable {
        var bytes: [UInt8]
        /// Nothing is sent and nothing is closed.
        var isSilent = false

        /// Bytes as they are.
        package init(raw text: String) { bytes = Array(text.utf8) }

        package init(
            _ status: Int = 200, _ headers: [String: String] = [:], body: [UInt8] = [], length: Int? = nil
        ) {
            var head = "HTTP/1.1 \(status) Scripted\r\nConnection: close\r\n"
            if status != 304 { head += "Content-Length: \(length ?? body.count)\r\n" }
            for (name, value) in headers.sorted(by: { $0.key < $1.key }) { head += "\(name): \(value)\r\n" }
            bytes = Array((head + "\r\n").utf8) + body
        }

        package static var silence: Reply {
            var reply = Reply(raw: "")
            reply.isSilent = true
            return reply
        }
    }

    package typealias Script = @Sendable (_ request: Request, _ number: Int) -> Reply

    package let port: Int
    private let channel: any Channel
    private let log: Monitor<[Request]>

    /// - Parameters:
    ///   - certificate: PEM files for TLS; nil speaks plain HTTP.
    ///   - script: answers the request; `number` counts from 0 over all.
    package init(certificate: (chain: String, key: String)? = nil, script: @escaping Script) async throws {
        let log = Monitor<[Request]>([])
        self.log = log
        var context: NIOSSLContext?
        if let certificate {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.chain).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem)))
            configuration.applicationProtocols = ["http/1.1"]
            context = try NIOSSLContext(configuration: configuration)
        }
        channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [context] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
                    try channel.pipeline.syncOperations.addHandler(RequestReader(log: log, script: script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
    }

    /// From now on connections are refused.
    package func stop() async throws { try await channel.close() }

    deinit { channel.close(promise: nil) }

    package var requests: [Request] { log.with { $0 } }
    package var url: String { "http://127.0.0.1:\(port)" }
}

extension EventLoopGroup where Self == MultiThreadedEventLoopGroup {
    fileprivate static var singletonMultiThreadedEventLoopGroup: MultiThreadedEventLoopGroup { .singleton }
}

private final class RequestReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: Monitor<[ScriptedServer.Request]>
    private let script: ScriptedServer.Script
    private var collected: [UInt8] = []

    init(log: Monitor<[ScriptedServer.Request]>, script: @escaping ScriptedServer.Script) {
        self.log = log
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        collected += unwrapInboundIn(data).readableBytesView
        guard let end = collected.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        let lines = String(decoding: collected[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count > 1 else { return }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        let body = collected[end.upperBound...]
        // The rest of what it sends comes later.
        guard body.count >= headers["content-length"].flatMap(Int.init) ?? 0 else { return }
        let request = ScriptedServer.Request(method: words[0], path: words[1], headers: headers, body: Array(body))
        collected = []
        let number = log.with { log in
            log.append(request)
            return log.count - 1
        }
        let reply = script(request, number)
        guard !reply.isSilent else { return }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: reply.bytes))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
