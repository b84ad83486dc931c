import HostSystem
import SystemPackage
import Testing

@testable import Execution

struct UserResolutionTests {
    struct Case: Sendable {
        var text: String
        var expected: ResolvedUser
        init(_ text: String, _ uid: UInt32, _ gid: UInt32, _ groups: [UInt32] = [], _ home: String = "/") {
            self.text = text
            expected = ResolvedUser(uid: uid, gid: gid, supplementaryGroups: groups, home: home)
        }
    }

    static let passwd = """
        # comment
        root:x:0:0:root:/root:/bin/sh
        app:x:1000:1001::/home/app:/bin/sh
        app:x:1000:9999::/home/second:/bin/sh
        1234:x:77:78::/home/digits:/bin/sh
        short:x:5:6
        homeless:x:8:8:::/bin/sh
        broken:x:one:two::/:/bin/sh
        nobody:x:65534:65534:nobody:/:/bin/false\r
        big:x:4294967294:1::/big:/bin/sh
        """
    static let group =
        "root:x:0:\nwheel:x:10:root,app\nextra:x:20:app,other\ndouble:x:20:app\nbroken:x:no:app\n2000:x:30:\n"

    private func root(_ passwd: String?, _ group: String?) throws -> TemporaryDirectory {
        let temporary = try TemporaryDirectory()
        let etc = try temporary.directory.createDirectories(at: "etc")
        if let passwd { try etc.writeFile(Array(passwd.utf8), at: "passwd") }
        if let group { try etc.writeFile(Array(group.utf8), at: "group") }
        return temporary
    }

    @Test(arguments: [
        Case("", 0, 0, [10], "/root"), Case("root", 0, 0, [10], "/root"), Case("0", 0, 0, [10], "/root"),
        Case("app", 1000, 1001, [10, 20], "/home/app"), Case("1000", 1000, 1001, [10, 20], "/home/app"),
        Case("app:", 1000, 1001, [10, 20], "/home/app"), Case("app:wheel", 1000, 10, [], "/home/app"),
        Case("app:55", 1000, 55, [], "/home/app"), Case("1000:20", 1000, 20, [], "/home/app"),
        Case("1234", 77, 78, [], "/home/digits"), Case("4321", 4321, 0), Case("4321:wheel", 4321, 10),
        Case("app:2000", 1000, 30, [], "/home/app"), Case("short", 5, 6), Case("homeless", 8, 8),
        Case("nobody", 65534, 65534), Case(":wheel", 0, 10, [], "/root"), Case("big", 4_294_967_294, 1, [], "/big"),
    ])
    func resolves(_ test: Case) throws {
        let root = try root(Self.passwd, Self.group)
        #expect(try UserResolution.resolve(test.text, in: root.directory) == test.expected)
    }

    @Test(arguments: [
        ("", 0, 0), ("0", 0, 0), ("12:34", 12, 34),
    ])
    func numbersNeedNoFiles(_ text: String, _ uid: UInt32, _ gid: UInt32) throws {
        let root = try TemporaryDirectory()
        let user = try UserResolution.resolve(text, in: root.directory)
        #expect(user == ResolvedUser(uid: uid, gid: gid, supplementaryGroups: [], home: "/"))
    }

    struct WrongCase: Sendable {
        var text: String
        var expected: RuntimeError
    }
    @Test(arguments: [
        WrongCase(text: "rot", expected: .userNotFound(name: "rot", suggestions: ["root"])),
        WrongCase(text: "www-data", expected: .userNotFound(name: "www-data", suggestions: [])),
        WrongCase(text: "broken", expected: .userNotFound(name: "broken", suggestions: [])),
        WrongCase(text: "-1", expected: .userNotFound(name: "-1", suggestions: [])),
        WrongCase(text: "+5", expected: .userNotFound(name: "+5", suggestions: [])),
        WrongCase(text: "99999999999", expected: .userNotFound(name: "99999999999", suggestions: [])),
        WrongCase(text: "app:whel", expected: .groupNotFound(name: "whel", suggestions: ["wheel"])),
        WrongCase(text: "app:a:b", expected: .groupNotFound(name: "a:b", suggestions: [])),
    ])
    func namesMustBeThere(_ test: WrongCase) throws {
        let root = try root(Self.passwd, Self.group)
        #expect(throws: test.expected) { try UserResolution.resolve(test.text, in: root.directory) }
    }

    @Test func aLinkOutOfTheRootStaysInside() throws {
        let root = try root(nil, nil)
        try root.directory.createSymlink(at: "etc/passwd", target: "/../../../../etc/passwd")
        #expect(throws: (any Error).self) { try UserResolution.resolve("root", in: root.directory) }
    }
}
