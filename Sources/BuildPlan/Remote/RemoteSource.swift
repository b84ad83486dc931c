import Diagnostics
package import OCI
import PathPatterns

/// Files that are somewhere else, named by what the user wrote: a source of ADD, or a context.
package enum RemoteSource: Hashable, Sendable {
    case http(HTTPSource)
    case git(GitSource)

    /// Fit to be shown.
    package var description: String {
        switch self {
        case .http(let source): source.address.redacted
        case .git(let source): source.description
        }
    }
}

/// One file by its URL.
package struct HTTPSource: Hashable, Sendable {
    /// May hold credentials.
    package var address: WebAddress
    /// What the file is called when it lands in a directory.
    package var fileName: String
    package var checksum: Digest?

    package init(address: WebAddress, fileName: String, checksum: Digest? = nil) {
        self.address = address
        self.fileName = fileName
        self.checksum = checksum
    }
}

/// A tree in a git repository.
package struct GitSource: Hashable, Sendable {
    /// As git is told it, but for credentials: `https://host/path.git`, `git@host:path`.
    package var remote: String
    /// `user[:password]` of an http address.
    package var userInfo: String?
    /// Branch, tag, whole ref or commit; nil: what the repository's HEAD is.
    package var ref: String?
    /// Inside the repository, cleaned; nil: all of it.
    package var subdirectory: String?
    /// The commit it has to be, or the beginning of its id.
    package var checksum: String?
    package var keepsGitDirectory = false
    package var takesSubmodules = true
    /// Files get the commit's time in place of the time of the checkout.
    package var isDatedByCommit = false

    package init(remote: String) { self.remote = remote }

    /// Fit to be shown: what the user may have written.
    package var description: String {
        var text = remote
        if userInfo != nil, let mark = text.firstRange(of: "://") { text.insert(contentsOf: "xxxxx@", at: mark.upperBound) }
        if ref != nil || subdirectory != nil { text += "#" + (ref ?? "") + (subdirectory.map { ":" + $0 } ?? "") }
        return text
    }
}

/// What is wrong with an address, in words for whoever wrote it.
package struct RemoteSourceError: Error, Sendable, Hashable {
    package var message: String
    package var help: String?
    init(_ message: String, help: String? = nil) {
        self.message = message
        self.help = help
    }
}

extension HTTPSource {
    /// What a file without a name in its URL is called, as in BuildKit.
    static let noName = "__unnamed__"

    /// nil when the text is no http address. The name is the last part of the path.
    package static func parse(_ text: String) throws(RemoteSourceError) -> HTTPSource? {
        let lower = text.prefix(8).lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://") else { return nil }
        guard let address = WebAddress(parsing: text) else {
            throw RemoteSourceError(
                "\"\(WebAddress.redacting(text))\" is not a whole address", help: "write it as https://host/path/file")
        }
        let name = address.fileName ?? noName
        guard name.utf8.count <= 255 else { throw RemoteSourceError("the file name in this URL is longer than 255 bytes") }
        return HTTPSource(address: address, fileName: name)
    }
}

extension GitSource {
    /// nil when the text does not name a git repository: only `git://`, `ssh://`, `user@host:path`, and http addresses
    /// whose path ends in `.git` do. `github.com/…` does where no local path can be meant.
    package static func parse(_ text: String, allowingBareGitHub: Bool = false) throws(RemoteSourceError) -> GitSource? {
        if text.hasPrefix("./") || text.hasPrefix("../") || text.hasPrefix("/") { return nil }
        if allowingBareGitHub, text.hasPrefix("github.com/") { return try parse(url: "https://" + text, needsSuffix: false) }
        if text.contains("://") { return try parse(url: text, needsSuffix: true) }
        return try parseSCP(text)
    }

    private static func parse(url text: String, needsSuffix: Bool) throws(RemoteSourceError) -> GitSource? {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard ["http", "https", "git", "ssh"].contains(scheme) else { return nil }
        let isWeb = scheme.hasPrefix("http")
        guard let address = WebAddress(parsing: text) else {
            if isWeb { return nil }
            throw RemoteSourceError(
                "\"\(WebAddress.redacting(text))\" is not a whole address", help: "write it as \(scheme)://host/path.git")
        }
        if isWeb, needsSuffix, !address.path.hasSuffix(".git") { return nil }
        guard !address.host.hasPrefix("-"), address.userInfo?.hasPrefix("-") != true else {
            throw RemoteSourceError("a host or user that begins with a dash is not taken")
        }
        var plain = address
        plain.query = nil
        plain.fragment = nil
        if isWeb { plain.userInfo = nil }
        var source = GitSource(remote: plain.text)
        if isWeb { source.userInfo = address.userInfo }
        try source.take(fragment: address.fragment, query: address.query)
        return source
    }

