import Diagnostics
import Execution
import HostSystem

extension RunFailure {
    /// How it ended in words, where in the instruction when that can be told, and what to do when that is known.
    func diagnostic(at origin: SourceRange?) -> Diagnostic {
        var diagnostic = Diagnostic(.error, "run-failed", ending.message)
        let clue = OutputClue.find(in: lastOutput)
        if let origin {
            let place = FailingPart(origin: origin, failure: self, clue: clue).range ?? origin.firstLine
            diagnostic.primary = Diagnostic.Label(place, ending.label)
        }
        diagnostic.notes = ending.notes
        if let program { diagnostic.notes.append("\(program)") }
        if !lastOutput.isEmpty { diagnostic.notes.append("last output:\n" + lastOutput.joined(separator: "\n")) }
        diagnostic.help = program?.remedy ?? help(for: clue) ?? ending.help
        return diagnostic
    }

    private struct Ending {
        var message: String
        var label: String
        var notes: [String] = []
        var help: String?
    }

    private var ending: Ending {
        switch exit {
        case .exited(let code): return Ending(message: "RUN exited with code \(code)", label: "exit code \(code)", help: help(forCode: code))
        case .outOfMemory:
            return Ending(
                message: "RUN ran out of memory and was killed by the kernel", label: "out of memory", notes: memoryNotes,
                help: memoryLimitBytes == nil
                    ? "give the machine more memory or swap, or run fewer jobs at once (for example make -j2)"
                    : "raise --memory, or run fewer jobs at once (for example make -j2)")
        case .signaled(let signal): return ending(bySignal: signal)
        }
    }

    /// A shell says 128 and the signal when its command died of one, and a script may say the same number itself.
    private func ending(bySignal signal: Int32) -> Ending {
        let code = 128 + signal
        if saysItself(code) {
            return Ending(
                message: "RUN exited with code \(code)", label: "exit code \(code)",
                notes: ["the command itself says \"exit \(code)\": nothing was killed"])
        }
        let known = Self.signals[signal]
        let name = known.map { "SIG" + $0.name } ?? "signal \(signal)"
        var ending = Ending(
            message: "RUN was killed by \(name)" + (known.map { ": \($0.meaning)" } ?? ""),
            label: "exit code \(code) = 128 + \(signal)", help: known?.help)
        if signal == 9 {
            ending.notes = ["the kernel recorded no lack of memory in this step: something else sent SIGKILL"] + memoryNotes
        }
        return ending
    }

    private func saysItself(_ code: Int32) -> Bool {
        let words = command.split { " ;&|\n\t(){}".contains($0) }
        return words.indices.dropLast().contains { words[$0] == "exit" && words[$0 + 1] == "\(code)" }
    }

    private static let signals: [Int32: (name: String, meaning: String, help: String?)] = [
        1: ("HUP", "its terminal went away", nil),
        2: ("INT", "it was interrupted", nil),
        4: ("ILL", "an instruction this processor does not have", "the program was built for a newer processor: build it for a generic one"),
        6: ("ABRT", "the program gave up", "its last lines of output say why"),
        7: ("BUS", "it read memory that is not there", "a file it had mapped may have shrunk, or /dev/shm is full: try --shm-size"),
        8: ("FPE", "a division by zero", nil),
        9: ("KILL", "it was ended from outside", nil),
        11: ("SEGV", "the program crashed", "a library of another version or C library may be mixed in; \"jettison debug\" enters the file system"),
        13: ("PIPE", "whoever read its output went away", "in a pipe a later command ended first"),
        15: ("TERM", "it was asked to end", nil),
        24: ("XCPU", "its processor time is used up", nil),
        25: ("XFSZ", "a file grew larger than allowed", nil),
        31: ("SYS", "a system call that containers may not make", "the call is blocked by the seccomp filter: --security=insecure would allow it"),
    ]

    private var memoryNotes: [String] {
        var notes: [String] = []
        if let limit = memoryLimitBytes { notes.append("the step may use \(Self.size(limit)) (--memory)") }
        guard let memory else { return notes }
        var text = "the machine has \(Self.size(memory.total)) of memory, \(Self.size(memory.available)) of it free now"
        if let limit = memory.groupLimit, limit < memory.total { text += "; this process and its steps may use \(Self.size(limit)) of it" }
        return notes + [text]
    }

    private static func size(_ bytes: Int64) -> String {
        bytes >= 10 << 30 ? "\(bytes >> 30) GiB" : bytes >= 10 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
    }

    private func help(forCode code: Int32) -> String? {
        switch code {
        case 126: "the file was found but is not executable: check its mode (COPY --chmod=0755) and its architecture"
        case 127: "a command is not in the image at this point: install it in an earlier RUN, or start from a base that has it"
        case 100 where command.contains("apt"):
            "apt-get needs fresh lists: run \"apt-get update\" in the same RUN, before \"apt-get install\""
        default: nil
        }
    }

