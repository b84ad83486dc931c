extension Instruction {
    /// The words in which this instruction replaces variables (Dockerfile reference, "Environment replacement").
    package var expandedWords: [Word] {
        switch self {
        case .add(let it):
            it.sources + [it.destination] + [it.chown, it.chmod, it.checksum].compactMap { $0 } + it.excludes
        case .copy(let it): it.sources + [it.destination] + [it.chown, it.chmod].compactMap { $0 } + it.excludes
        case .arg(let it): it.arguments.flatMap(\.words)
        case .env(let it): it.variables.flatMap(\.words)
        case .label(let it): it.labels.flatMap(\.words)
        case .expose(let it): it.ports
        case .stopSignal(let it): [it.signal]
        case .user(let it): [it.user]
        case .volume(let it): it.paths
        case .workdir(let it): [it.path]
        case .cmd, .entrypoint, .healthcheck, .maintainer, .onbuild, .run, .shell: []
        }
    }
}

extension From {
    package var expandedWords: [Word] { [image] + [platform].compactMap { $0 } }
}

extension KeyValue {
    var words: [Word] { [key] + [value].compactMap { $0 } }
}
