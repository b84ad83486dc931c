import HostSystem
import OCI
package import SystemPackage

/// A file of credentials as docker (`config.json`) and podman (`auth.json`) keep them. What we do not know in it stays.
package struct CredentialFile: Sendable, Hashable {
    package let path: FilePath

    package init(path: FilePath) { self.path = path }

    /// nil when there is no such file.
    func read() throws -> CredentialDocument? {
        let bytes: [UInt8]
        do throws(SystemError) { bytes = try File(opening: path).readAll(limit: 4 << 20) } catch {
            if [.noSuchFileOrDirectory, .notDirectory].contains(error.code) { return nil }
            throw CredentialError("the credentials cannot be read: \(error)")
        }
        // An empty file is what `touch` leaves for somebody to fill.
        guard bytes.contains(where: { ![9, 10, 13, 32].contains($0) }) else { return CredentialDocument() }
        return try CredentialDocument(parsing: bytes, name: path.string)
    }

    /// Changes what is in the file, made with its directory when missing, and readable by its owner alone.
    func update(_ change: (inout CredentialDocument) throws -> Void) throws {
        // docker's file is often a link into somebody's dotfiles, which must stay one.
        let real = (try? path.resolvingSymlinks()) ?? path
        let parent = real.removingLastComponent()
        _ = try Directory.making(parent.isEmpty ? "." : parent, mode: 0o700)
        // Two logins at once must not lose one.
        let lock = try FileLock.acquire(real.removingLastComponent().appending("." + (real.lastComponent?.string ?? "") + ".lock"))
        defer { lock.release() }
        var document = try read() ?? CredentialDocument()
        let before = document
        try change(&document)
        if document != before { try AtomicFile.write(try document.bytes(), to: real, mode: 0o600) }
    }
}

extension FilePath {
    /// Follows a link that the path itself is, link after link.
    fileprivate func resolvingSymlinks() throws -> FilePath {
        var path = self
        for _ in 0..<40 {
            guard try FileMetadata(at: path, followLast: false).kind == .symlink, let name = path.lastComponent else { return path }
            let parent = path.removingLastComponent()
            let target = try Directory(opening: parent.isEmpty ? "." : parent).symlinkTarget(at: FilePath(root: nil, [name]))
            path = target.isAbsolute ? target : parent.pushing(target)
        }
        return path
    }
}

/// What a file of credentials says.
struct CredentialDocument: Sendable, Hashable {
    private var root: JSONValue

    init() { root = .object([:]) }

    /// - Parameter name: what messages call it.
    init(parsing bytes: [UInt8], name: String) throws(CredentialError) {
        do { root = try Document<JSONValue>(decoding: bytes, mediaType: MediaType(rawValue: "application/json")).value } catch {
            throw CredentialError("\"\(name)\" is not JSON, so the credentials in it cannot be used", help: "repair the file, or log in again")
        }
        guard case .object = root else {
            throw CredentialError("\"\(name)\" is not a JSON object", help: "repair the file, or log in again")
        }
    }

    func bytes() throws -> [UInt8] { try root.pretty() }

    /// The helper that keeps the credentials of a host; nil when the file itself does.
    func helper(for names: CredentialNames) -> String? {
        if let helpers = root["credHelpers"]?.object, let key = names.best(among: helpers.keys),
            let name = helpers[key]?.string, !name.isEmpty
        {
            return name
        }
        return root["credsStore"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    func credentials(for names: CredentialNames) -> Credentials? {
        guard let entries = root["auths"]?.object, let key = names.best(among: entries.keys), let entry = entries[key] else { return nil }
        if let token = entry["identitytoken"]?.string, !token.isEmpty { return .identityToken(token) }
        if let token = entry["registrytoken"]?.string, !token.isEmpty { return .registryToken(token) }
        if let user = entry["username"]?.string, let password = entry["password"]?.string, !user.isEmpty {
            return .password(user: user, password: password)
        }
        guard let encoded = entry["auth"]?.string, let bytes = Base64.decode(encoded) else { return nil }
        // docker's C ancestors ended it with a zero.
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return .password(user: String(text[..<colon]), password: String(text[text.index(after: colon)...]))
    }

    /// nil: whatever the helper has. Other keys that mean the same host go.
    mutating func set(_ credentials: Credentials?, for names: CredentialNames) {
        remove(names)
        var entry: [String: JSONValue] = [:]
        switch credentials {
        case .password(let user, let password): entry["auth"] = .string(Base64.encode(Array("\(user):\(password)".utf8)))
        case .identityToken(let token): entry["identitytoken"] = .string(token)
        case .registryToken(let token): entry["registrytoken"] = .string(token)
        case nil: break
        }
        var entries = root["auths"]?.object ?? [:]
        entries[names.server] = .object(entry)
        root["auths"] = .object(entries)
    }

    /// True when there was something.
    @discardableResult
    mutating func remove(_ names: CredentialNames) -> Bool {
        guard var entries = root["auths"]?.object else { return false }
        let before = entries.count
        entries = entries.filter { !names.hosts.contains(CredentialNames.plain($0.key)) }
        if entries.count != before { root["auths"] = .object(entries) }
        return entries.count != before
    }
}
