import BuildContext
import Diagnostics
import DockerfileSyntax
import HostSystem
import SystemPackage

/// A source of a COPY or ADD that is not where it is looked for.
struct MissingSource {
    enum Place {
        case context
        case stage(Int)
        /// `image debian:bookworm`, as messages say it.
        case other(String)
    }

    var error: SourceNotFound
    /// As written, variables replaced.
    var text: String
    var range: SourceRange
    var keyword: String
    /// The stage that wants it.
    var stage: Int
    var place: Place
    /// nil for ADD, and for instructions that are not in the file.
    var copy: Copy?
}

/// What is said about missing sources: looked for in the other stages, in their text and, when they are on disk, in
/// their files.
struct MissingSourceDiagnosis {
    let dockerfile: Dockerfile
    let tree: SourceTree
    /// Of a context on disk: its absolute path.
    let contextPath: FilePath?
    /// The same as it was named.
    let contextName: String
    let built: BuiltStages

    func diagnostic(for missing: MissingSource) -> Diagnostic {
        let place = words(for: missing.place)
        var diagnostic = missing.error.diagnostic(at: missing.range, instruction: missing.keyword, in: place)
        diagnostic.message = "\(missing.keyword) source \"\(missing.text)\" is not in \(place)"
        explainCase(missing, &diagnostic)
        switch missing.place {
        case .context:
            if explainOutside(missing, &diagnostic) { return diagnostic }
            if let found = inOtherStage(missing, below: missing.stage) {
                point(&diagnostic, to: found, missing)
            } else if missing.error.suggestions.isEmpty, missing.error.ignoredBy == nil {
                diagnostic.help = diagnostic.help ?? guess(missing, &diagnostic)
            }
        case .stage(let index):
            explainStage(missing, index, &diagnostic)
        case .other: break
        }
        if case .context = missing.place, diagnostic.help == nil {
            diagnostic.help = "\"jettison context ls\" shows what a build sees; write one of these paths"
        }
        return diagnostic
    }

    private func words(for place: MissingSource.Place) -> String {
        switch place {
        case .context: "the build context"
        case .stage(let index): "stage \"\(name(of: index))\""
        case .other(let text): text
        }
    }

    private func name(of stage: Int) -> String {
        dockerfile.stages.indices.contains(stage) ? dockerfile.stages[stage].name ?? String(stage) : String(stage)
    }

    /// The only difference is in the case of letters.
    private func explainCase(_ missing: MissingSource, _ diagnostic: inout Diagnostic) {
        let pattern = missing.error.pattern
        guard let first = missing.error.suggestions.first, first != pattern,
            first.lowercased() == pattern.lowercased()
        else { return }
        diagnostic.notes.append("upper and lower case letters differ in file names")
        diagnostic.fix = replacing(missing, with: missing.text.hasPrefix("/") ? "/" + first : first)
    }

    /// An edit that writes another path, where the path stands in the file as it is.
    private func replacing(_ missing: MissingSource, with path: String) -> [Diagnostic.TextEdit] {
        guard missing.range.text == missing.text, !path.contains(" ") else { return [] }
        return [Diagnostic.TextEdit(missing.range, path)]
    }

    // MARK: another stage

    private struct Found {
        var stage: Int
        var path: String
        var label: Diagnostic.Label?
        var note: String?
    }

    /// A stage above that has the path on disk, or whose text makes it.
    private func inOtherStage(_ missing: MissingSource, below stage: Int) -> Found? {
        guard missing.keyword == "COPY" else { return nil }
        let earlier = Array(dockerfile.stages.prefix(stage))
        for candidate in earlier.reversed() {
            guard let path = built.find(missing.text, in: candidate.index) else { continue }
            let maker = StageMakers.maker(of: path, among: [candidate]).flatMap { $0.isCertain ? $0 : nil }
            return Found(
                stage: candidate.index, path: path,
                label: maker.map { Diagnostic.Label($0.place, "stage \"\($0.name)\" makes it here") },
                note: "stage \"\(name(of: candidate.index))\" has \(path), as it was built last")
        }
        guard let maker = StageMakers.maker(of: missing.text, among: earlier), maker.isCertain else { return nil }
        return Found(
            stage: maker.stage.index, path: maker.path,
            label: Diagnostic.Label(maker.place, "stage \"\(maker.name)\" makes it here"), note: nil)
    }

    private func point(_ diagnostic: inout Diagnostic, to found: Found, _ missing: MissingSource) {
        if let label = found.label { diagnostic.secondary.append(label) }
        if let note = found.note { diagnostic.notes.insert(note, at: 0) }
        let flag = "--from=\(name(of: found.stage))"
        diagnostic.fix = []
        guard let copy = missing.copy else { return }
        // One source: the whole line can be said, and the edit is certain.
        if copy.sources.count == 1, copy.heredocSources.isEmpty {
            diagnostic.help = "did you mean \"COPY \(flag) \(found.path) \(copy.destination.raw)\"?"
            let path = found.path == missing.text ? [] : replacing(missing, with: found.path)
            if found.path == missing.text || !path.isEmpty { diagnostic.fix = [copy.insertion(of: " " + flag)] + path }
        } else {
            diagnostic.help = "to copy it from the stage, write a COPY \(flag) \(found.path) of its own"
        }
    }

