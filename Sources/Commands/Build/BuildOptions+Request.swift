package import ImageBuild
import OCI

extension BuildOptions {
    /// What the flags ask for. Pure: `environment` are the variables of the process, for `--build-arg K` and
    /// SOURCE_DATE_EPOCH.
    package func request(
        context: BuildRequest.Context, environment: [String: String]
    ) throws(UsageError) -> BuildRequest {
        var request = BuildRequest(context: context)
        request.dockerfile = file
        request.target = target
        request.noCache = noCache
        request.pull = pull
        request.noCacheStages = noCacheFilter.flatMap { $0.split(separator: ",").map(String.init) }
        for name in tag { request.tags.append(try BuildRequest.tag(name)) }
        for argument in buildArguments {
            let (name, value) = try Self.pair(argument, "--build-arg")
            request.buildArguments.append((name, value ?? environment[name]))
        }
        for context in buildContexts { request.namedContexts.append(try NamedContextSpec.parse(context)) }
        for label in labels {
            let (name, value) = try Self.pair(label, "--label")
            request.labels.append((name, value ?? ""))
        }
        for annotation in annotations { request.annotations.append(try Self.annotation(annotation)) }
        request.platforms = try requestedPlatforms()
        try setOutputs(of: &request)
        try setLimits(of: &request)
        request.sourceDateEpoch = try Self.epoch(request.buildArguments, environment)
        return request
    }

    private static func pair(_ text: String, _ option: String) throws(UsageError) -> (String, String?) {
        let name = text.prefix { $0 != "=" }
        guard !name.isEmpty else { throw UsageError("'\(option)' needs a name before '=', found \"\(text)\"") }
        return (String(name), name.endIndex == text.endIndex ? nil : String(text[name.endIndex...].dropFirst()))
    }

    // buildx lets a prefix choose the document: `manifest:k=v`, `index:k=v`.
    private static func annotation(_ text: String) throws(UsageError) -> (name: String, value: String) {
        var text = text
        if text.hasPrefix("manifest:") { text.removeFirst("manifest:".count) }
        if text.hasPrefix("index") { throw notAvailableYet("'--annotation' of an index") }
        let (name, value) = try pair(text, "--annotation")
        guard let value else { throw UsageError("'--annotation' is KEY=VALUE, found \"\(text)\"") }
        return (name, value)
    }

    private func requestedPlatforms() throws(UsageError) -> [Platform] {
        var found: [Platform] = []
        for name in platforms.flatMap({ $0.split(separator: ",") }) {
            let platform: Platform
            do { platform = try Platform(parsing: name) } catch { throw UsageError("'--platform': \(error)") }
            guard Platform.host.matches(platform) else {
                throw notAvailableYet("building for \(platform) on \(Platform.host)")
            }
            if !found.contains(platform) { found.append(platform) }
        }
        return found
    }

    private func setOutputs(of request: inout BuildRequest) throws(UsageError) {
        guard !output.isEmpty else {
            if push { request.outputs = [.store, .registry] }
            return try requireNames(of: request)
        }
        var outputs: [BuildRequest.Output] = load ? [.store] : []
        for text in output {
            let spec = try OutputSpec(parsing: text)
            if !outputs.contains(spec.output) { outputs.append(spec.output) }
            if spec.pushes, !outputs.contains(.registry) { outputs.append(.registry) }
            request.tags += spec.names.filter { !request.tags.contains($0) }
        }
        if push, !outputs.contains(.registry) { outputs.append(.registry) }
        let streams = outputs.filter { $0 == .tar(path: "-") || $0 == .dockerArchive(path: "-") }
        if streams.count > 1 { throw UsageError("only one output can go to standard output") }
        request.outputs = outputs
        try requireNames(of: request)
    }

    /// What is pushed goes where its name says.
    private func requireNames(of request: BuildRequest) throws(UsageError) {
        if request.outputs.contains(.registry), request.tags.isEmpty {
            throw UsageError("pushing needs a name that says where to", help: "add -t REGISTRY/NAME:TAG")
        }
    }

    private func setLimits(of request: inout BuildRequest) throws(UsageError) {
        if let network {
            guard ["host", "none", "default"].contains(network) else {
                throw notAvailableYet("'--network \(network)'", help: "modes are host, none and default")
            }
            request.network = network
        }
        for host in addHost { request.extraHosts.append(try MountArguments.host(host)) }
        for limit in ulimits { request.resourceLimits.append(try ResourceLimits.parse(limit)) }
        if let memory { request.memoryLimitBytes = try MemorySize.bytes(memory, option: "--memory") }
        if let sharedMemory { request.sharedMemoryBytes = try MemorySize.bytes(sharedMemory, option: "--shm-size") }
    }

    /// The build argument wins over the variable, as in BuildKit.
    private static func epoch(
        _ arguments: [(name: String, value: String?)], _ environment: [String: String]
    ) throws(UsageError) -> Int64? {
        let name = "SOURCE_DATE_EPOCH"
        guard let text = arguments.last(where: { $0.name == name })?.value ?? environment[name], !text.isEmpty else {
            return nil
        }
        // https://reproducible-builds.org/specs/source-date-epoch/
        guard let seconds = Int64(text), seconds >= 0, seconds < 253_402_300_800 else {
            throw UsageError("SOURCE_DATE_EPOCH is a number of seconds since 1970, not \"\(text)\"")
        }
        return seconds
    }
}

extension BuildRequest {
    static func tag(_ text: String) throws(UsageError) -> Reference {
        let reference: Reference
        do { reference = try Reference(parsing: text) } catch { throw UsageError("'--tag': \(error)") }
        guard reference.digest == nil else {
            throw UsageError("'--tag \(text)': a new image cannot be given a digest, only a name and a tag")
        }
        return reference
    }
}
