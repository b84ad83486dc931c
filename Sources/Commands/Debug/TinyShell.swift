import HostSystem
import SystemPackage

/// A shell for file systems that have none, when the host has no static busybox either: looks around, and starts
/// programs. Runs inside the container, from this program's own files.
struct TinyShell {
    private var directory = FilePath("/")
    private let environment: [String: String]
    private var status: Int32 = 0

    init(environment: [String: String]) {
        self.environment = environment
        directory = FilePath(ProcessEnvironment.currentDirectory)
    }

    /// With arguments: one command. Without: what standard input says, until its end.
    static func run(_ arguments: [String], environment: [String: String]) -> Int32 {
        var shell = TinyShell(environment: environment)
        if arguments.first == "-c" {
            shell.perform(Array(arguments.dropFirst()))
            return shell.status
        }
        let isInteractive = HostFacts.isTerminal(0)
        if isInteractive { shell.say("a small shell: cd ls cat stat env echo pwd help exit, and programs of this file system") }
        while true {
            if isInteractive { try? StandardStream.error.write("\(shell.directory) # ") }
            guard let line = readLine() else { return shell.status }
            guard let words = split(line, shell.environment) else {
                shell.fail("a quote is not closed")
                continue
            }
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            if first == "exit" { return words.count > 1 ? Int32(words[1]) ?? 2 : shell.status }
            shell.perform(words)
        }
    }

    /// Words, with quotes and `$NAME`. nil when a quote is not closed.
    static func split(_ line: String, _ environment: [String: String]) -> [String]? {
        var words: [String] = []
        var word: String?
        var quote: Character?
        var rest = Array(line)[...]
        while let character = rest.popFirst() {
            switch character {
            case "'", "\"":
                if quote == nil { quote = character; word = word ?? "" }
                else if quote == character { quote = nil }
                else { word = (word ?? "") + String(character) }
            case "\\" where quote != "'":
                if let next = rest.popFirst() { word = (word ?? "") + String(next) }
            case "$" where quote != "'":
                let name = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                rest = rest.dropFirst(name.count)
                word = (word ?? "") + (name.isEmpty ? "$" : environment[String(name)] ?? "")
            case " ", "\t":
                if quote != nil { word = (word ?? "") + String(character) }
                else if let done = word { words.append(done); word = nil }
            default: word = (word ?? "") + String(character)
            }
        }
        guard quote == nil else { return nil }
        if let word { words.append(word) }
        return words
    }

    private mutating func perform(_ words: [String]) {
        status = 0
        let arguments = Array(words.dropFirst())
        do {
            switch words.first {
            case nil: break
            case "cd": try change(to: arguments.first ?? environment["HOME"] ?? "/")
            case "pwd": say("\(directory)")
            case "echo": say(arguments.joined(separator: " "))
            case "env": for (name, value) in environment.sorted(by: { $0.key < $1.key }) { say("\(name)=\(value)") }
            case "help": say("cd DIR, ls [DIR…], cat FILE…, stat PATH…, env, echo, pwd, exit [CODE], or a program and its arguments")
            case "ls" where !isProgram("ls"): try list(arguments.filter { !$0.hasPrefix("-") })
            case "cat" where !isProgram("cat"): for path in arguments { try show(path) }
            case "stat" where !isProgram("stat"): for path in arguments { try describe(path) }
            default: try start(words)
            }
        } catch { fail("\(words.first ?? ""): \(error)") }
    }

    private mutating func fail(_ message: String) {
        status = 1
        try? StandardStream.error.line(message)
    }

    private func say(_ text: String) { try? StandardStream.output.line(text) }

    private func absolute(_ path: String) -> FilePath {
        directory.pushing(FilePath(path)).lexicallyNormalized()
    }

    private mutating func change(to path: String) throws {
        let target = absolute(path)
        _ = try Directory(opening: target)
        directory = target
    }

    private func list(_ paths: [String]) throws {
        for path in paths.isEmpty ? ["."] : paths {
            let place = absolute(path)
            guard try FileMetadata(at: place).kind == .directory else {
                say(path)
                continue
            }
            if paths.count > 1 { say("\(path):") }
            let opened = try Directory(opening: place)
            for entry in try opened.entries().sorted(by: { $0.name.string < $1.name.string }) {
                let name = FilePath(root: nil, [entry.name])
                let metadata = try opened.metadata(at: name)
                let target = metadata.kind == .symlink ? " -> \((try? opened.symlinkTarget(at: name))?.string ?? "?")" : ""
                say(Self.line(metadata) + " " + OutputLines.clean(entry.name.string) + target)
            }
        }
    }

    private static func line(_ metadata: FileMetadata) -> String {
        let kind =
            switch metadata.kind {
            case .file: "-"
            case .directory: "d"
            case .symlink: "l"
            case .characterDevice: "c"
            case .blockDevice: "b"
            case .fifo: "p"
            case .socket: "s"
            }
        let bits = [0o400, 0o200, 0o100, 0o40, 0o20, 0o10, 0o4, 0o2, 0o1]
        let letters = Array("rwxrwxrwx")
        let mode = zip(bits, letters).map { metadata.mode & UInt32($0) != 0 ? String($1) : "-" }.joined()
        return "\(kind)\(mode) \(metadata.uid):\(metadata.gid) \(TextWidth.right("\(metadata.size)", 10))"
    }

    private func show(_ path: String) throws {
        let file = try File(opening: absolute(path))
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while case let count = try file.read(into: buffer), count > 0 {
            try StandardStream.output.write(String(decoding: buffer[..<count], as: UTF8.self))
        }
    }

    private func describe(_ path: String) throws {
        let metadata = try FileMetadata(at: absolute(path), followLast: false)
        say("\(path): \(metadata.kind), \(metadata.size) bytes, mode \(String(metadata.mode, radix: 8)), owner \(metadata.uid):\(metadata.gid), \(metadata.links) links, inode \(metadata.inode)")
    }

    private func isProgram(_ name: String) -> Bool { HostFacts.program(name, searchPath: environment["PATH"] ?? "") != nil }

    private mutating func start(_ words: [String]) throws {
        let name = words[0]
        let path = name.contains("/") ? absolute(name) : HostFacts.program(name, searchPath: environment["PATH"] ?? "")
        guard let path, HostFacts.isExecutable(path) else {
            fail("\(name): not found")
            status = 127
            return
        }
        let command = ContainerSpawn(
            path, arguments: words, environment: environment.map { "\($0.key)=\($0.value)" }, workingDirectory: directory,
            streams: .inherited(ownGroup: false))
        switch try Spawner(in: nil).run(command, cancellation: SpawnCancellation(), output: { _, _ in }) {
        case .exited(let code): status = code
        case .signaled(let signal): status = 128 + signal
        }
    }
}
