import Diagnostics
import DockerfileSyntax
import OCI
import PathPatterns

extension Planning {
    mutating func lower(_ copy: Copy, at site: LoweringSite, state: inout StageState) throws(DiagnosticsError) {
        if copy.parents { throw notYet("COPY --parents", at: copy.range) }
        var request = CopyRequest(
            keyword: "COPY", sources: copy.sources, heredocs: copy.heredocSources, destination: copy.destination,
            chown: copy.chown, chmod: copy.chmod, excludes: copy.excludes)
        request.shownFrom = copy.from?.raw
        let operation = try operation(for: &request, state: state)
        try place(operation, request, copy, from: site.copyOrigin, at: site, state: &state)
    }

    mutating func operation(
        for request: inout CopyRequest, state: StageState
    ) throws(DiagnosticsError) -> CopyOperation {
        for word in request.sources {
            let source = try expand(word, in: state)
            if request.keyword == "COPY" { try refuseRemote(source, word) }
            guard !source.isEmpty else {
                throw DiagnosticsError(
                    Diagnostic(.error, "copy-source-empty", "this source is empty after expansion", at: word.range))
            }
            request.expandedSources.append(source)
        }
        var excludes: [String] = []
        for word in request.excludes { excludes.append(try expand(word, in: state)) }
        let destination = try expand(request.destination, in: state)
        guard !destination.isEmpty else {
            throw DiagnosticsError(
                Diagnostic(.error, "copy-destination-empty", "the destination is empty after expansion", at: request.destination.range))
        }
        let several = request.expandedSources.count + request.fetched.count + request.heredocs.count > 1
        let isDirectory = destination.hasSuffix("/") || destination == "." || destination.hasSuffix("/.") || several
        var operation = CopyOperation(
            selection: FileSelection(sources: request.expandedSources, excludes: excludes),
            destination: state.absolute(destination),
            destinationIsDirectory: isDirectory)
        operation.inlineFiles = try inlineFiles(request.heredocs, state: state)
        if let chown = request.chown {
            let owner = try expand(chown, in: state)
            operation.owner = owner.isEmpty ? nil : owner
        }
        if let chmod = request.chmod { operation.mode = try mode(chmod, state: state) }
        return operation
    }

    private mutating func inlineFiles(
        _ heredocs: [Heredoc], state: StageState
    ) throws(DiagnosticsError) -> [CopyOperation.InlineFile] {
        var files: [CopyOperation.InlineFile] = []
        for heredoc in heredocs {
            let content = try expand(heredoc, in: state)
            files.append(.init(name: heredoc.name, content: content))
        }
        return files
    }

    private mutating func mode(_ word: Word, state: StageState) throws(DiagnosticsError) -> UInt32 {
        let text = try expand(word, in: state)
        guard let mode = UInt32(text, radix: 8), mode <= 0o7777 else {
            throw DiagnosticsError(
                Diagnostic(.error, "chmod-invalid", "\"\(text)\" is not an octal mode", at: word.range,
                    help: "write permissions as three or four octal digits, for example 0755"))
        }
        return mode
    }

    mutating func place(
        _ operation: CopyOperation, _ request: CopyRequest, _ syntax: any InstructionSyntax,
        from origin: Outline.Origin?, at site: LoweringSite, state: inout StageState
    ) throws(DiagnosticsError) {
        var inputs: [Node.Input] = state.root.map { [.root($0)] } ?? []
        if !request.fetched.isEmpty {
            inputs += try fetchedInputs(request, operation, syntax)
        } else if !operation.selection.sources.isEmpty {
            let source = try sourceNode(origin, syntax)
            inputs.append(.files(source, operation.selection))
        }
        let sources = Node.Sources(ranges: request.sources.map(\.range), place: place(of: origin))
        let node = graph.node(
            .copy(operation), inputs: inputs, .init(origin: syntax.range, title: syntax.title, sources: sources))
        state.root = node
        addStep(syntax.title, syntax.range, node, stage: site.stage)
        let flag = request.shownFrom.map { "--from=\($0) " } ?? ""
        let names = request.shownSources + operation.inlineFiles.map { "<<" + $0.name }
        record(
            "\(request.keyword) \(flag)\(names.joined(separator: " ")) \(operation.destination)", syntax, node: node,
            state: &state)
    }

    func place(of origin: Outline.Origin?) -> String {
        switch origin {
        case nil: "the build context"
        case .stage(let index): "stage \"\(outline.stages[index].displayName)\""
        case .image(let need): "image \(need.reference.familiar)"
        case .scratch: "an empty image"
        case .context(let key): "context \"\(key)\""
        }
    }

    mutating func sourceNode(
        _ origin: Outline.Origin?, _ syntax: any InstructionSyntax
    ) throws(DiagnosticsError) -> Node.ID {
        switch origin {
        case nil: return graph.node(.context, origin: nil, title: "context")
        case .stage(let index):
            if let node = ends[index]?.root { return node }
        case .image(let need):
            if let base = bases[need.key], let node = baseNode(base, origin: need.range) { return node }
        case .context(let key): return graph.node(.namedContext(key), origin: syntax.range, title: "context " + key)
        case .scratch: break
        }
        throw DiagnosticsError(
            Diagnostic(.error, "copy-from-empty", "there are no files to copy from: the source is empty", at: syntax.range))
    }
}

/// What COPY and ADD have in common.
struct CopyRequest {
    var keyword: String
    var sources: [Word]
    var heredocs: [Heredoc]
    var destination: Word
    var chown: Word?
    var chmod: Word?
    var excludes: [Word]
    /// Filled in while lowering; history shows them so, uncleaned.
    var expandedSources: [String] = []
    var shownFrom: String?
    /// ADD: what is not in the context, by its position among all sources.
    var fetched: [Int: Node.ID] = [:]
    /// Of ADD with fetched sources: all of them, fit to be shown.
    var allSources: [String] = []
    var shownSources: [String] { allSources.isEmpty ? expandedSources : allSources }
}
