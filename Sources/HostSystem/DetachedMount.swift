import CHost
import Glibc
package import SystemPackage

/// A mount that is in no mount table: a descriptor. Gone when the last holder of `directory` lets go, or the process
/// dies. It can be walked with `directory`, and attached by a child with move_mount(2).
package struct DetachedMount: Sendable {
    /// Its root. Owns the mount.
    package let directory: Directory
    /// What to pass to move_mount. Keep the value (or its `directory`) alive while it is in use.
    package var descriptor: Int32 { directory.descriptor }

    /// The kernel's own limit on lower directories (fs/overlayfs, OVL_MAX_STACK).
    package static let mostLowers = 500

    /// How to make an overlay: the new mount calls with one `lowerdir+` a layer (Linux 6.5), or mount(2) in a thread
    /// with a private mount namespace. `automatic` turns to the second when the kernel does not know the first.
    package enum Method: Sendable, CaseIterable { case automatic, layerByLayer, classic }

    /// - Parameter volatile: no write waits for the disk. After a crash of the machine the upper directory is not to be
    ///   trusted; the kernel's mark that says so is removed here, since the owner of the directories knows better.
    ///   At most one mount of an upper directory at a time.
    package static func overlay(
        _ layout: OverlayLayout, volatile: Bool = true, method: Method = .automatic
    ) throws(SystemError) -> DetachedMount {
        guard layout.lowers.count <= mostLowers else {
            throw SystemError(
                "mount the root filesystem", path: layout.upper?.string ?? layout.lowers.first?.string,
                code: .tooManyLinks,
                detail: "\(layout.lowers.count) layers, and overlayfs takes \(mostLowers) at most")
        }
        guard let top = layout.lowers.first else {
            throw SystemError("mount the root filesystem", code: .invalidArgument, detail: "no lower directory")
        }
        // overlayfs refuses a single directory; that one alone is the same view.
        if layout.upper == nil, layout.lowers.count == 1 {
            let opened = top.withPlatformString { chost_open_tree_clone($0, true) }
            return try adopt(check(opened, "mount the root filesystem", top.string), top)
        }
        // A volatile mount leaves this, and no other is allowed while it is there.
        if let work = layout.work { try? Directory(opening: work).removeTree("work/incompat") }
        let name = layout.upper ?? top
        switch method {
        case .layerByLayer: return try adopt(layerByLayer(layout, volatile), name)
        case .classic: return try adopt(classic(layout, volatile), name)
        case .automatic:
            do { return try adopt(layerByLayer(layout, volatile), name) } catch {
                guard error.code == .invalidArgument || error.code == .noFunction else { throw error }
                // An old kernel and a wrong layout look alike; the second attempt tells, and knows the reason better.
                do { return try adopt(classic(layout, volatile), name) } catch let second {
                    throw second.code == .invalidArgument ? error : second
                }
            }
        }
    }

    /// An empty file system in memory, which no swap device sees where the kernel can promise that (Linux 6.4). Nothing
    /// of it is left when the last holder lets go.
    package static func memory(sizeBytes: Int64, mode: UInt32) throws(SystemError) -> DetachedMount {
        let context = try check(chost_fsopen("tmpfs"), "make a file system in memory", nil)
        let descriptor = Int32(truncatingIfNeeded: context)
        defer { _ = chost_close(descriptor) }
        try check(chost_fsconfig_string(descriptor, "size", "\(sizeBytes)"), "make a file system in memory", nil)
        try check(chost_fsconfig_string(descriptor, "mode", String(mode, radix: 8)), "make a file system in memory", nil)
        _ = chost_fsconfig_flag(descriptor, "noswap")
        try check(chost_fsconfig_create(descriptor), "make a file system in memory", nil)
        return adopt(try check(chost_fsmount(descriptor, false), "make a file system in memory", nil), "memory")
    }

    private static func adopt(_ descriptor: Int64, _ name: FilePath) -> DetachedMount {
        DetachedMount(directory: Directory(adopting: Int32(truncatingIfNeeded: descriptor), path: name))
    }

    // No renamed directories or metadata-only copies in the upper directory: a layer is read from it as it is.
    private static let plain = ["redirect_dir": "off", "metacopy": "off", "index": "off"]

    private static func layerByLayer(_ layout: OverlayLayout, _ volatile: Bool) throws(SystemError) -> Int64 {
        let context = try check(chost_fsopen("overlay"), "mount the root filesystem", nil)
        let descriptor = Int32(truncatingIfNeeded: context)
        defer { _ = chost_close(descriptor) }
        func set(_ key: String, _ value: FilePath) throws(SystemError) {
            let result = value.withPlatformString { chost_fsconfig_string(descriptor, key, $0) }
            try explained(result, value.string)
        }
        func explained(_ result: Int64, _ path: String?) throws(SystemError) {
            guard result < 0 else { return }
            throw SystemError(
                "mount the root filesystem", path: path, code: Errno(rawValue: CInt(truncatingIfNeeded: -result)),
                detail: kernelMessage(descriptor))
        }
        for lower in layout.lowers { try set("lowerdir+", lower) }
        if let upper = layout.upper { try set("upperdir", upper) }
        if let work = layout.work { try set("workdir", work) }
        if HostIdentity.canMountTrusted {
            for (key, value) in plain { try set(key, FilePath(value)) }
        } else {
            try explained(chost_fsconfig_flag(descriptor, "userxattr"), nil)
        }
        if volatile, layout.upper != nil { try explained(chost_fsconfig_flag(descriptor, "volatile"), nil) }
        try explained(chost_fsconfig_create(descriptor), layout.upper?.string ?? layout.lowers.first?.string)
        let mounted = chost_fsmount(descriptor, layout.upper == nil)
        try explained(mounted, layout.upper?.string)
        return mounted
    }

    /// What the file system wrote into its context, one message a read: "e overlay: …".
    private static func kernelMessage(_ context: Int32) -> String? {
        var messages: [String] = []
        withUnsafeTemporaryAllocation(byteCount: 1024, alignment: 1) { buffer in
            while messages.count < 8 {
                let count = chost_read(context, buffer.baseAddress, buffer.count)
                guard count > 2 else { return }
                let text = UnsafeRawBufferPointer(rebasing: buffer[2..<Int(count)])
                messages.append(String(decoding: text.prefix { $0 != 10 }, as: UTF8.self))
            }
        }
        return messages.isEmpty ? nil : messages.joined(separator: "; ")
    }

    private static func classic(_ layout: OverlayLayout, _ volatile: Bool) throws(SystemError) -> Int64 {
        var options = "lowerdir=" + (0..<layout.lowers.count).map(String.init).joined(separator: ":")
        if layout.upper != nil { options += ",upperdir=u,workdir=w" }
        if volatile, layout.upper != nil { options += ",volatile" }
        if HostIdentity.canMountTrusted {
            for (key, value) in plain.sorted(by: { $0.key < $1.key }) { options += ",\(key)=\(value)" }
        } else {
            options += ",userxattr"
        }
        // The links are read from another directory: absolute targets only.
        let lowers = try layout.lowers.map(absolute)
        let upper = try layout.upper.map(absolute)
        let work = try layout.work.map(absolute)
        let copies = lowers.map { path in path.withPlatformString { strdup($0) } }
        defer { for copy in copies { free(copy) } }
        let pointers = copies.map { UnsafePointer($0) }
        let result = options.withCString { options in
            optional(upper) { upper in
                optional(work) { work in
                    chost_overlay_classic(pointers, pointers.count, upper, work, options, layout.upper == nil)
                }
            }
        }
        return try check(result, "mount the root filesystem", layout.upper?.string ?? layout.lowers.first?.string)
    }

    private static func optional(_ path: FilePath?, _ body: (UnsafePointer<CChar>?) -> Int64) -> Int64 {
        guard let path else { return body(nil) }
        return path.withPlatformString { body($0) }
    }

    private static func absolute(_ path: FilePath) throws(SystemError) -> FilePath {
        if path.isAbsolute { return path }
        return try Directory(opening: path).resolvedPath()
    }
}

extension HostIdentity {
    /// Whether this process may set `trusted.*` attributes, which a plain overlay needs: CAP_SYS_ADMIN outside of
    /// user namespaces.
    static var canMountTrusted: Bool {
        guard canMount else { return false }
        guard let map = try? File(opening: "/proc/self/uid_map").readAll(limit: 4096) else { return true }
        return String(decoding: map, as: UTF8.self).split(whereSeparator: \.isWhitespace) == ["0", "0", "4294967295"]
    }
}

extension Directory {
    /// Where this directory is on the host, as the kernel sees it now.
    package func resolvedPath() throws(SystemError) -> FilePath {
        var buffer = [CChar](repeating: 0, count: 4097)
        let result = buffer.withUnsafeMutableBufferPointer { chost_realpath(descriptor, $0.baseAddress, 4096) }
        try check(result, "resolve", path.string)
        return FilePath(platformString: buffer)
    }
}
