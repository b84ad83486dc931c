import Diagnostics

/// Reads in apt's and mmdebstrap's standard error why they failed. Both run in the C locale.
enum AptFailure {
    /// `lines`: what was said, the last line last. `names`: near package names are looked for among these.
    static func diagnose(program: String, exit: String, lines: [String], names: () -> [String]) -> BaseError {
        for line in lines {
            if let name = text(in: line, after: "Unable to locate package ") {
                return .unknownPackage(name, near: Suggested.name(for: name, among: names()))
            }
            if let name = text(in: line, after: "Package '")?.prefix(while: { $0 != "'" }),
                line.contains("has no installation candidate")
            {
                return .unknownPackage(String(name), near: Suggested.name(for: String(name), among: names()))
            }
            if line.contains("E: Version '") || line.contains("E: Release '"), line.contains("not found") {
                // E: Version '9' for 'bash' was not found
                let quoted = line.split(separator: "'", omittingEmptySubsequences: false)
                guard quoted.count > 3 else { continue }
                return .unknownVersion(quoted[3] + (line.contains("E: Version") ? "=" : "/") + quoted[1])
            }
        }
        if let line = lines.first(where: { $0.contains("No space left on device") || $0.contains("not enough free space") }) {
            return .diskFull(plain(line))
        }
        if let line = lines.first(where: { line in privilegeSigns.contains { line.contains($0) } }) {
            return .notRoot(plain(line))
        }
        if let line = lines.first(where: { line in trustSigns.contains { line.contains($0) } }) {
            return .untrusted(plain(line))
        }
        if let line = lines.first(where: { line in networkSigns.contains { line.contains($0) } }) {
            return .network(plain(line))
        }
        if lines.contains(where: { $0.contains("unmet dependencies") }) {
            let reasons = lines.filter { $0.contains("Depends:") || $0.contains("Conflicts:") || $0.contains("Breaks:") }
            return .unmetDependencies(reasons.prefix(5).map(plain).joined(separator: "; "))
        }
        return .failed(program: program, exit: exit, lastLines: lines.suffix(8).map(plain))
    }

    private static let networkSigns = [
        "Could not resolve", "Temporary failure resolving", "Could not connect", "Cannot initiate the connection",
        "Unable to connect", "Connection timed out", "Connection failed", "Failed to fetch", "Network is unreachable",
        "404  Not Found", "does not have a Release file", "Could not handshake", "Certificate verification failed",
    ]
    private static let trustSigns = [
        "NO_PUBKEY", "is not signed", "The following signatures", "EXPKEYSIG", "GPG error", "is expired", "is not valid yet",
    ]
    private static let privilegeSigns = [
        "newuidmap", "newgidmap", "/etc/subuid", "/etc/subgid", "cannot unshare", "have to be root",
        "unable to pick chroot mode",
        "needs to be executed by root", "Operation not permitted",
    ]

    /// Without the program's own marks.
    private static func plain(_ line: String) -> String {
        var text = line.drop(while: \.isWhitespace)
        for mark in ["E: ", "W: ", "Err: "] where text.hasPrefix(mark) { text = text.dropFirst(mark.count) }
        return String(text)
    }

    private static func text(in line: String, after mark: String) -> String? {
        guard let start = line.firstRange(of: mark)?.upperBound else { return nil }
        return String(line[start...])
    }
}

/// The package somebody meant.
enum Suggested {
    /// Tens of thousands of names are looked at, so those that cannot be near go by their length and first letter.
    static func name(for typed: String, among names: [String]) -> String? {
        let likely = names.filter { name in
            name.utf8.first == typed.utf8.first && abs(name.utf8.count - typed.utf8.count) <= 4
        }
        return Suggestion.nearest(to: typed, among: likely)
    }
}
