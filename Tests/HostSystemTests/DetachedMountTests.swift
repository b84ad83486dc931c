import HostSystem
import SystemPackage
import Testing

@Suite(.enabled(if: HostIdentity.canMount, "needs CAP_SYS_ADMIN: mounts overlays"))
struct DetachedMountTests {
    let temporary: TemporaryDirectory
    var root: Directory { temporary.directory }
    init() throws { temporary = try TemporaryDirectory() }

    private func layout(lowers count: Int, writable: Bool) throws -> OverlayLayout {
        for index in 0..<count {
            let layer = try root.createDirectories(at: FilePath("layer,with:odd names/\(index)"))
            try layer.writeFile([UInt8(truncatingIfNeeded: index)], at: "top")
            try layer.writeFile([1], at: FilePath("only\(index)"))
        }
        let lowers = (0..<count).reversed().map { temporary.path.appending("layer,with:odd names").appending("\($0)") }
        guard writable else { return OverlayLayout(lowers: lowers) }
        for name in ["upper", "work"] { try root.createDirectory(at: FilePath(name)) }
        return OverlayLayout(
            lowers: lowers, upper: temporary.path.appending("upper"), work: temporary.path.appending("work"))
    }

    @Test(arguments: DetachedMount.Method.allCases, [1, 2, 40, 500])
    func showsTheUnionAndLeavesNoMount(_ method: DetachedMount.Method, _ count: Int) throws {
        let layout = try layout(lowers: count, writable: true)
        do {
            let mount = try DetachedMount.overlay(layout, method: method)
            #expect(try mount.directory.readFile(at: "top") == [UInt8(truncatingIfNeeded: count - 1)])
            #expect(try mount.directory.entries().count == count + 1)
            try mount.directory.remove("top")
            try mount.directory.writeFile([5], at: "new")
            let table = try String(decoding: File(opening: "/proc/self/mountinfo").readAll(), as: UTF8.self)
            #expect(!table.contains(temporary.path.string))
        }
        #expect(try root.readFile(at: "upper/new") == [5])
        let whiteout = try root.metadata(at: "upper/top")
        #expect(whiteout.kind == .characterDevice)
        #expect(whiteout.deviceMajor == 0)
        #expect(whiteout.deviceMinor == 0)
    }

    @Test(arguments: DetachedMount.Method.allCases, [1, 3])
    func withoutUpperNothingCanBeWritten(_ method: DetachedMount.Method, _ count: Int) throws {
        let mount = try DetachedMount.overlay(layout(lowers: count, writable: false), method: method)
        #expect(try mount.directory.readFile(at: "top") == [UInt8(truncatingIfNeeded: count - 1)])
        #expect { try mount.directory.writeFile([5], at: "new") } throws: {
            ($0 as? SystemError)?.code == .readOnlyFileSystem
        }
    }

    @Test func tooManyLayersAreRefusedInWords() throws {
        let lowers = [FilePath](repeating: temporary.path, count: 501)
        #expect { try DetachedMount.overlay(OverlayLayout(lowers: lowers)) } throws: {
            "\($0)".contains("501 layers, and overlayfs takes 500 at most")
        }
    }

    @Test(arguments: DetachedMount.Method.allCases)
    func whatIsMissingIsNamed(_ method: DetachedMount.Method) throws {
        let layout = OverlayLayout(lowers: [temporary.path, temporary.path.appending("missing")])
        #expect { try DetachedMount.overlay(layout, method: method) } throws: {
            ($0 as? SystemError)?.code == .noSuchFileOrDirectory
        }
    }

    @Test func rootFilesystemsOpen() throws {
        let layout = try layout(lowers: 2, writable: true)
        let merged = try RootFilesystem.overlay(layout).open()
        #expect(merged.exists("only0") && merged.exists("only1"))
        #expect(try RootFilesystem.directory(layout.lowers[1]).open().entries().count == 2)
    }
}
