/// Linux signals by name or number.
enum Signal {
    static let names: Set<String> = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "IOT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
        "ALRM", "TERM", "STKFLT", "CHLD", "CLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ",
        "VTALRM", "PROF", "WINCH", "IO", "POLL", "PWR", "SYS",
    ]

    /// A name without `SIG`, in capitals.
    static func short(_ text: String) -> String {
        let name = text.uppercased()
        return name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
    }

    /// RTMIN and up to 15 above it, RTMAX and up to 14 below it.
    static func isValid(_ text: String) -> Bool {
        if let number = Int(text) { return (1...64).contains(number) }
        let name = short(text)
        if names.contains(name) || name == "RTMIN" || name == "RTMAX" { return true }
        if name.hasPrefix("RTMIN+") { return (1...15).contains(Int(name.dropFirst(6)) ?? 0) }
        if name.hasPrefix("RTMAX-") { return (1...14).contains(Int(name.dropFirst(6)) ?? 0) }
        return false
    }
}
