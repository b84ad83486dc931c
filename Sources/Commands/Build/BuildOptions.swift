package import ArgumentParser

/// The flags of `build`, as typed.
package struct BuildOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The Dockerfile; '-' reads it from standard input (default: CONTEXT/Dockerfile).", valueName: "file"))
    package var file: String?
    @Option(
        name: .shortAndLong, parsing: .singleValue,
        help: ArgumentHelp("Name the image. Repeatable.", valueName: "name[:tag]"))
    package var tag: [String] = []
    @Option(help: ArgumentHelp("Build this stage instead of the last.", valueName: "stage"))
    package var target: String?
    @Option(
        name: .customLong("build-arg"), parsing: .singleValue,
        help: ArgumentHelp("Set an ARG; without a value it comes from the environment.", valueName: "k[=v]"))
    package var buildArguments: [String] = []
    @Option(
        name: .customLong("build-context"), parsing: .singleValue,
        help: ArgumentHelp(
            "Let a name of FROM or --from stand for a directory, docker-image://, oci-layout://, or a URL.",
            valueName: "name=source"))
    package var buildContexts: [String] = []
    @Option(
        name: .customLong("label"), parsing: .singleValue,
        help: ArgumentHelp("Add a label to the image.", valueName: "k=v"))
    package var labels: [String] = []
    @Option(
        name: .customLong("annotation"), parsing: .singleValue,
        help: ArgumentHelp("Add an annotation to the manifest.", valueName: "k=v"))
    package var annotations: [String] = []

    @Flag(help: "Run every step again.")
    package var noCache = false
    @Option(
        name: .customLong("no-cache-filter"), parsing: .singleValue,
        help: ArgumentHelp("Run the steps of these stages again.", valueName: "stage,…"))
    package var noCacheFilter: [String] = []
    @Flag(help: "Look for newer base images.")
    package var pull = false
    @Option(
        name: .customLong("platform"), parsing: .singleValue,
        help: ArgumentHelp("Build for this platform.", valueName: "os/arch"))
    package var platforms: [String] = []

    @Option(
        name: .shortAndLong, parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Where the result goes: a directory, '-' (a tar), or type=image|registry|oci|docker|local|tar,dest=…. Repeatable.",
            valueName: "spec"))
    package var output: [String] = []
    @Flag(help: "Put the image into the store: what happens without --output anyway.")
    package var load = false
    @Flag(help: "Push the image to the registries that its names say.")
    package var push = false
    @Option(name: .customLong("iidfile"), help: ArgumentHelp("Write the image id to a file.", valueName: "file"))
    package var imageIDFile: String?
    @Option(help: ArgumentHelp("Write what was built to a JSON file.", valueName: "file"))
    package var metadataFile: String?

    @Option(help: ArgumentHelp("Network of RUN: host, none or default.", valueName: "mode"))
    package var network: String?
    @Option(parsing: .singleValue, help: ArgumentHelp("Add a line to /etc/hosts of RUN.", valueName: "host:ip"))
    package var addHost: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("Memory a RUN may use: 512m, 2g.", valueName: "size"))
    package var memory: String?
    @Option(name: .customLong("shm-size"), help: ArgumentHelp("Size of /dev/shm in RUN.", valueName: "size"))
    package var sharedMemory: String?
    @Option(
        name: .customLong("ulimit"), parsing: .singleValue,
        help: ArgumentHelp("Limit a resource of RUN: nofile=1024:4096. Repeatable.", valueName: "name=soft[:hard]"))
    package var ulimits: [String] = []

    @Option(
        name: .customLong("secret"), parsing: .singleValue,
        help: ArgumentHelp(
            "Offer a secret to RUN --mount=type=secret. Repeatable.", valueName: "id=name,src=file|env=variable"))
    package var secrets: [String] = []
    @Option(
        name: .customLong("ssh"), parsing: .singleValue,
        help: ArgumentHelp(
            "Offer an SSH agent or keys to RUN --mount=type=ssh. Repeatable.", valueName: "name[=socket|key,…]"))
    package var ssh: [String] = []

    package init() {}
}

/// Flags of docker's whose work is not done here yet. They are taken so that the answer is clear.
package struct UnavailableBuildOptions: ParsableArguments {
    @Flag(help: .hidden) package var squash = false
    @Option(name: .customLong("cache-from"), parsing: .singleValue, help: .hidden) package var cacheFrom: [String] = []
    @Option(name: .customLong("cache-to"), parsing: .singleValue, help: .hidden) package var cacheTo: [String] = []
    @Option(help: .hidden) package var sbom: String?
    @Option(help: .hidden) package var provenance: String?

    package init() {}

    /// The first of them that asks for something. `--sbom=false` and its like ask for nothing.
    var requested: String? {
        let candidates: [(String, Bool)] = [
            ("--squash", squash), ("--cache-from", !cacheFrom.isEmpty),
            ("--cache-to", !cacheTo.isEmpty),
            ("--sbom", Self.asks(sbom)), ("--provenance", Self.asks(provenance)),
        ]
        return candidates.first { $0.1 }?.0
    }

    private static func asks(_ value: String?) -> Bool {
        guard let value else { return false }
        return value != "false" && value != "0"
    }
}

/// `what` exists in docker's words and not here.
func notAvailableYet(_ what: String, help: String? = nil) -> UsageError {
    UsageError("\(what) is not available yet", help: help)
}
