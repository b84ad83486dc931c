@testable import BuildSolver
import HostSystem
import SystemPackage
import Testing

struct CacheMountStoreTests {
    private let directory: TemporaryDirectory
    private let store: CacheMountStore

    init() throws {
        directory = try TemporaryDirectory(prefix: "jettison-cache-mounts-")
        store = CacheMountStore(directory: directory.path.appending("mounts"))
    }

    private func take(
        _ key: String, _ sharing: FileLock.Mode = .shared, mayAdd: Bool = true
    ) throws -> CacheMountHold? {
        try store.take(key: key, id: "/" + key, sharing: sharing, mayAdd: mayAdd) {
            try $0.createDirectory(at: "data", mode: 0o755)
        }
    }

    @Test func stays() throws {
        let first = try #require(try take("a"))
        try AtomicFile.write([1, 2, 3], to: first.data.appending("file"))
        first.release()
        let second = try #require(try take("a", .exclusive))
        #expect(second.data == first.data)
        #expect(try File(opening: second.data.appending("file")).readAll() == [1, 2, 3])
        #expect(try #require(try take("b")).data != first.data)
    }

    @Test func sharedByMany() throws {
        let holds = try (0..<3).map { _ in try #require(try take("a")) }
        #expect(Set(holds.map(\.data)).count == 1)
    }

    /// A private one in use is not had again: there is another; free again, it is the first.
    @Test func privateToOne() throws {
        let first = try #require(try take("a", .exclusive))
        let second = try #require(try take("a", .exclusive))
        #expect(first.data != second.data)
        first.release()
        #expect(try #require(try take("a", .exclusive)).data == first.data)
    }

    @Test func lockedWaits() throws {
        let first = try #require(try take("a", .exclusive, mayAdd: false))
        #expect(try take("a", .exclusive, mayAdd: false) == nil)
        first.release()
        #expect(try take("a", .exclusive, mayAdd: false)?.data == first.data)
    }

    @Test func aFailedBeginningLeavesNothing() throws {
        struct Failure: Error {}
        #expect(throws: Failure.self) {
            _ = try store.take(key: "a", id: "a", sharing: .shared, mayAdd: true) { _ in throw Failure() }
        }
        #expect(try store.list().isEmpty)
        #expect(try take("a") != nil)
    }

    @Test func listsAndRemoves() throws {
        let used = try #require(try take("a"))
        let idle = try #require(try take("b"))
        try AtomicFile.write([UInt8](repeating: 7, count: 100_000), to: idle.data.appending("file"))
        idle.release()
        let entries = try store.list()
        #expect(Set(entries.map(\.id)) == ["a", "b"])
        #expect(entries.first { $0.id == "a" }?.isInUse == true)
        let entry = try #require(entries.first { $0.id == "b" })
        #expect(!entry.isInUse && store.bytes(of: entry) >= 100_000)
        // What is in use stays, and so does what nobody asked for.
        #expect(try store.remove { $0.id == "nothing" } == 0)
        #expect(try store.remove { _ in true } >= 100_000)
        #expect(try store.list().map(\.id) == ["a"])
        withExtendedLifetime(used) {}
    }
}
