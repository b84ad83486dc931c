import Diagnostics
import DockerfileSyntax
import OCI
import PathPatterns

extension Planning {
    mutating func lower(_ copy: Copy, at site: LoweringSite, state: inout StageState) throws(DiagnosticsError) {
        var request = CopyRequest(
            keyword: "COPY", sources: copy.sources, heredocs: copy.heredocSources, destination: copy.destination,
            chown: copy.chown, chmod: copy.chmod, excludes: copy.excludes, isLinked: copy.link,
            keepsParents: copy.parents)
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
            try CopyModes.checkPattern(source, dialect: request.keepsParents ? .recursive : .components, at: word)
            request.expandedSources.append(source)
        }
        var excludes: [String] = []
        for word in request.excludes {
            let pattern = try expand(word, in: state)
            try CopyModes.checkPattern(pattern, dialect: .recursive, at: word)
            excludes.append(pattern)
        }
        let destination = try destination(of: request, state: state)
        var operation = CopyOperation(
            selection: FileSelection(
                sources: request.expandedSources, excludes: excludes, keepsParents: request.keepsParents),
            destination: state.absolute(destination),
            destinationIsDirectory: Self.endsAsDirectory(destination) || request.isSeveral || request.keepsParents)
        operation.inlineFiles = try inlineFiles(request.heredocs, state: state)
        if let chmod = request.chmod {
            request.shownMode = try expand(chmod, in: state)
            operation.mode = try CopyModes.mode(request.shownMode, at: chmod)
        }
        // BuildKit lets go of --link where there is a --chmod; a file must not land elsewhere here than there.
        request.isLinked = request.isLinked && operation.mode == nil
        if let chown = request.chown {
            request.shownOwner = try expand(chown, in: state)
            operation.owner = request.shownOwner.isEmpty ? nil : request.shownOwner
            problems += try CopyModes.check(owner: request.shownOwner, at: chown, isLinked: request.isLinked)
        }
        return operation
    }

    private mutating func destination(of request: CopyRequest, state: StageState) throws(DiagnosticsError) -> String {
        let word = request.destination
        let destination = try expand(word, in: state)
        guard !destination.isEmpty else {
            throw DiagnosticsError(
                Diagnostic(.error, "copy-destination-empty", "the destination is empty after expansion", at: word.range))
        }
        guard !request.isSeveral || Self.endsAsDirectory(destination) || destination.hasSuffix("..") else {
            throw DiagnosticsError(
                Diagnostic(
                    .error, "destination-not-directory",
                    "\(request.keyword) of several sources needs a directory as its destination", at: word.range,
                    "\"\(destination)\" does not end in \"/\"", help: "write \(word.raw)/"))
        }
        return destination
    }

    private static func endsAsDirectory(_ destination: String) -> Bool {
        destination.hasSuffix("/") || destination == "." || destination.hasSuffix("/.")
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

    mutating func place(
        _ operation: CopyOperation, _ request: CopyRequest, _ syntax: any InstructionSyntax,
        from origin: Outline.Origin?, at site: LoweringSite, state: inout StageState
    ) throws(DiagnosticsError) {
        // What is linked is made on nothing, so that what is below can change without it.
        let below = state.root
        var inputs: [Node.Input] = request.isLinked ? [] : below.map { [.root($0)] } ?? []
        if !request.fetched.isEmpty {
            inputs += try fetchedInputs(request, operation, syntax)
        } else if !operation.selection.sources.isEmpty {
            let source = try sourceNode(origin, syntax)
            inputs.append(.files(source, operation.selection))
        }
        let sources = Node.Sources(
            ranges: request.sources.map(\.range), place: place(of: origin), destination: request.destination.range,
            owner: request.chown?.range)
        var provenance = Node.Provenance(origin: syntax.range, title: syntax.title, sources: sources)
        let node: Node.ID
        if request.isLinked, let below {
            let merged = provenance
            // Records are remembered by title: that of the files must not take the place of that of the step.
            provenance.title += " (the files)"
            let files = graph.node(.copy(operation), inputs: inputs, provenance)
            node = graph.node(.merge, inputs: [.root(below), .layer(files)], merged)
        } else {
            node = graph.node(.copy(operation), inputs: inputs, provenance)
        }
        state.root = node
        addStep(syntax.title, syntax.range, node, stage: site.stage)
        let names = request.shownSources + operation.inlineFiles.map { "<<" + $0.name }
        record(
            "\(request.keyword) \(request.shownFlags)\(names.joined(separator: " ")) \(operation.destination)", syntax, node: node,
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
    var isLinked = false
    var keepsParents = false
    /// Filled in while lowering; history shows them so, uncleaned.
    var expandedSources: [String] = []
    var isSeveral: Bool { expandedSources.count + fetched.count + heredocs.count > 1 }
    var shownFrom: String?
    var shownOwner = ""
    var shownMode = ""

    /// As history has them: those that change the files.
    var shownFlags: String {
        var flags = keepsParents ? "--parents " : ""
        if !shownOwner.isEmpty { flags += "--chown=\(shownOwner) " }
        if !shownMode.isEmpty { flags += "--chmod=\(shownMode) " }
        return flags + (shownFrom.map { "--from=\($0) " } ?? "")
    }
    /// ADD: what is not in the context, by its position among all sources.
    var fetched: [Int: Node.ID] = [:]
    /// Of ADD with fetched sources: all of them, fit to be shown.
    var allSources: [String] = []
    var shownSources: [String] { allSources.isEmpty ? expandedSources : allSources }
}
