/// Why a container did not run. A process that ran and failed is a `ProcessExit`, not an error.
package enum RuntimeError: Error, Sendable, Hashable {
    /// Neither crun nor runc is in the search path.
    case notInstalled(searched: [String])
    /// A runtime is there and none starts; one sentence for each.
    case doesNotStart([String])
    /// The root's /etc/passwd has no such name.
    case userNotFound(name: String, suggestions: [String])
    /// The root's /etc/group has no such name.
    case groupNotFound(name: String, suggestions: [String])
    /// Not in the root, or not in the directories of its PATH.
    case commandNotFound(path: String)
    /// A shell-form command, and the root has no shell: `FROM scratch`, a distroless image.
    case noShell(path: String)
    /// There, without permission to execute it, or a directory.
    case notExecutable(path: String)
    /// A program for another kind of machine. Names as the kernel has them: `aarch64`.
    case wrongArchitecture(path: String, program: String, machine: String)
    /// Neither a program nor a script with a `#!` line.
    case unknownFormat(path: String)
    /// A program whose dynamic linker, or a script whose interpreter, is not in the root.
    case interpreterNotFound(path: String, interpreter: String)
    /// A directory of the root where the process is to start.
    case workingDirectory(path: String)
    /// `addInit`, and the host has no such program.
    case noInit(searched: [String])
    /// The source of a bind mount.
    case mountSourceNotFound(path: String)
    /// A mount of the process that cannot be made.
    case badMount(target: String, reason: String)
    /// `extraHosts`.
    case badHost(String)
    /// Memory cannot be limited on this host.
    case noMemoryLimit
    /// Anything else, in the words of the runtime.
    case failed(runtime: String, message: String)
}

extension RuntimeError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notInstalled(let searched): "no OCI runtime is installed: neither crun nor runc is in \(list(searched))"
        case .doesNotStart(let reasons): "no OCI runtime starts here: " + reasons.joined(separator: "; ")
        case .userNotFound(let name, _): "there is no user \"\(name)\" in the image's /etc/passwd"
        case .groupNotFound(let name, _): "there is no group \"\(name)\" in the image's /etc/group"
        case .commandNotFound(let path): "command not found in the image: \(path)"
        case .noShell(let path): "the image has no shell: \(path) is not there"
        case .notExecutable(let path): "not executable: \(path)"
        case .wrongArchitecture(let path, let program, let machine):
            "\(path) is a program for \(program), and this machine is \(machine)"
        case .unknownFormat(let path): "\(path) is neither a program nor a script that begins with #!"
        case .interpreterNotFound(let path, let interpreter):
            "\(path) needs \(interpreter), which is not in the image"
        case .workingDirectory(let path): "cannot start in \(path): it is no directory, or the user may not enter it"
        case .noInit(let searched): "no init program is installed: none of \(list(searched)) exists"
        case .mountSourceNotFound(let path): "there is no \(path) to mount"
        case .badMount(let target, let reason): "cannot mount at \(target): \(reason)"
        case .badHost(let text): "\"\(text)\" is no HOST:IP"
        case .noMemoryLimit: "memory cannot be limited here: there is no writable memory control group"
        case .failed(let runtime, let message): "\(runtime) cannot start the container: \(message)"
        }
    }

    /// What to do about it, if that is known.
    package var remedy: String? {
        switch self {
        case .notInstalled: "install one: apt-get install crun"
        case .doesNotStart: "\"jettison doctor\" says what is missing; another runtime may do: apt-get install runc"
        case .userNotFound(_, let suggestions), .groupNotFound(_, let suggestions):
            suggestions.isEmpty
                ? "add it in an earlier step (useradd, addgroup), or give a number"
                : "did you mean " + suggestions.map { "\"\($0)\"" }.joined(separator: " or ") + "?"
        case .commandNotFound: "install it in an earlier step, or give its whole path"
        case .noShell: "use the exec form (RUN [\"/program\", \"argument\"]), or a base image with a shell"
        case .notExecutable: "make it executable: chmod +x, or COPY --chmod=755"
        case .wrongArchitecture(_, let program, _):
            "build for this machine's platform, or install an emulator for \(program): apt-get install qemu-user-static"
        case .unknownFormat: "begin the script with its interpreter, such as #!/bin/sh"
        case .interpreterNotFound(_, let interpreter):
            interpreter.contains("ld-")
                ? "link the program statically, or use a base image with its C library"
                : "install the interpreter, or correct the script's first line (is there a carriage return at its end?)"
        case .noInit: "install one: apt-get install tini"
        case .badHost: "write it as name:address"
        case .noMemoryLimit: "\"jettison doctor\" says which control groups there are"
        case .badMount(_, let reason) where reason.contains("read-only mount"):
            "make the directory in what is mounted there, mount that with rw, or choose another target"
        case .workingDirectory, .mountSourceNotFound, .badMount, .failed: nil
        }
    }

    private func list(_ words: [String]) -> String {
        words.isEmpty ? "an empty list" : words.joined(separator: ", ")
    }
}
