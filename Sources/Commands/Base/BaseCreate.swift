package import ArgumentParser
import HostSystem
package import ImageBuild
import OCI
import SystemPackage

/// `jettison base create`.
package struct BaseCreate: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a base image; no registry is needed.",
        discussion: """
            Packages come from this host's apt sources. The same packages make the same image, bit by bit.

            minbase      essential packages and apt, for RUN apt-get install (needs mmdebstrap)
            distroless   only the packages named and what they need; no package manager, no shell
            busybox      the static busybox and its applets

            Examples:
              jettison base create -t debian:bookworm-slim
              jettison base create -t golang:bookworm --include golang-go,ca-certificates
              jettison base create -t distroless:cc --variant distroless --include libc6,ca-certificates
              jettison base create -t busybox --variant busybox
            """)

    @OptionGroup package var global: GlobalOptions

    @Option(name: [.customShort("t"), .long], help: "The image's name.")
    package var tag: String

    @Option(help: "What the image stands on: minbase, distroless or busybox.")
    package var variant: BaseRequest.Variant = .minbase

    @Option(help: "Debian release, by code name. Default: this host's.")
    package var suite: String?

    @Option(help: ArgumentHelp("Packages to install (repeatable).", valueName: "pkg,…"))
    package var include: [String] = []

    @Option(help: ArgumentHelp("Take packages from this archive instead of the host's apt sources.", valueName: "url"))
    package var mirror: String?

    @Option(help: ArgumentHelp("Add a label to the image (repeatable).", valueName: "key=value"))
    package var label: [String] = []

    @Flag(help: "Keep manual pages, translations and documentation.")
    package var keepDocs = false

    @Option(help: ArgumentHelp("Only this host's platform can be made.", valueName: "os/arch"))
    package var platform: String?

    @Option(help: ArgumentHelp("The same, by Debian's name of the architecture.", valueName: "arch"))
    package var architecture: String?

    @Flag(name: [.customShort("q"), .long], help: "Print nothing but the image's id.")
    package var quiet = false

    @Flag(help: "Show everything that apt and mmdebstrap say.")
    package var verbose = false

    package init() {}

    package func run() async throws {
        let environment = ProcessEnvironment.current
        let request = try request(epoch: environment["SOURCE_DATE_EPOCH"])
        let builder = BaseBuilder(
            root: global.root,
            environment: BaseEnvironment(
                searchPath: environment.searchPath, variables: environment.variables, isRoot: environment.isRoot))
        let (quiet, verbose) = (quiet, verbose)
        let report = try await builder.create(request) { progress in
            switch progress {
            case .step(let text): if !quiet { try? StandardStream.error.line("==> " + text) }
            case .detail(let text): if verbose { try? StandardStream.error.line("    " + text) }
            }
        }
        if !quiet { try StandardStream.error.write(BaseReceipt(report).text) }
        try StandardStream.output.line(report.imageID.description)
    }

    /// What is asked for, checked as far as that takes no look at the host. `epoch`: SOURCE_DATE_EPOCH.
    package func request(epoch: String?) throws -> BaseRequest {
        let reference: Reference
        do { reference = try Reference(parsing: tag) } catch {
            throw UsageError("-t \(tag): \(error)", help: "name the image as in -t debian:bookworm-slim")
        }
        guard reference.digest == nil else { throw UsageError("-t \(tag): a name to be given cannot have a digest") }
        try checkPlatform()
        var request = BaseRequest(reference: reference, variant: variant)
        request.packages = include.flatMap { $0.split { $0 == "," || $0.isWhitespace }.map(String.init) }
        request.suite = suite
        request.mirror = mirror
        request.keepsDocumentation = keepDocs
        request.labels = try label.map { label in
            guard let equals = label.firstIndex(of: "="), equals != label.startIndex else {
                throw UsageError("--label \(label): a label is written KEY=VALUE")
            }
            return (String(label[..<equals]), String(label[label.index(after: equals)...]))
        }
        if let epoch {
            guard let seconds = Int64(epoch), seconds >= 0 else {
                throw UsageError("SOURCE_DATE_EPOCH=\(epoch): it must be a number of seconds since 1970")
            }
            request.sourceDateEpoch = seconds
        }
        return request
    }

    private func checkPlatform() throws {
        let host = Platform.host
        let help = "make it on a machine of that kind, or leave the option out for \(host)"
        if let architecture, architecture != host.architecture {
            throw UsageError("--architecture \(architecture): base images are made for this host, which is \(host.architecture)", help: help)
        }
        guard let platform else { return }
        let parts = platform.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0] == host.os, parts[1] == host.architecture else {
            throw UsageError("--platform \(platform): base images are made for this host, which is \(host)", help: help)
        }
    }
}

extension BaseRequest.Variant: ExpressibleByArgument {}
