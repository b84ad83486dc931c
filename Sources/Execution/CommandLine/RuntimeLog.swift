import FoundationEssentials
import HostSystem
import SystemPackage

/// What a runtime wrote into its log (`--log-format=json`): one object a line, with `level` and `msg`.
struct RuntimeLog {
    var errors: [String]

    private struct Line: Decodable {
        var level: String?
        var msg: String?
    }

    init(_ bytes: [UInt8]) {
        errors = bytes.split(separator: 10).compactMap { line in
            guard let parsed = try? JSONDecoder().decode(Line.self, from: Data(line)) else {
                return String(decoding: line, as: UTF8.self)
            }
            guard let message = parsed.msg, parsed.level.map({ ["error", "fatal"].contains($0) }) ?? true else {
                return nil
            }
            return message
        }
    }

    /// One sentence, of whatever a runtime said.
    var message: String? { errors.isEmpty ? nil : errors.joined(separator: "; ") }

    /// What the runtimes' words mean, for what looking at the root did not explain (`CommandLookup`).
    static func meaning(of message: String, process: ContainerProcess) -> RuntimeError? {
        let command = process.arguments.first ?? ""
        let text = message.lowercased()
        func says(_ words: String...) -> Bool { words.contains(where: text.contains) }
        if says("executable file not found", "executable file `\(command.lowercased())` not found") {
            return .commandNotFound(path: command)
        }
        if says("chdir", "cwd") { return .workingDirectory(path: process.workingDirectory) }
        guard says("exec", "open `\(command.lowercased())`") else { return nil }
        if says("exec format error") { return .unknownFormat(path: command) }
        if says("permission denied") { return .notExecutable(path: command) }
        if says("no such file or directory") { return .commandNotFound(path: command) }
        return nil
    }
}
