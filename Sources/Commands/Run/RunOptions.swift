import ArgumentParser
import Execution
import ImageBuild

/// The flags of `run`, as typed.
struct RunOptions: ParsableArguments {
    @Flag(name: .customLong("rm"), help: "Remove the container afterwards: always done.") var remove = false
    @Flag(help: "Make the root filesystem read-only.") var readOnly = false
    @Option(parsing: .singleValue, help: ArgumentHelp("Mount a tmpfs.", valueName: "path[:size=64m,mode=1777]"))
    var tmpfs: [String] = []
    @Option(
        name: .shortAndLong, parsing: .singleValue,
        help: ArgumentHelp("Set a variable; without a value it comes from the environment.", valueName: "k[=v]"))
    var env: [String] = []
    @Option(
        name: .shortAndLong, parsing: .singleValue,
        help: ArgumentHelp("Mount a directory or file of the host.", valueName: "src:dst[:ro]"))
    var volume: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("Run as this user.", valueName: "user[:group]")) var user: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Start in this directory.", valueName: "dir")) var workdir: String?
    @Option(help: ArgumentHelp("Replace ENTRYPOINT; empty clears it.", valueName: "program")) var entrypoint: String?
    @Flag(name: .customLong("init"), help: "Start a small init that reaps processes.") var addInit = false
    @Option(help: ArgumentHelp("host or none.", valueName: "mode")) var network: String = "host"
    @Option(parsing: .singleValue, help: ArgumentHelp("Add a line to /etc/hosts.", valueName: "host:ip"))
    var addHost: [String] = []
    @Option(name: .shortAndLong, help: ArgumentHelp("Memory it may use: 512m, 2g.", valueName: "size"))
    var memory: String?
    @Flag(name: .shortAndLong, help: "Keep standard input open: always done.") var interactive = false
    @Flag(name: .shortAndLong, help: "Use the terminal: it is passed through when there is one.") var tty = false

    /// What the flags ask for; `words` are the image and its arguments. Pure.
    func request(words: [String], environment: [String: String]) throws(UsageError) -> ContainerRunner.Request {
        guard let image = words.first else { throw UsageError("'run' needs an image") }
        var request = ContainerRunner.Request(image: image)
        request.arguments = Array(words.dropFirst())
        request.entrypoint = entrypoint
        request.user = user
        request.workingDirectory = workdir
        request.readOnlyRoot = readOnly
        request.addInit = addInit
        guard let mode = ContainerProcess.Network(rawValue: network == "default" ? "host" : network) else {
            throw notAvailableYet("'--network \(network)'", help: "modes are host and none")
        }
        request.network = mode
        for entry in env {
            if entry.contains("=") {
                request.environment.append(entry)
            } else if let value = environment[entry] {
                // A name that is not set is left out, as docker does.
                request.environment.append("\(entry)=\(value)")
            }
        }
        for text in volume { request.mounts.append(try MountArguments.volume(text)) }
        for text in tmpfs { request.mounts.append(try MountArguments.tmpfs(text)) }
        for host in addHost { request.extraHosts.append(try MountArguments.host(host)) }
        if let memory { request.memoryLimitBytes = try MemorySize.bytes(memory, option: "--memory") }
        return request
    }
}
