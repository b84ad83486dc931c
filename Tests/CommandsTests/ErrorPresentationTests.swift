import ArgumentParser
import BuildSolver
import ContentStorage
import Diagnostics
import HostSystem
import SystemPackage
import Testing

@testable import Commands

struct ErrorPresentationTests {
    private struct Unforeseen: Error {}
    private struct Foreseen: Error, CustomStringConvertible { var description: String { "the moon is not full" } }

    private func said(_ error: any Error, isRoot: Bool = false) -> (text: String, code: Int32) {
        ProcessEnvironment.$current.withValue(ProcessEnvironment(variables: [:], isRoot: isRoot)) {
            let presented = ErrorPresentation.present(error)
            return (presented.diagnostics.map { DiagnosticText.render($0) }.joined(), presented.exitCode.rawValue)
        }
    }

    @Test func worldErrorsAreOneLineAndAHint() {
        let full = said(SystemError("write", path: "/store/blobs/x", code: .noSpace))
        #expect(full.code == 1)
        #expect(full.text.hasPrefix("error: "))
        #expect(full.text.contains("/store/blobs/x"))
        #expect(full.text.hasSuffix("  = help: free some space, or put the store elsewhere with --root\n"))
        #expect(said(SystemError("open", path: "/x", code: .permissionDenied)).text.contains("= help: run as root"))
        #expect(!said(SystemError("open", path: "/x", code: .permissionDenied), isRoot: true).text.contains("help"))
        #expect(said(Foreseen()).text == "error: the moon is not full\n")
        #expect(said(Foreseen()).code == 1)
    }

    @Test func storageErrorsKeepTheirHelp() {
        var error = StorageError(.imageNotFound, "no image is called \"x\"")
        error.help = "\"jettison images\" lists them"
        #expect(said(error).text == "error: no image is called \"x\"\n  = help: \"jettison images\" lists them\n")
    }

    @Test func usageErrorsAreSaidAndLeaveWith64() {
        let usage = said(UsageError("no such mode", help: "modes are a and b"))
        #expect(usage.text == "error: no such mode\n  = help: modes are a and b\n")
        #expect(usage.code == 64)
        #expect(said(CommandFailure("nothing to do")).code == 1)
    }

    @Test func userTextIsShownWithCarets() {
        let file = SourceFile(name: "Dockerfile", text: "FROM scratch\nCOPY x /\n")
        let diagnostic = Diagnostic(
            .error, "copy-source-not-found", "there is no \"x\"", at: SourceRange(file: file, bytes: 18..<19), help: "look")
        let shown = said(DiagnosticsError(diagnostic))
        #expect(shown.code == 1)
        #expect(shown.text.contains("Dockerfile:2:6"))
        #expect(shown.text.contains("COPY x /"))
        #expect(shown.text.contains("^"))
    }

    @Test func whatNobodyForesawIsABug() {
        let bug = said(Unforeseen())
        #expect(bug.code == 70)
        #expect(bug.text.contains("this is a bug in jettison"))
    }
}
