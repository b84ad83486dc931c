package import SystemPackage

/// The files this process runs from: enough to run it again in a root that has none of them.
package struct OwnProgram: Sendable {
    package var executable: FilePath
    /// The dynamic linker; nil when the program is static.
    package var loader: FilePath?
    package var libraries: [FilePath]

    /// From what the kernel has mapped (proc_pid_maps(5)).
    package static func ofThisProcess() throws(SystemError) -> OwnProgram {
        let executable = try Directory(opening: "/proc/self").symlinkTarget(at: "exe")
        let bytes = try File(opening: "/proc/self/maps").readAll(limit: 16 << 20)
        var loader: FilePath?
        var libraries: [FilePath] = []
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            guard let start = line.firstIndex(of: "/") else { continue }
            let path = FilePath(String(line[start...]))
            guard path != executable, let name = path.lastComponent?.string, name.contains(".so") else { continue }
            if name.hasPrefix("ld-") { loader = path } else if !libraries.contains(path) { libraries.append(path) }
        }
        return OwnProgram(executable: executable, loader: loader, libraries: libraries)
    }
}