    /// `user@host:path`, as scp writes it.
    private static func parseSCP(_ text: String) throws(RemoteSourceError) -> GitSource? {
        guard let at = text.firstIndex(of: "@"), let colon = text[at...].firstIndex(of: ":") else { return nil }
        let (user, host) = (text[..<at], text[text.index(after: at)..<colon])
        func isWord(_ text: Substring, _ more: String) -> Bool {
            !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || more.contains($0)) }
        }
        guard isWord(user, "-_"), isWord(host, "-.") else { return nil }
        guard !user.hasPrefix("-"), !host.hasPrefix("-") else {
            throw RemoteSourceError("a host or user that begins with a dash is not taken")
        }
        var path = text[text.index(after: colon)...]
        var fragment: String?
        if let mark = path.firstIndex(of: "#") {
            fragment = String(path[path.index(after: mark)...])
            path = path[..<mark]
        }
        var query: String?
        if let mark = path.firstIndex(of: "?") {
            query = String(path[path.index(after: mark)...])
            path = path[..<mark]
        }
        guard !path.isEmpty, !path.utf8.contains(where: { $0 < 0x20 }) else {
            throw RemoteSourceError("the path of the repository is missing", help: "write it as \(user)@\(host):path.git")
        }
        var source = GitSource(remote: "\(user)@\(host):\(path)")
        try source.take(fragment: fragment, query: query)
        return source
    }

    private mutating func take(fragment: String?, query: String?) throws(RemoteSourceError) {
        if let fragment, !fragment.isEmpty {
            let decoded = WebAddress.decoded(fragment)
            let parts = decoded.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            ref = parts[0].isEmpty ? nil : String(parts[0])
            if parts.count > 1 { try setSubdirectory(String(parts[1])) }
        }
        if let query, !query.isEmpty { try take(query: query) }
        if ref == nil { ref = checksum }
        if let ref { try Self.check(ref: ref) }
    }

    private static let keys = ["ref", "tag", "branch", "subdir", "checksum", "commit", "keep-git-dir", "submodules", "mtime", "fetch-by-commit"]

    private mutating func take(query: String) throws(RemoteSourceError) {
        var seen = Set<String>()
        for field in query.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { WebAddress.decoded(String($0)) }
            let (key, value) = (parts[0], parts.count > 1 ? parts[1] : "")
            guard Self.keys.contains(key) else {
                throw RemoteSourceError(
                    "git addresses do not know the option \"\(key)\"",
                    help: Suggestion.question(for: key, among: Self.keys) ?? "options are " + Self.keys.joined(separator: ", "))
            }
            guard seen.insert(key).inserted else { throw RemoteSourceError("the option \"\(key)\" is given twice") }
            if value.isEmpty, !["keep-git-dir", "submodules", "fetch-by-commit"].contains(key) {
                throw RemoteSourceError("the option \"\(key)\" has no value")
            }
            try take(key, value)
        }
    }

    private mutating func take(_ key: String, _ value: String) throws(RemoteSourceError) {
        switch key {
        case "ref": try setRef(value)
        case "tag": try setRef(value.hasPrefix("refs/tags/") ? value : "refs/tags/" + value)
        case "branch": try setRef(value.hasPrefix("refs/heads/") ? value : "refs/heads/" + value)
        case "subdir": try setSubdirectory(value)
        case "checksum", "commit": try setChecksum(value)
        case "keep-git-dir": keepsGitDirectory = try Self.boolean(key, value)
        case "submodules": takesSubmodules = try Self.boolean(key, value)
        // How the commit is reached is ours to choose: by its id whenever the server allows it.
        case "fetch-by-commit": _ = try Self.boolean(key, value)
        default:
            guard value == "commit" || value == "checkout" else {
                throw RemoteSourceError("mtime is \"checkout\" or \"commit\", not \"\(value)\"")
            }
            isDatedByCommit = value == "commit"
        }
    }

    private mutating func setRef(_ value: String) throws(RemoteSourceError) {
        if let ref, ref != value { throw RemoteSourceError("two refs are asked for: \"\(ref)\" and \"\(value)\"") }
        ref = value
    }

    private mutating func setSubdirectory(_ value: String) throws(RemoteSourceError) {
        let cleaned = PathCleaning.insideRoot(value)
        guard cleaned != "." else { return }
        if let subdirectory, subdirectory != cleaned {
            throw RemoteSourceError("two subdirectories are asked for: \"\(subdirectory)\" and \"\(cleaned)\"")
        }
        subdirectory = cleaned
    }

    /// Sets the commit that is expected.
    package mutating func setChecksum(_ value: String) throws(RemoteSourceError) {
        guard (7...64).contains(value.utf8.count), value.allSatisfy({ $0.isHexDigit && !$0.isUppercase }) else {
            throw RemoteSourceError(
                "\"\(value)\" is not a commit id", help: "write the commit's 40 hexadecimal digits")
        }
        if let checksum, !checksum.hasPrefix(value), !value.hasPrefix(checksum) {
            throw RemoteSourceError("two commits are asked for: \(checksum) and \(value)")
        }
        checksum = value
    }

    private static func boolean(_ key: String, _ value: String) throws(RemoteSourceError) -> Bool {
        switch value.lowercased() {
        case "", "1", "t", "true": return true
        case "0", "f", "false": return false
        default: throw RemoteSourceError("\(key) is true or false, not \"\(value)\"")
        }
    }

    /// git-check-ref-format(1), as far as it protects: what is no ref name is not handed to git.
    private static func check(ref: String) throws(RemoteSourceError) {
        let isBad =
            ref.hasPrefix("-") || ref.hasPrefix("/") || ref.contains("..") || ref.contains("@{") || ref.utf8.count > 250
            || ref.utf8.contains { $0 <= 0x20 || $0 == 0x7F || "~^:?*[\\".utf8.contains($0) }
        if isBad { throw RemoteSourceError("\"\(ref)\" is not the name of a branch, a tag or a commit") }
    }
}
