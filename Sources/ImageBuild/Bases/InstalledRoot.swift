import Archives
import SystemPackage

/// A root that mmdebstrap installed, on its way from mmdebstrap's tar into a layer.
struct InstalledRoot: Sendable {
    var sources: AptSources
    var keepsDocumentation: Bool
    /// Seconds since 1970 that no time exceeds; also the day in `/etc/shadow`.
    var newest: Int64
    /// Keys that the sources name, as the host has them; used when no package brings them.
    var keyrings: [String: [UInt8]]

    /// What was seen on the way.
    struct Facts: Sendable {
        var packages: [InstalledPackage] = []
        var release = OSRelease("")
        var debianVersion = ""
        /// 0 when the archive was empty: mmdebstrap failed before it wrote anything.
        var entries = 0
    }

    func copy<Source: ByteReader, Sink: EntrySink>(
        _ tar: inout TarReader<Source>, to writer: inout RootWriter<Sink>
    ) throws -> Facts {
        var facts = Facts()
        while var entry = try tar.next() {
            facts.entries += 1
            guard let path = try EntryPath.normalized(entry.path) else { continue }
            entry.path = path
            if case .hardLink(let target) = entry.kind, let inner = try EntryPath.normalized(target) { entry.kind = .hardLink(inner) }
            let name = path.string
            switch RootNormalizer.verdict(on: name, isDirectory: entry.kind == .directory) {
            case .drop: continue
            case .empty where entry.kind == .file: try writer.add(entry, content: [])
            case .shadow where entry.kind == .file:
                let text = String(decoding: try tar.content(of: entry, limit: 1 << 20), as: UTF8.self)
                try writer.add(entry, content: Array(RootNormalizer.shadow(text, day: newest / 86400).utf8))
            case .keep where entry.kind == .file && Self.noted.contains(name):
                let content = try tar.content(of: entry, limit: 64 << 20)
                facts.note(name, String(decoding: content, as: UTF8.self))
                try writer.add(entry, content: content)
            default: try writer.copy(entry, from: &tar)
            }
        }
        _ = try tar.drain()
        guard facts.entries > 0 else { return facts }
        for file in ContainerFiles.debian(sources: sources, keepsDocumentation: keepsDocumentation) {
            try writer.file(file.path, Array(file.content.utf8), mode: file.mode)
        }
        for (path, content) in keyrings.sorted(by: { $0.key < $1.key }) {
            try writer.file(String(path.drop { $0 == "/" }), content)
        }
        return facts
    }

    private static let noted: Set<String> = ["var/lib/dpkg/status", "usr/lib/os-release", "etc/debian_version"]
}

extension InstalledRoot.Facts {
    fileprivate mutating func note(_ path: String, _ text: String) {
        switch path {
        case "var/lib/dpkg/status": packages = ControlFile.parse(text).compactMap { InstalledPackage($0) }
        case "usr/lib/os-release": release = OSRelease(text)
        default: debianVersion = String(text.prefix { !$0.isWhitespace })
        }
    }
}
