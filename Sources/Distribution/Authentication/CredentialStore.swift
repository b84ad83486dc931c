import HostSystem
import SystemPackage

/// Where credentials are looked up and saved: docker's and podman's files, and the helpers they name.
package struct CredentialStore: Sendable {
    /// Looked through in this order; the first that knows a host decides.
    package var files: [CredentialFile]
    /// The text of a whole configuration, looked at before any file (docker's DOCKER_AUTH_CONFIG).
    var inline: String?
    /// Stands in the place of everything saved.
    private var fixed: Credentials?
    /// What helpers are started with.
    private let environment: [String: String]

    package init(files: [CredentialFile] = [], environment: [String: String] = [:]) {
        self.files = files
        self.environment = environment
    }

    /// The same credentials for everybody.
    init(fixed: Credentials) {
        self.init()
        self.fixed = fixed
    }

    /// The places that docker and podman use, by the variables of a process.
    package init(environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.environment = environment
        inline = value("DOCKER_AUTH_CONFIG")
        if let file = value("REGISTRY_AUTH_FILE") {
            files = [CredentialFile(path: FilePath(file))]
            return
        }
        var paths: [FilePath] = []
        let home = value("HOME").map { FilePath($0) }
        if let directory = value("DOCKER_CONFIG").map({ FilePath($0) }) ?? home?.appending(".docker") {
            paths.append(directory.appending("config.json"))
        }
        if let directory = value("XDG_RUNTIME_DIR") { paths.append(FilePath(directory).appending("containers").appending("auth.json")) }
        if let directory = value("XDG_CONFIG_HOME").map({ FilePath($0) }) ?? home?.appending(".config") {
            paths.append(directory.appending("containers").appending("auth.json"))
        }
        files = paths.map(CredentialFile.init(path:))
    }

    /// The credentials for a repository of a registry; nil when nobody saved any.
    func credentials(for names: CredentialNames) async throws -> Credentials? {
        if let fixed { return fixed }
        if let inline {
            let document = try CredentialDocument(parsing: Array(inline.utf8), name: "DOCKER_AUTH_CONFIG")
            if let found = document.credentials(for: names) { return found }
        }
        for file in files {
            guard let document = try file.read() else { continue }
            if let helper = document.helper(for: names), let found = try await self.helper(helper).get(names.server) { return found }
            if let found = document.credentials(for: names) { return found }
        }
        return nil
    }

    /// Saves credentials where docker would, and says where that was.
    package func save(_ credentials: Credentials, for registry: String) async throws -> String {
        guard let file = files.first else {
            throw CredentialError("there is no place to save credentials", help: "set HOME, DOCKER_CONFIG or REGISTRY_AUTH_FILE")
        }
        let names = CredentialNames(registry: registry, repository: "")
        guard let name = try file.read()?.helper(for: names) else {
            try file.update { $0.set(credentials, for: names) }
            return file.path.string
        }
        let helper = helper(name)
        try await helper.store(credentials, for: names.server)
        // docker lists what the helper has by an empty entry.
        try file.update { $0.set(nil, for: names) }
        return helper.program
    }

    /// Forgets the credentials of a registry, wherever they are. False when there were none.
    package func erase(_ registry: String) async throws -> Bool {
        let names = CredentialNames(registry: registry, repository: "")
        var found = false
        for file in files {
            guard let document = try file.read() else { continue }
            if let name = document.helper(for: names), try await helper(name).get(names.server) != nil {
                try await helper(name).erase(names.server)
                found = true
            }
            var changed = document
            if changed.remove(names) {
                try file.update { $0.remove(names) }
                found = true
            }
        }
        return found
    }

    private func helper(_ name: String) -> CredentialHelper { CredentialHelper(name: name, environment: environment) }
}
