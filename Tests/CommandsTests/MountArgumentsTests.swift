import Execution
import Testing

@testable import Commands

struct MountArgumentsTests {
    @Test(arguments: [("./c", "/work/c"), ("../c", "/c"), ("/c", "/c")])
    func relativeSourcesStartAtTheWorkingDirectory(source: String, expected: String) {
        let mount = ContainerProcess.Mount(target: "/t", kind: .bind(source: source, readOnly: true))
        let absolute = MountArguments.absolute(mount, from: "/work")
        #expect(absolute == .init(target: "/t", kind: .bind(source: expected, readOnly: true)))
    }
}
