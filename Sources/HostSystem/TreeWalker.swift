import CHost
import Glibc
import SystemPackage

/// One walk: the buffers that all its directories share.
struct TreeWalker {
    /// Deeper trees are refused: every level costs a descriptor and some stack.
    static let deepest = 4000

    private let root: FilePath
    private let sorted: Bool
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    /// The path of the entry being visited, zero-terminated.
    private var path: [CChar] = []
    /// The names of all directories on the way down, one after the other, each zero-terminated.
    private var names: [CChar] = []

    init(root: FilePath, sorted: Bool, prefix: FilePath?) {
        self.root = root
        self.sorted = sorted
        if let prefix, !prefix.namesTheRoot {
            prefix.withPlatformString { path.append(contentsOf: UnsafeBufferPointer(start: $0, count: strlen($0))) }
            path.append(47)
        }
    }

    /// Takes over `descriptor`.
    mutating func walk(
        _ descriptor: Int32, depth: Int, _ visitor: (TreeWalk.Entry) throws -> TreeWalk.Decision
    ) throws {
        defer { _ = chost_close(descriptor) }
        guard depth <= Self.deepest else {
            throw SystemError("list the directory", path: message, code: .fileNameTooLong, detail: "nested too deeply")
        }
        let namesStart = names.count
        let pathStart = path.count
        defer {
            names.removeSubrange(namesStart...)
            path.removeSubrange(pathStart...)
        }
        for offset in try list(descriptor) {
            names.withUnsafeBufferPointer { all in
                guard let name = all.baseAddress.map({ $0 + offset }) else { return }
                path.removeSubrange(pathStart...)
                path.append(contentsOf: UnsafeBufferPointer(start: name, count: strlen(name) + 1))
            }
            guard let kind = try visit(descriptor, pathStart, depth, visitor), kind == .directory else { continue }
            let opened = path.withUnsafeBufferPointer { text -> Int64 in
                guard let base = text.baseAddress else { return 0 }
                return chost_openat(descriptor, base + pathStart, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0)
            }
            if opened == -Int64(ENOENT) || opened == -Int64(ENOTDIR) { continue }
            try check(opened, "list the directory", message)
            path[path.count - 1] = 47
            try walk(Int32(truncatingIfNeeded: opened), depth: depth + 1, visitor)
        }
    }

    /// The kind when the visitor wants to descend; nil when not, or when the file is gone.
    private func visit(
        _ descriptor: Int32, _ nameOffset: Int, _ depth: Int,
        _ visitor: (TreeWalk.Entry) throws -> TreeWalk.Decision
    ) throws -> FileMetadata.Kind? {
        try path.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress else { return nil }
            var raw = chost_metadata()
            let result = chost_metadata_at(descriptor, base + nameOffset, false, &raw)
            if result == -Int64(ENOENT) { return nil }
            try check(result, "look at", message)
            let metadata = FileMetadata(raw)
            let entry = TreeWalk.Entry(
                parentDescriptor: descriptor, text: base, nameOffset: nameOffset, length: text.count - 1,
                depth: depth, metadata: metadata)
            return try visitor(entry) == .descend ? metadata.kind : nil
        }
    }

    /// Appends the names of a directory to `names`; returns where each begins.
    private mutating func list(_ descriptor: Int32) throws -> [Int] {
        var offsets: [Int] = []
        while true {
            let count = try check(
                chost_getdents(descriptor, buffer.baseAddress, buffer.count), "list the directory", message)
            if count == 0 { break }
            var records = DirectoryRecords(UnsafeRawBufferPointer(rebasing: buffer[0..<Int(count)]))
            while let (name, _) = records.next() {
                offsets.append(names.count)
                names.append(contentsOf: UnsafeBufferPointer(start: name, count: strlen(name) + 1))
            }
        }
        if sorted {
            names.withUnsafeBufferPointer { all in
                guard let base = all.baseAddress else { return }
                offsets.sort { strcmp(base + $0, base + $1) < 0 }
            }
        }
        return offsets
    }

    private var message: String {
        root.pushing(FilePath(platformString: path + [0])).string
    }
}
