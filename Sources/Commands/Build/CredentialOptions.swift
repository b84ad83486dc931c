import BuildSolver
import HostSystem
import SystemPackage

/// `--secret` and `--ssh`: what steps may ask for by name.
struct CredentialOptions {
    let environment: [String: String]

    // --secret id=NAME[,src=FILE|,env=VARIABLE][,type=file|env]

    func secrets(_ texts: [String]) throws(UsageError) -> [String: BuildSecrets.Source] {
        var sources: [String: BuildSecrets.Source] = [:]
        for text in texts {
            var fields = try SpecFields(parsing: text, option: "--secret")
            let id = try fields.require("id")
            let source = try source(of: id, &fields)
            guard sources.updateValue(source, forKey: id) == nil else {
                throw UsageError("'--secret' gives \"\(id)\" twice")
            }
        }
        return sources
    }

    private func source(of id: String, _ fields: inout SpecFields) throws(UsageError) -> BuildSecrets.Source {
        let type = fields.take("type")
        var file = fields.take("src") ?? fields.take("source")
        var variable = fields.take("env")
        try fields.finish(known: ["id", "src", "source", "env", "type"])
        switch type {
        case nil, "file": break
        case "env":
            // As docker has it: src then names the variable.
            if variable == nil { (variable, file) = (file ?? id, nil) }
        case let other?: throw UsageError("'--secret': type is file or env, not \"\(other)\"")
        }
        if file != nil, variable != nil {
            throw UsageError("'--secret \(id)' has a file and a variable", help: "give src= or env=, not both")
        }
        // Without either, docker takes the variable of that name when it is set, and else the file.
        if file == nil, variable == nil, type == nil, environment[id] != nil { variable = id }
        if let variable {
            guard let value = environment[variable] else { return .unset(variable: variable) }
            guard value.utf8.count <= BuildSecrets.sizeLimit else { throw tooLarge(id, "the variable \(variable)") }
            return .value(Array(value.utf8))
        }
        let path = FilePath(file ?? id)
        guard let metadata = try? FileMetadata(at: path) else {
            throw UsageError(
                "'--secret id=\(id)': there is no file \(path)",
                help: file == nil ? "say where it is: --secret id=\(id),src=FILE or --secret id=\(id),env=VARIABLE" : nil)
        }
        guard metadata.kind != .directory else { throw UsageError("'--secret id=\(id)': \(path) is a directory, not a file") }
        guard metadata.size <= BuildSecrets.sizeLimit else { throw tooLarge(id, path.string) }
        return .file(path)
    }

    private func tooLarge(_ id: String, _ what: String) -> UsageError {
        UsageError("'--secret id=\(id)': \(what) is larger than \(BuildSecrets.sizeLimit >> 10) kB")
    }

    // --ssh NAME[=SOCKET|KEY[,KEY]]

    func agents(_ texts: [String]) throws(UsageError) -> [String: BuildAgents.Source] {
        var sources: [String: BuildAgents.Source] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let id = parts[0].isEmpty ? "default" : parts[0]
            let paths = parts.count > 1 ? parts[1].split(separator: ",").map(String.init) : []
            guard sources.updateValue(try agent(id, paths), forKey: id) == nil else {
                throw UsageError("'--ssh' gives \"\(id)\" twice")
            }
        }
        return sources
    }

    private func agent(_ id: String, _ paths: [String]) throws(UsageError) -> BuildAgents.Source {
        if paths.isEmpty {
            guard let socket = environment["SSH_AUTH_SOCK"], !socket.isEmpty else {
                throw UsageError(
                    "'--ssh \(id)': no agent is running: SSH_AUTH_SOCK is not set",
                    help: "start one (eval $(ssh-agent); ssh-add), or name a key: --ssh \(id)=KEYFILE")
            }
            guard try kind(of: socket, id) == .socket else {
                throw UsageError("'--ssh \(id)': SSH_AUTH_SOCK names \(socket), which is no socket")
            }
            return .socket(FilePath(socket))
        }
        var keys: [FilePath] = []
        for path in paths {
            if try kind(of: path, id) == .socket {
                guard paths.count == 1 else {
                    throw UsageError("'--ssh \(id)' takes one socket, or keys, and not both")
                }
                return .socket(FilePath(path))
            }
            keys.append(FilePath(path))
        }
        return .keys(keys)
    }

    private func kind(of path: String, _ id: String) throws(UsageError) -> FileMetadata.Kind {
        guard let kind = try? FileMetadata(at: FilePath(path)).kind else {
            throw UsageError("'--ssh \(id)': there is no socket and no key at \(path)")
        }
        guard kind != .directory else { throw UsageError("'--ssh \(id)': \(path) is a directory, not a socket or a key") }
        return kind
    }
}
