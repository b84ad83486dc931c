import Diagnostics
import HostSystem
import SystemPackage
import Testing

@testable import Commands

struct BuildReceiptTests {
    @Test func metadata() throws {
        try Golden("metadata.json").expect(BuildReceipt(report: try ScriptedBuild.report()).metadata.pretty + "\n")
    }

    @Test func filesAreWrittenInPlace() throws {
        let directory = try TemporaryDirectory()
        let (target, link) = (directory.path.appending("target"), directory.path.appending("link"))
        try directory.directory.createSymlink(at: "link", target: "target")
        try BuildReceipt(report: try ScriptedBuild.report()).writeImageID(to: link.string)
        #expect(try DockerfileText.read(target.string).text.hasPrefix("sha256:"))
        ReceiptFile(path: target.string).clear()
        #expect(try DockerfileText.read(target.string).text == "")
        // What is no file is left alone.
        ReceiptFile(path: directory.path.string).clear()
        ReceiptFile(path: directory.path.appending("none").string).clear()
        #expect((try? FileMetadata(at: directory.path.appending("none"))) == nil)
        #expect(throws: SystemError.self) { try ReceiptFile(path: "/nowhere/x").write("") }
    }
}
