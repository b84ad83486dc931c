import HostSystem
import SystemPackage

/// Finds what differs between a tree and the one that it was copied from.
struct TreeComparison {
    /// What was last changed (ctime) before this has not been touched since it was copied.
    let untouchedBefore: Timestamp

    /// Sorted: a directory before what it holds, the names of one directory in byte order.
    func changes(from old: Directory?, to new: Directory) throws -> [SnapshotChange] {
        var changes: [SnapshotChange] = []
        try compare(old, new, "", &changes)
        return changes
    }

    private func compare(
        _ old: Directory?, _ new: Directory, _ path: FilePath, _ changes: inout [SnapshotChange]
    ) throws {
        let before = try old.map(sortedNames) ?? []
        let after = try sortedNames(new)
        var i = 0
        var j = 0
        while i < before.count || j < after.count {
            let left = i < before.count ? before[i] : nil
            let right = j < after.count ? after[j] : nil
            if let left, right.map({ left.precedes($0) }) ?? true {
                changes.append(SnapshotChange(.removed, path.appending(left.component)))
                i += 1
                continue
            }
            guard let right else { break }
            let existed = left.map { !right.precedes($0) } ?? false
            try compareEntry(right.path, existed ? old : nil, new, path.appending(right.component), &changes)
            j += 1
            if existed { i += 1 }
        }
    }

    private func compareEntry(
        _ name: FilePath, _ old: Directory?, _ new: Directory, _ path: FilePath, _ changes: inout [SnapshotChange]
    ) throws {
        let after = try new.metadata(at: name)
        let before = try old.map { try $0.metadata(at: name) }
        guard after.kind == .directory else {
            if try before.map({ try differs(name, $0, old, after, new) }) ?? true {
                changes.append(SnapshotChange(.written, path))
            }
            return
        }
        let index = changes.count
        changes.append(SnapshotChange(.written, path))
        let below = before?.kind == .directory ? old : nil
        try compare(
            below?.directory(at: name, followLast: false), new.directory(at: name, followLast: false), path, &changes)
        // A directory stays in the list when it changed itself or holds a change.
        if changes.count == index + 1, let before, try !differs(name, before, old, after, new) {
            changes.removeLast()
        }
    }

    private func differs(
        _ name: FilePath, _ before: FileMetadata, _ old: Directory?, _ after: FileMetadata, _ new: Directory
    ) throws -> Bool {
        guard let old else { return true }
        if after.kind != before.kind { return true }
        if after.changed < untouchedBefore { return false }
        if after.mode != before.mode || after.uid != before.uid || after.gid != before.gid { return true }
        if after.modified != before.modified { return true }
        if after.kind != .directory, after.size != before.size || after.links != before.links { return true }
        if after.deviceMajor != before.deviceMajor || after.deviceMinor != before.deviceMinor { return true }
        let attributes = try new.extendedAttributes(at: name).filter { FileAttributes.travels($0.key) }
        if attributes != (try old.extendedAttributes(at: name).filter { FileAttributes.travels($0.key) }) { return true }
        switch after.kind {
        case .symlink: return try new.symlinkTarget(at: name) != old.symlinkTarget(at: name)
        case .file: return try contentDiffers(old.openFile(at: name), new.openFile(at: name))
        default: return false
        }
    }

    private func contentDiffers(_ old: File, _ new: File) throws -> Bool {
        let size = 128 << 10
        let buffers = UnsafeMutableRawBufferPointer.allocate(byteCount: size * 2, alignment: 4096)
        defer { buffers.deallocate() }
        let left = UnsafeMutableRawBufferPointer(rebasing: buffers[0..<size])
        let right = UnsafeMutableRawBufferPointer(rebasing: buffers[size...])
        while true {
            let count = try old.read(into: left)
            var filled = 0
            while filled < count {
                let more = try new.read(into: UnsafeMutableRawBufferPointer(rebasing: right[filled..<count]))
                if more == 0 { return true }
                filled += more
            }
            if count == 0 { return try new.read(into: right) != 0 }
            if !left[0..<count].elementsEqual(right[0..<count]) { return true }
        }
    }

    private func sortedNames(_ directory: Directory) throws -> [Name] {
        try directory.entries().map { Name(component: $0.name) }.sorted { $0.precedes($1) }
    }

    private struct Name {
        var component: FilePath.Component
        var path: FilePath { FilePath(root: nil, [component]) }
        /// In byte order.
        func precedes(_ other: Name) -> Bool {
            component.withPlatformString { left in
                other.component.withPlatformString { right in
                    var index = 0
                    while left[index] == right[index], left[index] != 0 { index += 1 }
                    return UInt8(bitPattern: left[index]) < UInt8(bitPattern: right[index])
                }
            }
        }
    }
}