    private func possibleMaker(of missing: MissingSource) -> StageMakers.Maker? {
        guard missing.keyword == "COPY" else { return nil }
        return StageMakers.maker(of: missing.text, among: Array(dockerfile.stages.prefix(missing.stage)))
    }

    /// No stage surely makes it; one may.
    private func guess(_ missing: MissingSource, _ diagnostic: inout Diagnostic) -> String? {
        guard let maker = possibleMaker(of: missing) else { return nil }
        diagnostic.secondary.append(Diagnostic.Label(maker.place, maker.reason))
        return "if stage \"\(maker.name)\" makes it, write COPY --from=\(maker.name) \(maker.path) …"
    }

    // MARK: outside of the context

    /// A path of this machine, or one that leads out of the context. True when that is what is wrong.
    private func explainOutside(_ missing: MissingSource, _ diagnostic: inout Diagnostic) -> Bool {
        guard let contextPath else { return false }
        let text = missing.text
        if text.hasPrefix("~") {
            diagnostic.notes = ["\"~\" stands for nothing here: sources are paths inside the build context"]
            diagnostic.help = "copy the file into \(contextName), and write its path from there"
            return true
        }
        if text.hasPrefix("/") {
            let path = FilePath(text).lexicallyNormalized()
            var inner = path
            if inner.removePrefix(contextPath), !inner.isEmpty, exists(inner.string) {
                diagnostic.notes = ["sources are paths inside the build context, which is \(contextName)"]
                diagnostic.help = "did you mean \"\(inner)\"?"
                diagnostic.fix = replacing(missing, with: inner.string)
                return true
            }
            guard isOnHost(path), path.components.count > 1, path.components.first?.string != "usr" else { return false }
            // A lost --from is likelier than a file of the host.
            if inOtherStage(missing, below: missing.stage) != nil || possibleMaker(of: missing) != nil { return false }
            diagnostic.notes.insert(
                "\(path) exists on this machine, but a build sees only what is in its context, \(contextName)", at: 0)
            let parent = path.removingLastComponent()
            diagnostic.help =
                "copy it into the context, or offer its directory with --build-context files=\(parent) and COPY --from=files"
            return true
        }
        let up = FilePath(text).lexicallyNormalized()
        guard up.components.first?.string == ".." else { return false }
        diagnostic.notes = ["\"..\" does not lead out of the build context, which is \(contextName)"]
        let parent = contextPath.removingLastComponent()
        diagnostic.help =
            isOnHost(contextPath.pushing(up))
            ? "build with \(parent) as the context and name the Dockerfile with -f" : "write a path inside the context"
        return true
    }

    private func exists(_ path: String) -> Bool {
        if case .included? = try? ContextAnswer(on: FilePath(path), in: tree) { return true }
        return false
    }

    private func isOnHost(_ path: FilePath) -> Bool { (try? FileMetadata(at: path)) != nil }

    // MARK: --from

    /// Paths of --from begin at the stage's root, whatever its WORKDIR.
    private func explainStage(_ missing: MissingSource, _ stage: Int, _ diagnostic: inout Diagnostic) {
        let inner = missing.text.hasPrefix("/") ? String(missing.text.dropFirst()) : missing.text
        if let directory = built.directory(of: stage), directory != "/", let found = built.find(inner, in: stage),
            found.hasPrefix(directory + "/")
        {
            diagnostic.notes = ["paths of --from begin at the root of the stage; its WORKDIR \(directory) does not apply"]
            diagnostic.help = "write \(found)"
            diagnostic.fix = replacing(missing, with: found)
            return
        }
        for other in dockerfile.stages.prefix(missing.stage).reversed() where other.index != stage {
            guard let found = built.find(missing.text, in: other.index) else { continue }
            let flag = "--from=\(name(of: other.index))"
            diagnostic.notes.insert("stage \"\(name(of: other.index))\" has \(found)", at: 0)
            diagnostic.help = "did you mean \(flag)?"
            if let from = missing.copy?.from, found == missing.text || "/" + missing.text == found {
                diagnostic.fix = [Diagnostic.TextEdit(from.range, name(of: other.index))]
            }
            return
        }
        let others = dockerfile.stages.prefix(missing.stage).filter { $0.index != stage }
        if let maker = StageMakers.maker(of: missing.text, among: Array(others)), maker.isCertain {
            diagnostic.secondary.append(Diagnostic.Label(maker.place, "stage \"\(maker.name)\" makes it here"))
            diagnostic.help = "did you mean --from=\(maker.name)?"
            return
        }
        if let suggestion = missing.error.suggestions.first, missing.text.hasPrefix("/") {
            diagnostic.help = "did you mean \"/\(suggestion)\"?"
        }
    }
}
