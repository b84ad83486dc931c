import Execution
import HostSystem

/// Who owns what COPY writes, by the names of the image.
enum CopyOwner {
    /// `user[:group]`. A number is an id whatever names the image has, and alone it stands for user and group alike; a
    /// name alone brings the user's own group. `root` is 0 without a look, and so is an empty group.
    static func resolve(_ text: String, in root: Directory) throws -> FileOwner {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let user = parts.first ?? ""
        let group = parts.count > 1 ? parts[1] : nil
        let owner: FileOwner
        if let id = identifier(user) {
            owner = FileOwner(uid: id, gid: id)
        } else {
            owner = try explained { try named(user, in: root) }
        }
        guard let group else { return owner }
        if let id = group.isEmpty ? 0 : identifier(group) { return FileOwner(uid: owner.uid, gid: id) }
        return FileOwner(uid: owner.uid, gid: try explained { try UserResolution.resolve("0:" + group, in: root).gid })
    }

    private static func explained<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as RuntimeError {
            switch error {
            case .userNotFound(let name, let near):
                throw UnknownOwner(name: name, kind: "user", file: "/etc/passwd", suggestions: near)
            case .groupNotFound(let name, let near):
                throw UnknownOwner(name: name, kind: "group", file: "/etc/group", suggestions: near)
            default: throw error
            }
        }
    }

    /// As the image's passwd and group have it: the owner of what that user would make.
    static func named(_ text: String, in root: Directory) throws -> FileOwner {
        let user = try UserResolution.resolve(text, in: root)
        return FileOwner(uid: user.uid, gid: user.gid)
    }

    private static func identifier(_ text: String) -> UInt32? {
        if text == "root" { return 0 }
        // 31 bits, as docker takes them.
        guard let value = Int32(text), value >= 0, text.utf8.first != UInt8(ascii: "+") else { return nil }
        return UInt32(value)
    }
}
