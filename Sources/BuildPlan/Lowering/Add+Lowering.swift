import Diagnostics
import DockerfileSyntax
import OCI
import PathPatterns

/// ADD: like COPY, and its sources may be archives to unpack, URLs and git repositories.
extension Planning {
    mutating func lower(_ add: Add, at site: LoweringSite, state: inout StageState) throws(DiagnosticsError) {
        var local: [Word] = []
        var fetched: [Int: Node.ID] = [:]
        var shown: [String] = []
        for (position, word) in add.sources.enumerated() {
            let text = try expand(word, in: state)
            if let source = try remoteSource(text, word, of: add, state: state) {
                fetched[position] = fetchNode(source, word, add)
                shown.append(source.description)
            } else {
                local.append(word)
                shown.append(text)
            }
        }
        try checkChecksum(of: add, isFetched: !fetched.isEmpty)
        var request = CopyRequest(
            keyword: "ADD", sources: local, heredocs: add.heredocSources, destination: add.destination,
            chown: add.chown, chmod: add.chmod, excludes: add.excludes)
        if !fetched.isEmpty {
            request.fetched = fetched
            request.allSources = shown
        }
        var operation = try operation(for: &request, state: state)
        operation.unpacksArchives = add.unpack ?? true
        operation.unpacksFetchedArchives = add.unpack ?? false
        try checkName(of: add, request, operation)
        try place(operation, request, add, from: nil, at: site, state: &state)
    }

    /// Equal addresses are fetched once, whoever asks.
    private mutating func fetchNode(_ source: RemoteSource, _ word: Word, _ add: Add) -> Node.ID {
        let checksum = add.checksum.map { Node.Sources(ranges: [$0.range], place: "") }
        return graph.node(
            .fetch(source), inputs: [], .init(origin: word.range, title: "fetch " + source.description, sources: checksum))
    }

    private mutating func remoteSource(
        _ text: String, _ word: Word, of add: Add, state: StageState
    ) throws(DiagnosticsError) -> RemoteSource? {
        var git: GitSource?
        var http: HTTPSource?
        do throws(RemoteSourceError) {
            git = try GitSource.parse(text)
            if git == nil { http = try HTTPSource.parse(text) }
        } catch { throw DiagnosticsError(bad(error, "remote-source-invalid", at: word.range)) }
        let checksum: String? = if let word = add.checksum { try expand(word, in: state) } else { nil }
        if var git {
            if add.keepGitDirectory { git.keepsGitDirectory = true }
            if let checksum { try expect(checksum, of: &git, at: add.checksum?.range ?? word.range) }
            return .git(git)
        }
        guard var http else { return nil }
        if let checksum { http.checksum = try digest(checksum, at: add.checksum?.range ?? word.range) }
        return .http(http)
    }

    private func expect(_ checksum: String, of git: inout GitSource, at range: SourceRange) throws(DiagnosticsError) {
        do { try git.setChecksum(checksum) } catch { throw DiagnosticsError(bad(error, "checksum-invalid", at: range)) }
        // A whole id needs no name besides.
        if git.ref == nil, [40, 64].contains(checksum.utf8.count) { git.ref = checksum }
    }

    private func bad(_ error: RemoteSourceError, _ code: String, at range: SourceRange) -> Diagnostic {
        Diagnostic(.error, code, error.message, at: range, help: error.help)
    }

    private func digest(_ text: String, at range: SourceRange) throws(DiagnosticsError) -> Digest {
        if let digest = try? Digest(parsing: text) { return digest }
        let isBare = text.utf8.count == 64 && text.allSatisfy(\.isHexDigit)
        throw DiagnosticsError(
            Diagnostic(.error, "checksum-invalid", "\"\(text)\" is not a sha256 checksum", at: range,
                help: isBare
                    ? "write it with its algorithm: --checksum=sha256:\(text.lowercased())"
                    : "write --checksum=sha256: and the 64 hexadecimal digits that sha256sum prints"))
    }

    private func checkChecksum(of add: Add, isFetched: Bool) throws(DiagnosticsError) {
        guard let checksum = add.checksum else { return }
        if add.sources.count + add.heredocSources.count > 1 {
            throw DiagnosticsError(
                Diagnostic(.error, "checksum-several-sources", "--checksum is for one source, and here are several", at: checksum.range,
                    help: "write an ADD for each source that has a checksum"))
        }
        guard !isFetched else { return }
        throw DiagnosticsError(
            Diagnostic(.error, "checksum-not-fetched", "--checksum is for what is fetched, and this source is in the context", at: checksum.range,
                help: "remove --checksum, or name a URL or a git repository"))
    }

    /// A file from `https://host/` has no name to get in a directory.
    private func checkName(of add: Add, _ request: CopyRequest, _ operation: CopyOperation) throws(DiagnosticsError) {
        guard operation.destinationIsDirectory else { return }
        for (position, id) in request.fetched {
            guard case .fetch(.http(let source)) = graph[id].operation, source.fileName == HTTPSource.noName else { continue }
            throw DiagnosticsError(
                Diagnostic(.error, "url-without-name", "this URL does not tell how to name the file", at: add.sources[position].range,
                    help: "end the destination in a file name: ADD \(source.address.redacted) \(operation.destination == "/" ? "" : operation.destination)/NAME"))
        }
    }

    /// Sources in their order: what the context holds, and what is fetched, each as a selection of its own.
    mutating func fetchedInputs(
        _ request: CopyRequest, _ operation: CopyOperation, _ syntax: any InstructionSyntax
    ) throws(DiagnosticsError) -> [Node.Input] {
        var inputs: [Node.Input] = []
        var local: [String] = []
        var remaining = request.expandedSources[...]
        let excludes = operation.selection.excludes
        for position in request.allSources.indices {
            let fetched = request.fetched[position]
            if fetched == nil, let source = remaining.popFirst() { local.append(source) }
            // A run of sources of the context is one selection.
            if !local.isEmpty, fetched != nil || position == request.allSources.count - 1 {
                inputs.append(.files(try sourceNode(nil, syntax), FileSelection(sources: local, excludes: excludes)))
                local = []
            }
            if let fetched { inputs.append(.files(fetched, Self.selection(in: graph[fetched].operation, excludes: excludes))) }
        }
        return inputs
    }

    /// A file by its name, a repository's tree by its top: a directory stands for what it holds.
    private static func selection(in operation: BuildOperation, excludes: [String]) -> FileSelection {
        guard case .fetch(.http(let source)) = operation else { return FileSelection(sources: ["."], excludes: excludes) }
        let name = source.fileName.reduce(into: "") { name, character in
            name += "*?[\\".contains(character) ? "\\\(character)" : String(character)
        }
        return FileSelection(sources: [name], excludes: excludes)
    }

    /// COPY takes nothing that has to be fetched.
    func refuseRemote(_ text: String, _ word: Word) throws(DiagnosticsError) {
        let git = try? GitSource.parse(text)
        let http = try? HTTPSource.parse(text)
        guard git != nil || http != nil else { return }
        throw DiagnosticsError(
            Diagnostic(.error, "copy-remote-source", "COPY cannot fetch \(WebAddress.redacting(text))", at: word.range,
                help: "use ADD, which takes URLs and git repositories"))
    }
}

extension InstructionSyntax {
    /// What progress, records and history call it: addresses without credentials.
    var title: String { self is Add ? WebAddress.redacting(original) : original }
}
