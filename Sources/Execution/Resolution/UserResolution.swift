package import HostSystem
import SystemPackage

/// Who a process runs as, by the files of the root itself.
package struct ResolvedUser: Sendable, Hashable {
    package var uid: UInt32
    package var gid: UInt32
    package var supplementaryGroups: [UInt32]
    /// Where `HOME` points when the environment does not say.
    package var home: String
}

/// Reads `name`, `name:group`, `uid` and `uid:gid` as docker does: a name of /etc/passwd or a number; without a group,
/// the user's own one and all that list the user; with one, that one alone.
package enum UserResolution {
    private struct User {
        var name: String
        var uid: UInt32
        var gid: UInt32
        var home: String
    }
    private struct Group {
        var name: String
        var gid: UInt32
        var members: [Substring]
    }

    package static func resolve(_ text: String, in root: Directory) throws -> ResolvedUser {
        let users = try lines(of: "etc/passwd", in: root).compactMap(user)
        let groups = try lines(of: "etc/group", in: root).compactMap(group)
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let userText = parts.first ?? ""
        let groupText = parts.count > 1 ? parts[1] : ""

        let number = userText.isEmpty ? 0 : identifier(userText)
        // A name may look like a number: the file comes first.
        let found =
            (userText.isEmpty ? nil : users.first { $0.name == userText })
            ?? number.flatMap { number in users.first { $0.uid == number } }
        guard let uid = found?.uid ?? number else {
            throw RuntimeError.userNotFound(
                name: userText, suggestions: NearNames.of(userText, among: users.map(\.name)))
        }
        var resolved = ResolvedUser(
            uid: uid, gid: found?.gid ?? 0, supplementaryGroups: [], home: found?.home ?? "")
        if resolved.home.isEmpty { resolved.home = "/" }
        if groupText.isEmpty {
            if let name = found?.name {
                let named = groups.filter { $0.members.contains(Substring(name)) }.map(\.gid)
                resolved.supplementaryGroups = Array(Set(named)).sorted()
            }
        } else if let gid = groups.first(where: { $0.name == groupText })?.gid ?? identifier(groupText) {
            resolved.gid = gid
        } else {
            throw RuntimeError.groupNotFound(
                name: groupText, suggestions: NearNames.of(groupText, among: groups.map(\.name)))
        }
        return resolved
    }

    /// docker takes no more than 31 bits.
    private static func identifier(_ text: String) -> UInt32? {
        guard let value = Int32(text), value >= 0, text.utf8.first != UInt8(ascii: "+") else { return nil }
        return UInt32(value)
    }

    /// None when the file is missing: a number needs none.
    private static func lines(of path: FilePath, in root: Directory) throws -> [Substring] {
        do {
            let bytes = try root.readFile(at: path, limit: 16 << 20)
            // Split as bytes: to a String a carriage return and a newline are one character.
            return bytes.split(separator: 10).map { String(decoding: $0, as: UTF8.self)[...] }
                .filter { !$0.hasPrefix("#") }
        } catch {
            guard error.code == .noSuchFileOrDirectory || error.code == .notDirectory else { throw error }
            return []
        }
    }

    // passwd(5): name:password:uid:gid:comment:home:shell
    private static func user(_ line: Substring) -> User? {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 4, let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else { return nil }
        return User(name: String(fields[0]), uid: uid, gid: gid, home: fields.count > 5 ? String(fields[5]) : "")
    }

    // group(5): name:password:gid:member,member
    private static func group(_ line: Substring) -> Group? {
        let fields = line.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count >= 3, let gid = UInt32(fields[2]) else { return nil }
        return Group(
            name: String(fields[0]), gid: gid, members: fields.count > 3 ? fields[3].split(separator: ",") : [])
    }
}

/// What somebody may have meant.
enum NearNames {
    /// At most three, nearest first; a third of the letters may differ.
    static func of(_ name: String, among names: [String]) -> [String] {
        let limit = max(1, name.utf8.count / 3)
        let near = names.map { ($0, distance(Array(name.utf8), Array($0.utf8))) }.filter { $0.1 <= limit }
        return near.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
    }

    /// Levenshtein's.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        // Nobody mistypes a name of this length, and the time grows with the square.
        guard left.count <= 64, right.count <= 64 else { return Int.max }
        var row = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, b) in right.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a == b ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
