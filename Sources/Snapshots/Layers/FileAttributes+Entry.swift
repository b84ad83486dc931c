import Archives

extension FileAttributes {
    init(_ entry: TarEntry) {
        self.init(
            mode: entry.mode & 0o7777, uid: entry.uid, gid: entry.gid, modified: entry.modified,
            extended: entry.extendedAttributes.filter { Self.travels($0.key) })
    }
}
