import HostSystem
import SystemPackage

/// Changes a tree at random, the same way for the same seed.
struct RandomTree {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// xorshift64*
    private mutating func number(_ below: Int) -> Int {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int(truncatingIfNeeded: (state &* 0x2545_F491_4F6C_DD1D) >> 33) % below
    }

    private mutating func path() -> FilePath {
        var path = FilePath(["a", "b", "c", "d-", "d"][number(5)])
        for _ in 0..<number(4) { path.append(["x", "y", "x.d", "z"][number(4)]) }
        return path
    }

    mutating func change(_ root: Directory, steps: Int) throws {
        // Modes of directories that keep even their owner out would stop whoever is not root.
        for _ in 0..<steps {
            let path = path()
            // A step that meets something in its way (a file as parent, a name taken) is no step.
            try? step(root, path)
        }
        // Times of a whole second, so that layers can carry them, and different from the default.
        try TreeWalk.visit(root, sorted: true) { entry in
            if number(2) == 0 {
                try root.setTimes(at: entry.path, modified: Timestamp(seconds: Int64(1_000_000 + number(1000))))
            } else {
                try root.setTimes(at: entry.path, modified: Timestamp(seconds: entry.metadata.modified.seconds))
            }
            return .descend
        }
    }

    private mutating func step(_ root: Directory, _ path: FilePath) throws {
        switch number(12) {
        case 0, 1, 2:
            _ = try root.createDirectories(at: path.removingLastComponent())
            try root.writeFile([UInt8](repeating: UInt8(number(256)), count: number(20000)), at: path)
        case 3, 4: _ = try root.createDirectories(at: path, mode: [0o755, 0o700, 0o1777][number(3)])
        case 5: try root.createSymlink(at: path, target: self.path())
        case 6: try root.createHardLink(at: path, to: self.path())
        case 7: try root.createFifo(at: path, mode: 0o600)
        case 8: try root.removeTree(path)
        case 9: try root.rename(self.path(), to: path)
        case 10: try root.setExtendedAttribute("user.n\(number(3))", to: [UInt8(number(256))], at: path)
        default:
            if try root.metadata(at: path).kind == .symlink { return }
            try root.setMode(at: path, [0o644, 0o755, 0o700, 0o4755][number(4)])
        }
    }
}
