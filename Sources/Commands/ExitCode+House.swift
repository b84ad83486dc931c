package import ArgumentParser

/// What the exit status says to scripts.
extension ExitCode {
    /// The request failed, or a gate was met.
    package static let failed = ExitCode(1)
    /// The command line makes no sense.
    package static let usage = ExitCode(64)
    /// A bug of ours.
    package static let bug = ExitCode(70)
    /// SIGINT, as a shell says it.
    package static let interrupted = ExitCode(130)
    /// SIGTERM, as a shell says it.
    package static let terminated = ExitCode(143)
    /// Whoever read our output went away.
    package static let brokenPipe = ExitCode(141)
}
