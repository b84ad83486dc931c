import Diagnostics
import HostSystem
import SystemPackage

/// A name of a repository and what it stands for now.
package struct ResolvedGitReference: Sendable, Hashable {
    /// 40 or 64 hexadecimal digits.
    package var commit: String
    /// The annotated tag, else the commit.
    package var object: String
    /// `refs/heads/main`; nil when a commit was asked for by its id.
    package var name: String?
}

/// What `git ls-remote` tells.
struct GitReferences {
    /// Every line: id and name, tags also peeled (`refs/tags/v1^{}`).
    private(set) var ids: [String: String] = [:]
    private(set) var head: String?

    init(parsing text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            if parts[0].hasPrefix("ref: "), parts[1] == "HEAD" { head = String(parts[0].dropFirst(5)) }
            if Self.isID(parts[0]) { ids[parts[1]] = parts[0] }
        }
    }

    static func isID(_ text: String) -> Bool {
        [40, 64].contains(text.utf8.count) && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// As git-checkout(1) reads a name: a branch before a tag.
    func resolve(_ name: String?) -> ResolvedGitReference? {
        guard let name else { return ids["HEAD"].map { ResolvedGitReference(commit: $0, object: $0, name: head) } }
        let candidates = name == "HEAD" || name.hasPrefix("refs/") ? [name] : ["refs/heads/" + name, "refs/tags/" + name, "refs/" + name]
        for candidate in candidates {
            guard let object = ids[candidate] else { continue }
            return ResolvedGitReference(commit: ids[candidate + "^{}"] ?? object, object: object, name: candidate)
        }
        return nil
    }

    /// Branches and tags as people call them.
    var names: [String] {
        ids.keys.compactMap { name in
            guard !name.hasSuffix("^{}") else { return nil }
            for prefix in ["refs/heads/", "refs/tags/"] where name.hasPrefix(prefix) { return String(name.dropFirst(prefix.count)) }
            return nil
        }.sorted()
    }
}

extension GitTool {
    /// What `ref` of the remote is now. Asks the server, unless it is a commit's whole id.
    package func resolve(_ ref: String?, of remote: String, credentials: GitCredentials?) async throws -> ResolvedGitReference {
        if let ref, GitReferences.isID(ref) { return ResolvedGitReference(commit: ref, object: ref, name: nil) }
        // A server that knows version 2 sends only what is asked for.
        let wanted = ref.map { [$0, $0 + "^{}"] } ?? ["HEAD"]
        let found = try await references(wanted, of: remote, credentials)
        if let resolved = found.resolve(ref) { return resolved }
        let all = try await references(["refs/heads/*", "refs/tags/*"], of: remote, credentials)
        guard let ref else { throw all.names.isEmpty ? GitError.empty : GitError.refNotFound("HEAD", near: nil, known: all.names) }
        if let resolved = all.resolve(ref) { return resolved }
        let short = ref.hasPrefix("refs/") ? ref.split(separator: "/").dropFirst(2).joined(separator: "/") : ref
        throw GitError.refNotFound(short, near: Suggestion.nearest(to: short, among: all.names), known: all.names)
    }

    private func references(_ patterns: [String], of remote: String, _ credentials: GitCredentials?) async throws -> GitReferences {
        let output = try await run(
            ["ls-remote", "--symref", "--", remote] + patterns, reach: .network, credentials: credentials)
        guard output.exit == 0 else { throw GitError.unreachable(says: GitError.words(output.errors)) }
        return GitReferences(parsing: output.text)
    }
}
