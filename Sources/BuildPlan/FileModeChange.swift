/// What `--chmod` asks for: an octal mode, or changes of the mode a file has, as chmod(1) writes them (`u=rwX,go=rX`).
///
/// As BuildKit reads it, which is BSD's setmode(3) with an empty umask: no letter before the operator means all three
/// classes; `X` is `x` for directories and for files that anybody may execute already.
package struct FileModeChange: Hashable, Sendable, CustomStringConvertible {
    private enum Form: Hashable, Sendable {
        case absolute(UInt32)
        case symbolic([Action])
    }

    /// One operator with what follows it.
    struct Action: Hashable, Sendable {
        enum Operator: UInt8, Hashable, Sendable {
            case add = 43
            case remove = 45
            case set = 61
        }
        /// The bits it may touch: classes, set-id and sticky bits; 0 when nobody was named.
        var who: UInt32
        var operation: Operator
        /// `r`, `w`, `x`, `s`, `t`, in every class.
        var permissions: UInt32
        var executesWhereUseful: Bool
        /// Shifts of the classes whose permissions are copied: 6, 3, 0.
        var copied: [UInt32]
    }

    /// As written, expanded.
    package let description: String
    private let form: Form

    /// An octal mode.
    package init(_ mode: UInt32) {
        description = String(mode & 0o7777, radix: 8)
        form = .absolute(mode & 0o7777)
    }

    package init(parsing text: String) throws(FileModeProblem) {
        description = text
        let bytes = Array(text.utf8)
        if let first = bytes.first, (48...57).contains(first) {
            form = .absolute(try Self.octal(bytes))
        } else {
            var parser = FileModeParser(bytes: bytes)
            form = .symbolic(try parser.parse())
        }
    }

    private static func octal(_ bytes: [UInt8]) throws(FileModeProblem) -> UInt32 {
        var mode: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            guard (48...55).contains(byte) else {
                throw FileModeProblem(offset: index, reason: "an octal mode has the digits 0 to 7")
            }
            mode = mode * 8 + UInt32(byte - 48)
            guard mode <= 0o7777 else { throw FileModeProblem(offset: 0, reason: "a mode is at most 7777") }
        }
        return mode
    }

    /// The mode of a file that had `mode`.
    package func applied(to mode: UInt32, isDirectory: Bool) -> UInt32 {
        switch form {
        case .absolute(let absolute): return absolute
        case .symbolic(let actions):
            var result = mode & 0o7777
            let isUseful = isDirectory || mode & 0o111 != 0
            for action in actions { action.apply(to: &result, isUseful: isUseful) }
            return result
        }
    }

    /// What directories get that are made only to hold what is copied. BuildKit takes an octal mode for them too.
    package var forNewDirectories: UInt32 {
        if case .absolute(let mode) = form { mode } else { 0o755 }
    }
}

extension FileModeChange.Action {
    static let everybody: UInt32 = 0o6777

    func apply(to mode: inout UInt32, isUseful: Bool) {
        var bits = permissions
        if executesWhereUseful, isUseful { bits |= 0o111 }
        for shift in copied {
            let shared = mode >> shift & 7
            bits |= shared << 6 | shared << 3 | shared
        }
        // The sticky bit belongs to no class: only a `t` touches it.
        let touched = (who == 0 ? Self.everybody : who) | (permissions & 0o1000)
        bits &= touched
        switch operation {
        case .add: mode |= bits
        case .remove: mode &= ~bits
        case .set:
            // Copying a class says nothing of set-id bits.
            let cleared = permissions == 0 && !executesWhereUseful && !copied.isEmpty ? touched & 0o777 : touched
            mode = mode & ~cleared | bits
        }
    }
}

/// Why a mode cannot be read, and at which byte.
package struct FileModeProblem: Error, Hashable, Sendable {
    package var offset: Int
    package var reason: String
}

/// `clause[,clause…]`, each `[ugoa…]op[perms]…` with one or more operators.
private struct FileModeParser {
    let bytes: [UInt8]
    private var index = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func parse() throws(FileModeProblem) -> [FileModeChange.Action] {
        var actions: [FileModeChange.Action] = []
        repeat {
            let who = classes()
            repeat { actions.append(try action(who)) } while isOperator
            if index == bytes.count { return actions }
            guard bytes[index] == UInt8(ascii: ",") else { throw unexpected("r, w, x, X, s, t, u, g, o or a comma") }
            index += 1
        } while true
    }

    private var isOperator: Bool {
        index < bytes.count && FileModeChange.Action.Operator(rawValue: bytes[index]) != nil
    }

    private mutating func classes() -> UInt32 {
        var who: UInt32 = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "a"): who |= 0o6777
            case UInt8(ascii: "u"): who |= 0o4700
            case UInt8(ascii: "g"): who |= 0o2070
            case UInt8(ascii: "o"): who |= 0o0007
            default: return who
            }
            index += 1
        }
        return who
    }

    private mutating func action(_ who: UInt32) throws(FileModeProblem) -> FileModeChange.Action {
        guard index < bytes.count, let operation = FileModeChange.Action.Operator(rawValue: bytes[index]) else {
            throw unexpected(who == 0 ? "one of u, g, o and a, or +, - or =" : "+, - or =")
        }
        index += 1
        var action = FileModeChange.Action(
            who: who, operation: operation, permissions: 0, executesWhereUseful: false, copied: [])
        // Others alone have neither a set-id nor a sticky bit.
        let hasSpecial = who == 0 || who & ~0o007 != 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "r"): action.permissions |= 0o444
            case UInt8(ascii: "w"): action.permissions |= 0o222
            case UInt8(ascii: "x"): action.permissions |= 0o111
            case UInt8(ascii: "X"): action.executesWhereUseful = true
            case UInt8(ascii: "s"): if hasSpecial { action.permissions |= 0o6000 }
            case UInt8(ascii: "t"): if hasSpecial { action.permissions |= 0o1000 }
            case UInt8(ascii: "u"): action.copied.append(6)
            case UInt8(ascii: "g"): action.copied.append(3)
            case UInt8(ascii: "o"): action.copied.append(0)
            default: return action
            }
            index += 1
        }
        return action
    }

    private func unexpected(_ wanted: String) -> FileModeProblem {
        FileModeProblem(offset: min(index, bytes.count), reason: "here \(wanted) is expected")
    }
}
