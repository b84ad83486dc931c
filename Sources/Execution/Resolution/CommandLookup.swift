package import HostSystem
package import SystemPackage

/// Why a program in a root cannot be executed, found by looking at it. The runtimes' own messages differ between them
/// and between versions; the root does not.
struct CommandLookup {
    let root: Directory
    /// As uname(2) has it.
    let machine: String

    /// nil when nothing about it is wrong.
    func problem(with process: ContainerProcess) -> RuntimeError? {
        guard let name = process.arguments.first, !name.isEmpty else {
            return .commandNotFound(path: process.arguments.first ?? "")
        }
        guard let path = find(name, process) else { return notFound(name) }
        return problem(at: path, called: name, depth: 0)
    }

    private func notFound(_ name: String) -> RuntimeError {
        let shells = ["/bin/sh", "/bin/bash", "/bin/ash", "/bin/dash", "sh", "bash", "cmd", "powershell"]
        return shells.contains(name) ? .noShell(path: name) : .commandNotFound(path: name)
    }

    /// By the rules of execvp(3), inside the root.
    private func find(_ name: String, _ process: ContainerProcess) -> FilePath? {
        let directory = FilePath(process.workingDirectory)
        if name.contains("/") {
            let path = name.hasPrefix("/") ? FilePath(name) : directory.pushing(FilePath(name))
            return root.exists(path, followLast: true) ? path : nil
        }
        let search = process.environment.last { $0.hasPrefix("PATH=") }?.dropFirst(5) ?? ContainerDefaults.path[...]
        let places = search.split(separator: ":", omittingEmptySubsequences: false).map {
            $0.isEmpty ? directory.appending(name) : directory.pushing(FilePath(String($0))).appending(name)
        }
        let found = places.filter { root.exists($0, followLast: true) }
        return found.first(where: isExecutableFile) ?? found.first
    }

    private func isExecutableFile(_ path: FilePath) -> Bool {
        guard let metadata = try? root.metadata(at: path, followLast: true) else { return false }
        return metadata.kind == .file && metadata.mode & 0o111 != 0
    }

    private func problem(at path: FilePath, called name: String, depth: Int) -> RuntimeError? {
        guard isExecutableFile(path) else { return .notExecutable(path: name) }
        guard let head = try? root.openFile(at: path).readHead(4096) else { return nil }
        if head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { return problem(of: ProgramHeader(head), called: name) }
        guard head.starts(with: [0x23, 0x21]) else { return .unknownFormat(path: name) }
        let line = head.dropFirst(2).prefix { $0 != 10 }
        let words = line.split(whereSeparator: { $0 == 32 || $0 == 9 })
        guard let first = words.first else { return .unknownFormat(path: name) }
        let interpreter = String(decoding: first, as: UTF8.self)
        guard root.exists(FilePath(interpreter), followLast: true) else {
            return .interpreterNotFound(path: name, interpreter: interpreter.replacing("\r", with: "\\r"))
        }
        return depth < 4 ? problem(at: FilePath(interpreter), called: interpreter, depth: depth + 1) : nil
    }

    private func problem(of header: ProgramHeader?, called name: String) -> RuntimeError? {
        guard let header else { return .unknownFormat(path: name) }
        if !header.runs(on: machine) {
            return .wrongArchitecture(path: name, program: header.machine, machine: machine)
        }
        if let linker = header.interpreter, !root.exists(FilePath(linker), followLast: true) {
            return .interpreterNotFound(path: name, interpreter: linker)
        }
        return nil
    }
}

/// What is wrong with a program that is in a root and still cannot be run.
package enum ProgramProblem {
    /// nil when it is not there, or when nothing is wrong with it.
    package static func of(_ process: ContainerProcess, in root: Directory) -> RuntimeError? {
        switch CommandLookup(root: root, machine: HostFacts.kernel.machine).problem(with: process) {
        case .commandNotFound, .noShell, nil: nil
        case .some(let problem): problem
        }
    }

    /// Whether it is there and nothing is seen that would keep it from starting.
    package static func canStart(_ process: ContainerProcess, in root: Directory) -> Bool {
        CommandLookup(root: root, machine: HostFacts.kernel.machine).problem(with: process) == nil
    }
}

/// A program that needs nothing but the kernel: runs in every root.
package enum StaticProgram {
    package static func isStatic(_ path: FilePath) -> Bool {
        guard let head = try? File(opening: path).readHead(4096), let header = ProgramHeader(head) else { return false }
        return header.interpreter == nil && header.runs(on: HostFacts.kernel.machine)
    }
}

extension File {
    fileprivate func readHead(_ size: Int) throws -> [UInt8] {
        guard try metadata().kind == .file else { return [] }
        var bytes = [UInt8](repeating: 0, count: size)
        let count = try bytes.withUnsafeMutableBytes { try read(into: $0, at: 0) }
        return Array(bytes.prefix(count))
    }
}

/// What the first page of an ELF file says (elf(5)).
struct ProgramHeader {
    /// As uname(2) names it, or `machine N`.
    var machine: String
    /// The dynamic linker that it asks for.
    var interpreter: String?

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 64 else { return nil }
        let is64 = bytes[4] == 2
        let isLittle = bytes[5] == 1
        func number(_ offset: Int, _ size: Int) -> Int? {
            guard offset >= 0, offset <= bytes.count - size else { return nil }
            let part = bytes[offset..<offset + size]
            let value = (isLittle ? part.reversed() : Array(part)).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return Int(exactly: value)
        }
        guard let code = number(18, 2) else { return nil }
        machine = Self.name(of: code, isLittle: isLittle, is64: is64)
        guard let table = number(is64 ? 32 : 28, is64 ? 8 : 4), let size = number(is64 ? 54 : 42, 2),
            let count = number(is64 ? 56 : 44, 2), table < bytes.count, size > 0
        else { return }
        for index in 0..<count {
            let entry = table + index * size
            guard let type = number(entry, 4), type == 3 else { continue }  // PT_INTERP
            guard let start = number(entry + (is64 ? 8 : 4), is64 ? 8 : 4),
                let length = number(entry + (is64 ? 32 : 16), is64 ? 8 : 4),
                length > 0, length < 4096, start <= bytes.count - length
            else { return }
            interpreter = String(decoding: bytes[start..<start + length].prefix { $0 != 0 }, as: UTF8.self)
            return
        }
    }

    private static func name(of code: Int, isLittle: Bool, is64: Bool) -> String {
        switch code {
        case 62: is64 ? "x86_64" : "x32"
        case 3: "i386"
        case 183: "aarch64"
        case 40: "arm"
        case 243: is64 ? "riscv64" : "riscv32"
        case 21: isLittle ? "ppc64le" : "ppc64"
        case 22: is64 ? "s390x" : "s390"
        case 8: is64 ? "mips64" : "mips"
        case 258: "loongarch64"
        default: "machine \(code)"
        }
    }

    /// An emulator may run the others; then the program would not have failed.
    func runs(on host: String) -> Bool {
        switch host {
        case "x86_64": ["x86_64", "x32", "i386"].contains(machine)
        case "aarch64": ["aarch64", "arm"].contains(machine)
        default: machine == host
        }
    }
}
