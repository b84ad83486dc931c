import CHost
import Glibc
import SystemPackage

extension File {
    /// Makes this (empty) file's content that of `source`: shares the blocks where the file system can, else copies
    /// in the kernel, else through a buffer. Holes stay holes. Neither file's position matters; this file's stays.
    package func copyContents(from source: File) throws(SystemError) {
        if chost_clone_file(source.descriptor, descriptor) == 0 { return }
        let size = try source.metadata().size
        var offset: Int64 = 0
        while offset < size, let region = try source.dataRegion(from: offset, size: size) {
            try copy(region, from: source)
            offset = region.upperBound
        }
        try truncate(to: size)
    }

    /// The next stretch that holds data, at or after `offset`; nil when only a hole follows.
    /// File systems that do not tell are all data.
    package func dataRegion(from offset: Int64, size: Int64) throws(SystemError) -> Range<Int64>? {
        let start = chost_seek_data(descriptor, offset)
        if start == -Int64(ENXIO) { return nil }
        if start == -Int64(EINVAL) { return offset < size ? offset..<size : nil }
        try check(start, "look for data in", path.string)
        guard start < size else { return nil }
        let end = try check(chost_seek_hole(descriptor, start), "look for holes in", path.string)
        return start..<min(max(end, start + 1), size)
    }

    private func copy(_ region: Range<Int64>, from source: File) throws(SystemError) {
        var offset = region.lowerBound
        while offset < region.upperBound {
            let count = chost_copy_range(
                source.descriptor, descriptor, offset, Int(min(region.upperBound - offset, 1 << 30)))
            // Another file system, or one without copy_file_range; some say 0 for files of unknown size.
            if count == 0 || [EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, EPERM].contains(Int32(truncatingIfNeeded: -count)) {
                return try copyThroughBuffer(offset..<region.upperBound, from: source)
            }
            offset += try check(count, "copy to", path.string)
        }
    }

    private func copyThroughBuffer(_ region: Range<Int64>, from source: File) throws(SystemError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Int(min(region.upperBound - region.lowerBound, 256 << 10)), alignment: 4096)
        defer { buffer.deallocate() }
        var offset = region.lowerBound
        while offset < region.upperBound {
            let wanted = Int(min(region.upperBound - offset, Int64(buffer.count)))
            let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[0..<wanted]), at: offset)
            if count == 0 { return }
            try write(UnsafeRawBufferPointer(rebasing: buffer[0..<count]), at: offset)
            offset += Int64(count)
        }
    }
}
