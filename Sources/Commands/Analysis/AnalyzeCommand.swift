package import ArgumentParser
import HostSystem
import ImageAnalysis
import OCI
import SystemPackage

/// `jettison analyze`.
package struct AnalyzeCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "analyze",
        abstract: "Show what each layer of an image adds, changes and removes, and what of it is wasted.",
        discussion: """
            Nothing is unpacked and nothing is run. With --ci, or CI=true in the environment, the exit code is 1 when \
            the image wastes more than --lowestEfficiency, --highestWastedBytes and --highestUserWastedPercent, or the \
            rules of a .dive-ci file, allow.

            Example: jettison analyze --format json app
            """)

    @Argument(help: ArgumentHelp("A name, or the beginning of an id; with --input, a name in it.", valueName: "image"))
    var image: String?
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Read a docker archive, an OCI archive or an OCI layout instead of the store.", valueName: "file"))
    var input: String?
    @Option(help: ArgumentHelp("text or json.", valueName: "format")) var format = DocumentFormat.text
    @OptionGroup(title: "Limits on waste") var limits: GateOptions
    @OptionGroup var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if image == nil, input == nil { throw ValidationError("Name an image, or an archive with --input.") }
    }

    package func run() async throws {
        let gate = try limits.gate(.current)
        let access = ImageAccess(root: global.root)
        let target = try target(in: access)
        let analysis = try await target.analysis(in: access)
        switch format {
        case .json: try AnalysisJSON(analysis: analysis).write { try StandardStream.output.write($0) }
        case .text:
            let columns = StandardStream.output.terminal?.columns ?? 0
            let width = columns > 0 ? min(max(columns - 1, 60), 160) : 120
            try StandardStream.output.write(AnalysisText(name: target.name, analysis: analysis, width: width).text)
        }
        if let gate { try Self.judge(gate.verdicts(on: analysis)) }
    }

    private func target(in access: ImageAccess) throws -> AnalysisTarget {
        if let input { return try AnalysisTarget(archive: FilePath(input), named: image, in: access) }
        return try AnalysisTarget(stored: image ?? "", in: access)
    }

    private static func judge(_ verdicts: [WasteGate.Verdict]) throws {
        for verdict in verdicts {
            let word = verdict.status == .passed ? "PASS" : verdict.status == .failed ? "FAIL" : "SKIP"
            try StandardStream.error.line("\(word)  \(verdict.rule)" + (verdict.reason.map { ": " + $0 } ?? ""))
        }
        if verdicts.contains(where: { $0.status == .failed }) { throw ExitCode.failed }
    }
}
