import Diagnostics
import ImageBuild
import OCI

/// `--build-context NAME=SOURCE`.
enum NamedContextSpec {
    static func parse(_ text: String) throws(UsageError) -> BuildRequest.NamedContext {
        guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
            throw UsageError("'--build-context' is NAME=SOURCE, found \"\(text)\"", help: "for example --build-context assets=../assets")
        }
        let name = String(text[..<equals])
        let source = String(text[text.index(after: equals)...])
        guard !source.isEmpty else { throw UsageError("'--build-context \(name)=' has nothing after the '='") }
        guard !name.contains(where: { $0 == " " || $0 == "\t" }) else { throw UsageError("'--build-context': a name has no spaces: \"\(name)\"") }
        return BuildRequest.NamedContext(name: name, source: try parse(source, name))
    }

    private static func parse(_ source: String, _ name: String) throws(UsageError) -> BuildRequest.NamedContext.Source {
        if let image = source.droppingPrefix("docker-image://") {
            if image == "scratch" { return .scratch }
            do { return .image(try Reference(parsing: image)) } catch {
                throw UsageError("'--build-context \(name)': \(error)")
            }
        }
        if let layout = source.droppingPrefix("oci-layout://") { return try self.layout(layout, name) }
        if source.hasPrefix("target:") {
            throw UsageError("'--build-context \(name)': target: is for bake files", help: "a stage of the same file needs no context: COPY --from=STAGE")
        }
        if try isRemote(source, name) { return .url(source) }
        if let scheme = source.firstRange(of: "://") {
            let known = ["docker-image", "oci-layout", "https", "http", "git", "ssh"]
            let given = String(source[..<scheme.lowerBound])
            throw UsageError(
                "'--build-context \(name)' does not know \(given)://",
                help: known.suggestion(for: given) ?? "a context is a directory, docker-image://, oci-layout://, or the address of a git repository or an archive")
        }
        return .directory(source)
    }

    private static func isRemote(_ source: String, _ name: String) throws(UsageError) -> Bool {
        do { return try RemoteContext.parse(source) != nil } catch { throw UsageError("'--build-context \(name)': \(error)") }
    }

    /// `PATH[:tag][@digest]`.
    private static func layout(_ text: String, _ name: String) throws(UsageError) -> BuildRequest.NamedContext.Source {
        var path = text
        var digest: Digest?
        if let at = path.lastIndex(of: "@"), path[at...].dropFirst().hasPrefix("sha256:") {
            do { digest = try Digest(parsing: path[path.index(after: at)...]) } catch {
                throw UsageError("'--build-context \(name)': \(error)")
            }
            path = String(path[..<at])
        }
        var tag: String?
        if let colon = path.lastIndex(of: ":"), !path[colon...].contains("/") {
            tag = String(path[path.index(after: colon)...])
            path = String(path[..<colon])
        }
        guard !path.isEmpty, tag != "" else { throw UsageError("'--build-context \(name)': oci-layout:// needs a path: oci-layout://DIRECTORY[:tag]") }
        return .layout(path: path, tag: tag, digest: digest)
    }
}

extension String {
    fileprivate func droppingPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