    private func help(for clue: OutputClue?) -> String? {
        switch clue {
        case .commandNotFound(let name) where exit == .exited(127):
            "\"\(name)\" is not in the image at this point: install it in an earlier RUN, or start from a base that has it"
        case .permissionDenied(let path):
            if exit == .exited(126) {
                path.map { "\"\($0)\" is not executable: COPY it with --chmod=0755, or chmod +x it in an earlier RUN" }
            } else if !user.isEmpty, user != "root", user != "0" {
                "the step runs as \"\(user)\": give it the files with COPY --chown=\(user), or do this before USER \(user)"
            } else { nil }
        case .network:
            hasNetwork
                ? "the host's name service or network did not answer: try the same name on the host, or add it with --add-host"
                : "this step has no network (--network=none): fetch it in an earlier step, or take --network=none away"
        case .noSpace: "make room on that file system, or put the store on another with --root"
        case .readOnly(let path):
            path.map { "\($0) cannot be written in this step: write elsewhere, or mount it with rw" }
                ?? "write to another directory, or mount this one with rw"
        case .aptLists(let name):
            (name.map { "apt does not know \"\($0)\" yet: " } ?? "the package lists are missing or too old: ")
                + "run \"apt-get update\" in the same RUN, before \"apt-get install\""
        case .apkPackage(let name):
            "apk knows no package \(name.map { "\"\($0)\"" } ?? "of that name") in its repositories: check the name, or run apk add --no-cache"
        case .execFormat: "the program is for another kind of machine, or a script without #!: build it for this platform"
        case .commandNotFound, .fileNotFound, nil: nil
        }
    }
}

/// The part of an instruction that failed, when the output tells.
struct FailingPart {
    let origin: SourceRange
    let failure: RunFailure
    let clue: OutputClue?

    var range: SourceRange? {
        if let line = heredocLine { return line }
        switch clue {
        case .commandNotFound(let name): return word(name)
        default: return speaker
        }
    }

    /// A heredoc is the script itself: its lines follow the instruction's first.
    private var heredocLine: SourceRange? {
        guard origin.firstLine.text.contains("<<"), origin.text.contains("\n"),
            let line = OutputClue.scriptLine(in: failure.lastOutput)
        else { return nil }
        let number = origin.line + line
        guard number < origin.end.line, let bytes = origin.file.bytesOfLine(number), !bytes.isEmpty else { return nil }
        return SourceRange(file: origin.file, bytes: bytes)
    }

    /// The command whose name begins the last line of output, when the instruction has it in one place only, and is
    /// longer than a line.
    private var speaker: SourceRange? {
        guard origin.text.contains("\n") || origin.text.contains("&&"), let line = failure.lastOutput.last,
            let colon = line.firstIndex(of: ":")
        else { return nil }
        let name = line[..<colon].split(separator: "/").last.map(String.init) ?? ""
        guard !name.contains(" "), name.count > 1, !["sh", "bash", "dash", "ash"].contains(name) else { return nil }
        return word(name)
    }

    /// Where a command of this name stands in the instruction; nil when it is not there, or more than once.
    private func word(_ name: String) -> SourceRange? {
        let text = Array(origin.text.utf8)
        let wanted = Array(name.utf8)
        guard !wanted.isEmpty, text.count > wanted.count else { return nil }
        var found: [Int] = []
        for start in 1...(text.count - wanted.count) where text[start] == wanted[0] {
            guard text[start..<start + wanted.count].elementsEqual(wanted), Self.isGap(text[start - 1]),
                start + wanted.count == text.count || Self.isGap(text[start + wanted.count])
            else { continue }
            guard isCommand(text, at: start) else { continue }
            found.append(start)
        }
        guard found.count == 1, let start = found.first else { return nil }
        let lower = origin.bytes.lowerBound + start
        return SourceRange(file: origin.file, bytes: lower..<lower + wanted.count)
    }

    private static func isGap(_ byte: UInt8) -> Bool { [32, 9, 10, 13, 38, 124, 59, 40, 41, 96].contains(byte) }

    /// The first word of a part of the line, behind variables and a few words that take a command.
    private func isCommand(_ text: [UInt8], at start: Int) -> Bool {
        let before = String(decoding: text[..<start], as: UTF8.self)
        let part = before.split(omittingEmptySubsequences: false) { "&|;(`\n".contains($0) }.last ?? ""
        let words = part.split { " \t\\".contains($0) }
        return words.allSatisfy { word in
            word.contains("=") || word.hasPrefix("-") || ["RUN", "run", "exec", "sudo", "env", "time", "then", "do", "if", "!", "else"].contains(word)
        }
    }
}
