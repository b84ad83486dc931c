import OCI
import Testing

private let hex = String(repeating: "0123456789abcdef", count: 4)

@Suite struct ReferenceTests {
    struct Good: Sendable {
        var text: String
        var full: String
        var familiar: String
    }
    static let good: [Good] = [
        Good(text: "node", full: "docker.io/library/node:latest", familiar: "node:latest"),
        Good(text: "node:20", full: "docker.io/library/node:20", familiar: "node:20"),
        Good(text: "docker.io/node", full: "docker.io/library/node:latest", familiar: "node:latest"),
        Good(text: "index.docker.io/library/node:1", full: "docker.io/library/node:1", familiar: "node:1"),
        Good(text: "bitnami/redis:7", full: "docker.io/bitnami/redis:7", familiar: "bitnami/redis:7"),
        Good(text: "library/a/b", full: "docker.io/library/a/b:latest", familiar: "library/a/b:latest"),
        Good(text: "localhost/app", full: "localhost/app:latest", familiar: "localhost/app:latest"),
        Good(text: "localhost:5000/app:v1", full: "localhost:5000/app:v1", familiar: "localhost:5000/app:v1"),
        Good(text: "host:5000/app", full: "host:5000/app:latest", familiar: "host:5000/app:latest"),
        Good(text: "gcr.io/team/app", full: "gcr.io/team/app:latest", familiar: "gcr.io/team/app:latest"),
        Good(text: "Registry/app", full: "Registry/app:latest", familiar: "Registry/app:latest"),
        Good(text: "[::1]:5000/app", full: "[::1]:5000/app:latest", familiar: "[::1]:5000/app:latest"),
        Good(text: "host:80", full: "docker.io/library/host:80", familiar: "host:80"),
        Good(text: "a__b/c---d.e_f", full: "docker.io/a__b/c---d.e_f:latest", familiar: "a__b/c---d.e_f:latest"),
        Good(text: "app:_x.Y-1", full: "docker.io/library/app:_x.Y-1", familiar: "app:_x.Y-1"),
        Good(text: "node@sha256:\(hex)", full: "docker.io/library/node@sha256:\(hex)", familiar: "node@sha256:\(hex)"),
        Good(
            text: "q.io/a/b:t@sha256:\(hex)", full: "q.io/a/b:t@sha256:\(hex)", familiar: "q.io/a/b:t@sha256:\(hex)"),
        Good(text: "\(hex):t", full: "docker.io/library/\(hex):t", familiar: "\(hex):t"),
    ]

    @Test(arguments: good) func parses(_ row: Good) throws {
        let reference = try Reference(parsing: row.text)
        #expect(reference.description == row.full)
        #expect(reference.familiar == row.familiar)
        #expect(try Reference(parsing: reference.description) == reference)
        #expect(try Reference(parsing: reference.familiar) == reference)
    }

    struct Bad: Sendable {
        var text: String
        var reason: ReferenceError.Reason
        var offset: Int
    }
    static let bad: [Bad] = [
        Bad(text: "", reason: .empty, offset: 0),
        Bad(text: "Node", reason: .upperCase, offset: 0),
        Bad(text: "gcr.io/team/App", reason: .upperCase, offset: 12),
        Bad(text: ":tag", reason: .missingRepository, offset: 0),
        Bad(text: "gcr.io/", reason: .missingRepository, offset: 7),
        Bad(text: "node:", reason: .invalidTag, offset: 5),
        Bad(text: "node:a b", reason: .invalidTag, offset: 6),
        Bad(text: "node:-a", reason: .invalidTag, offset: 5),
        Bad(text: "node:a:b", reason: .invalidTag, offset: 6),
        Bad(text: "node:" + String(repeating: "x", count: 129), reason: .invalidTag, offset: 133),
        Bad(text: "a//b", reason: .invalidRepository, offset: 2),
        Bad(text: "/a", reason: .invalidRepository, offset: 0),
        Bad(text: "a/", reason: .invalidRepository, offset: 2),
        Bad(text: "a..b", reason: .invalidRepository, offset: 1),
        Bad(text: "a___b", reason: .invalidRepository, offset: 1),
        Bad(text: "a_-b", reason: .invalidRepository, offset: 1),
        Bad(text: "app-", reason: .invalidRepository, offset: 3),
        Bad(text: "b\u{fc}ro", reason: .invalidRepository, offset: 1),
        Bad(text: "-x.io/app", reason: .invalidRegistry, offset: 0),
        Bad(text: "a..b/app", reason: .invalidRegistry, offset: 2),
        Bad(text: "host:/app", reason: .invalidRegistry, offset: 5),
        Bad(text: "host:8x/app", reason: .invalidRegistry, offset: 5),
        Bad(text: "[::1/app", reason: .invalidRegistry, offset: 0),
        Bad(text: "node@sha256:abc", reason: .invalidDigest, offset: 5),
        Bad(text: "node@", reason: .invalidDigest, offset: 5),
        Bad(text: "node@sha512:\(hex)", reason: .unsupportedAlgorithm("sha512"), offset: 5),
        Bad(text: hex, reason: .looksLikeID, offset: 0),
        Bad(text: String(repeating: "a", count: 256), reason: .nameTooLong, offset: 255),
    ]

    @Test(arguments: bad) func refuses(_ row: Bad) {
        let error = #expect(throws: ReferenceError.self) { try Reference(parsing: row.text) }
        #expect(error?.reason == row.reason)
        #expect(error?.offset == row.offset)
    }

    @Test func pinning() throws {
        let digest = try Digest(hex: hex)
        let reference = try Reference(parsing: "node:20")
        #expect(reference.pinned(to: digest).familiar == "node:20@sha256:\(hex)")
        #expect(reference.pinned(to: digest).unpinned == reference)
        #expect(try Reference(parsing: "node@sha256:\(hex)").unpinned.familiar == "node:latest")
    }
}
