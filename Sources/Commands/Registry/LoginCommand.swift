package import ArgumentParser
import Distribution
import HostSystem
import OCI
import SystemPackage

/// `jettison login`.
package struct LoginCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "login", abstract: "Save credentials for a registry.",
        discussion: """
            They are tried first, and then saved where docker saves them: in ~/.docker/config.json (DOCKER_CONFIG), in \
            REGISTRY_AUTH_FILE when that is set, or with the credential helper that docker's configuration names.

            Example: pass show ghcr | jettison login -u me --password-stdin ghcr.io
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("User name.", valueName: "user")) var username: String?
    @Option(name: .shortAndLong, help: ArgumentHelp("Password; others can read it in the list of processes.", valueName: "password"))
    var password: String?
    @Flag(name: .customLong("password-stdin"), help: "Read the password from standard input.") var readsPassword = false
    @Argument(help: ArgumentHelp("HOST[:PORT].", valueName: "host")) var host = Reference.defaultRegistry

    package init() {}

    package func validate() throws {
        if readsPassword, password != nil { throw ValidationError("--password and --password-stdin cannot both be given.") }
        guard let username, !username.isEmpty, password != nil || readsPassword else {
            throw ValidationError("Give a user name and a password: -u USER --password-stdin.")
        }
        guard !username.contains(":") else { throw ValidationError("A user name has no colon.") }
    }

    package func run() async throws {
        let registry = try RegistryArguments.registry(host)
        if password != nil {
            try? StandardStream.error.line("warning: -p shows the password to everybody on this machine; use --password-stdin")
        }
        let secret = if let password { password } else { try await StandardInput.read { try Self.readPassword() } }
        guard !secret.isEmpty else { throw UsageError("the password is empty") }
        let credentials = Credentials.password(user: username ?? "", password: secret)
        let settings = ProcessEnvironment.current.registrySettings
        do { try await RegistryClient(settings: settings).check(credentials, for: registry) } catch let error as RegistryError {
            guard case .credentialsRefused = error.reason else { throw error }
            throw CommandFailure(error.description, help: "check the user name and the password; some registries want a token instead of it")
        }
        let place = try await settings.credentials.save(credentials, for: registry)
        try? StandardStream.error.line("The credentials are saved in \(place)")
        try StandardStream.output.line("Login Succeeded")
    }

    private static func readPassword() throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= 64 << 10 {
            let count = try buffer.withUnsafeMutableBytes { try FileDescriptor.standardInput.read(into: $0) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        var text = String(decoding: bytes, as: UTF8.self)
        // Echo and files end their line.
        if text.hasSuffix("\r\n") || text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}

/// `jettison logout`.
package struct LogoutCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "logout", abstract: "Forget the credentials for a registry.", discussion: "Example: jettison logout ghcr.io")

    @Argument(help: ArgumentHelp("HOST[:PORT].", valueName: "host")) var host = Reference.defaultRegistry

    package init() {}

    package func run() async throws {
        let registry = try RegistryArguments.registry(host)
        let removed = try await ProcessEnvironment.current.registrySettings.credentials.erase(registry)
        try StandardStream.output.line(removed ? "Removing login credentials for \(registry)" : "Not logged in to \(registry)")
    }
}

extension ProcessEnvironment {
    /// How registries are reached, by the variables of this process.
    var registrySettings: RegistryClient.Settings {
        RegistryClient.Settings(environment: variables, userAgent: "jettison/" + Version.text)
    }
}
