import BuildContext
import Diagnostics
import HostSystem
import OCI
import PathPatterns
import SystemPackage

/// A real directory made from a short description, gone with the value.
final class TemporaryTree: Sendable {
    private let temporary: TemporaryDirectory
    let root: Directory

    /// Entries: `a/b` an empty file, `a/b=text` a file, `a/` a directory, `a->b` a symlink.
    init(_ entries: [String] = []) throws {
        temporary = try TemporaryDirectory(prefix: "jettison-context-test-")
        root = temporary.directory
        for entry in entries { try add(entry) }
    }

    var path: FilePath { temporary.path }

    /// Called last in a test, so that the directory is not removed after the last use of this value but one.
    func keep() { withExtendedLifetime(temporary) {} }

    /// Whether temporary files can have extended attributes here.
    static let hasAttributes: Bool = {
        guard let tree = try? TemporaryTree(["f"]) else { return false }
        return (try? tree.root.setExtendedAttribute("user.probe", to: [1], at: "f")) != nil
    }()

    func add(_ entry: String) throws {
        if let arrow = entry.range(of: "->") {
            let path = FilePath(String(entry[..<arrow.lowerBound]))
            try parent(of: path)
            try root.createSymlink(at: path, target: FilePath(String(entry[arrow.upperBound...])))
        } else if entry.hasSuffix("/") {
            _ = try root.createDirectories(at: FilePath(entry))
        } else {
            let parts = entry.split(separator: "=", maxSplits: 1)
            try write(parts.count > 1 ? String(parts[1]) : "", to: FilePath(String(parts[0])))
        }
    }

    func write(_ text: String, to path: FilePath, mode: UInt32 = 0o644) throws {
        try parent(of: path)
        try root.writeFile(Array(text.utf8), at: path, mode: mode)
    }

    private func parent(of path: FilePath) throws {
        let parent = path.removingLastComponent()
        if !parent.isEmpty { _ = try root.createDirectories(at: parent) }
    }

    func tree(
        ignoring rules: [String] = [], memo: ContentMemo? = nil, ownership: SourceTree.Ownership = .root
    ) -> SourceTree {
        let source = SourceFile(name: ".dockerignore", text: rules.joined(separator: "\n"))
        let ignore = rules.isEmpty ? nil : IgnoreFile.parse(source).value
        return SourceTree(directory: root, ignore: ignore, memo: memo, ownership: ownership)
    }
}

extension String {
    func range(of part: String) -> Range<String.Index>? {
        indices.first { self[$0...].hasPrefix(part) }.map { $0..<index($0, offsetBy: part.count) }
    }
}

extension SourceTree {
    func paths(_ sources: String..., excludes: [String] = []) throws -> [String] {
        try resolve(FileSelection(sources: sources, excludes: excludes)).map(\.path.string)
    }

    func files(_ source: String, excludes: [String] = []) throws -> [String] {
        var found: [String] = []
        for match in try resolve(FileSelection(sources: [source])) {
            try walk(match, excludes: excludes) { found.append($0.path.string) }
        }
        return found
    }

    func digest(_ sources: String..., excludes: [String] = []) throws -> String {
        try digest(of: FileSelection(sources: sources, excludes: excludes)).hex
    }
}
