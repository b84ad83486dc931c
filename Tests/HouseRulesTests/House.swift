import HostSystem
import SystemPackage

/// The checkout these tests stand in, read as text.
enum House {
    static let root: FilePath = {
        var path = FilePath(#filePath)
        for _ in 0..<3 { path.removeLastComponent() }
        return path
    }()

    struct Source {
        var room: String
        /// From the checkout: `Sources/OCI/Digest.swift`.
        var path: String
        var text: String
        var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    }

    static func text(_ path: String) throws -> String {
        String(decoding: try Directory(opening: root).readFile(at: FilePath(path)), as: UTF8.self)
    }

    static func sources() throws -> [Source] {
        var found: [Source] = []
        let directory = try Directory(opening: root.appending("Sources"))
        try TreeWalk.visit(directory, sorted: true) { entry in
            let path = entry.path.string
            guard path.hasSuffix(".swift") else { return .descend }
            let room = String(path.prefix { $0 != "/" })
            found.append(Source(room: room, path: "Sources/" + path, text: try text("Sources/" + path)))
            return .descend
        }
        return found
    }

    /// The rooms of Package.swift with what each may import, by level.
    static func rooms() throws -> [(name: String, level: Int, arrows: [String])] {
        var rooms: [(String, Int, [String])] = []
        var level = -1
        var collected = ""
        for line in try text("Package.swift").split(separator: "\n") {
            let trimmed = line.drop { $0 == " " }
            if trimmed.hasPrefix("// L"), let digit = trimmed.dropFirst(4).first?.wholeNumberValue { level = digit }
            if trimmed.hasPrefix("// Shims") { break }
            if trimmed.hasPrefix("room(") || !collected.isEmpty { collected += trimmed }
            guard !collected.isEmpty, collected.filter({ $0 == "(" }).count == collected.filter({ $0 == ")" }).count
            else { continue }
            let names = collected.split(separator: "\"").enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
            if let name = names.first { rooms.append((name, level, Array(names.dropFirst()))) }
            collected = ""
        }
        return rooms.map { (name: $0.0, level: $0.1, arrows: $0.2) }
    }
}
