package import ArgumentParser
import Diagnostics
import HostSystem
import SystemPackage

/// `jettison doctor`.
package struct DoctorCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say what this host offers for building, what it lacks, and the command that adds it.",
        discussion: """
            The exit code is 1 when builds cannot work here.

            Example: jettison doctor --format json
            """)

    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format = DocumentFormat.text
    @OptionGroup var global: GlobalOptions

    package init() {}

    package func run() async throws {
        let environment = ProcessEnvironment.current
        let probe = HostProbe(root: global.root, searchPath: environment.searchPath.joined(separator: ":"))
        let report = DoctorReport(
            root: global.root.string, capabilities: try await BlockingPool.run { probe.capabilities() })
        switch format {
        case .json: try StandardStream.output.line(report.json.pretty)
        case .text:
            try StandardStream.output.write(report.text(style: StandardStream.output.style(in: environment)))
        }
        if !report.isReady { throw ExitCode.failed }
    }
}
