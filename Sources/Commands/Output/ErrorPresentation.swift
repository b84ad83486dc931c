package import ArgumentParser
import ContentStorage
package import Diagnostics
import Distribution
import Execution
import HostSystem
import SystemPackage

/// The one place where errors become words and an exit code.
package enum ErrorPresentation {
    /// What to say and what to leave with.
    package struct Presented: Sendable {
        package var diagnostics: [Diagnostic]
        package var exitCode: ExitCode
    }

    package static func present(_ error: any Error) -> Presented {
        switch error {
        case let error as any DiagnosticConvertible: Presented(diagnostics: error.diagnostics, exitCode: .failed)
        case let error as UsageError: Presented(diagnostics: [error.diagnostic], exitCode: .usage)
        case let error as CommandFailure: Presented(diagnostics: [error.diagnostic], exitCode: .failed)
        case let error as SystemError: failed("\(error)", help: help(for: error))
        case let error as StorageError: failed(error.message, help: error.help)
        case let error as RuntimeError: failed("\(error)", help: error.remedy)
        case let error as RegistryError: failed(error.description, help: error.help)
        case let error as CredentialError: failed(error.description, help: error.help)
        case let error as Errno: failed("\(error)")
        // Whoever gave an error words foresaw it.
        case let error as any CustomStringConvertible: failed(error.description)
        default:
            Presented(
                diagnostics: [
                    Diagnostic(
                        .error, "internal", "unexpected failure: \(error)",
                        notes: ["\(type(of: error)), jettison \(Version.text)"],
                        help: "this is a bug in jettison: please report it with the command line and the Dockerfile")
                ], exitCode: .bug)
        }
    }

    private static func failed(_ message: String, help: String? = nil) -> Presented {
        Presented(diagnostics: [Diagnostic(.error, "", message, help: help)], exitCode: .failed)
    }

    private static func help(for error: SystemError) -> String? {
        switch error.code {
        case .noSpace: "free some space, or put the store elsewhere with --root"
        case .permissionDenied, .notPermitted:
            ProcessEnvironment.current.isRoot ? nil : "run as root, or choose a directory you may write with --root"
        default: nil
        }
    }

    /// An error of the argument parser, or help and version that were asked for.
    static func sayUsage(_ error: any Error) -> ExitCode {
        let code = Root.exitCode(for: error)
        var text = Root.fullMessage(for: error)
        guard !text.isEmpty else { return code }
        // All our errors begin alike.
        if text.hasPrefix("Error: ") { text = "error" + text.dropFirst(5) }
        try? (code.isSuccess ? StandardStream.output : .error).line(text)
        return code
    }

    /// Writes an error of a command to standard error. `signal` is what interrupted it, or 0.
    static func say(_ error: any Error, signal: Int32) -> ExitCode {
        if signal != 0 { return signal == 15 ? .terminated : .interrupted }
        if isBrokenPipe(error) { return .brokenPipe }
        switch error {
        case let failure as BuildFailure: return say(failure)
        case let code as ExitCode: return code
        case is CancellationError: return .interrupted
        case is CleanExit, is ValidationError: return sayUsage(error)
        // Help that a command without a verb asks for.
        case _ where Root.exitCode(for: error).isSuccess: return sayUsage(error)
        default: break
        }
        return say(present(error))
    }

    private static func say(_ failure: BuildFailure) -> ExitCode {
        var presented = present(failure.underlying)
        switch failure.mode {
        case .rawjson:
            try? StandardStream.error.write(presented.diagnostics.presentable.map(JSONProgress.failure).joined())
            return presented.exitCode
        case .tty:
            // The live view left the whole output of the step on the screen.
            for index in presented.diagnostics.indices {
                presented.diagnostics[index].notes.removeAll { $0.hasPrefix("last output:") }
            }
            return say(presented)
        default: return say(presented)
        }
    }

    /// Writes it to standard error.
    static func say(_ presented: Presented) -> ExitCode {
        let style = StandardStream.error.style(in: .current)
        try? StandardStream.error.write(DiagnosticText.render(presented.diagnostics, style: style))
        return presented.exitCode
    }

    private static func isBrokenPipe(_ error: any Error) -> Bool {
        switch error {
        case let error as Errno: error == .brokenPipe
        case let error as SystemError: error.code == .brokenPipe && error.path == nil
        default: false
        }
    }
}

/// The command line asks for something that makes no sense or that we do not do (exit code 64).
package struct UsageError: Error, Sendable {
    package var message: String
    package var help: String?
    package init(_ message: String, help: String? = nil) {
        self.message = message
        self.help = help
    }
    var diagnostic: Diagnostic { Diagnostic(.error, "", message, help: help) }
}

/// The request failed for a reason a command found out itself (exit code 1).
package struct CommandFailure: Error, Sendable {
    package var message: String
    package var help: String?
    package init(_ message: String, help: String? = nil) {
        self.message = message
        self.help = help
    }
    var diagnostic: Diagnostic { Diagnostic(.error, "", message, help: help) }
}
