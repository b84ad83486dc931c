import Diagnostics

/// Finds the Rust build that compiles its dependencies with a made-up `main.rs` and then copies the real one in: the
/// copy keeps the times of the context, which are older than what was built, and cargo goes by times. What ships is the
/// made-up program.
enum StaleDummyMain {
    static func diagnostics(for dockerfile: Dockerfile) -> [Diagnostic] {
        dockerfile.stages.compactMap { stage in
            var trail = Trail()
            return stage.instructions.lazy.compactMap { trail.follow($0) }.first
        }
    }

    /// How far a stage has gone down that way.
    private struct Trail {
        /// Where the made-up source is written, and how the shell names it.
        private var dummy: (place: SourceRange, path: String)?
        private var isBuilt = false
        private var copy: SourceRange?
        /// The path is still good for a command of the stage.
        private var isSameDirectory = true

        private static let mainFile = Array("main.rs".utf8)

        mutating func follow(_ instruction: Instruction) -> Diagnostic? {
            switch instruction {
            case .run(let run):
                guard case .shell(let shell) = run.command, run.heredocs.isEmpty else { return nil }
                return follow(shell)
            case .copy(let copied) where copied.from == nil && isBuilt:
                if copied.sources.contains(where: { reaches($0.raw) }) { copy = copied.range }
            case .workdir:
                isSameDirectory = false
            default: break
            }
            return nil
        }

        private mutating func follow(_ shell: ShellForm) -> Diagnostic? {
            // Most files have nothing of the kind, and splitting every command into words is half of reading them.
            guard dummy != nil || shell.text.utf8.holds(Self.mainFile) else { return nil }
            let words = shell.text.split(whereSeparator: { $0.isWhitespace || $0 == ";" })
            let builds = zip(words, words.dropFirst()).contains { $0 == "cargo" && ["build", "install", "b"].contains($1) }
            // The times are new, or what was built is gone.
            let isHealed = words.contains("touch") || zip(words, words.dropFirst()).contains { $0 == "cargo" && $1 == "clean" }
                || words.contains("rm") && words.contains { $0.contains("target") }
            if let copy, let dummy {
                if isHealed { self = Trail() } else if builds { return diagnostic(shell, dummy.place, dummy.path, copy) }
                return nil
            }
            if let path = written(words) {
                dummy = (shell.range.first(path), path)
                isBuilt = false
                isSameDirectory = true
            }
            if dummy != nil, builds { isBuilt = true }
            if isHealed, isBuilt { self = Trail() }
            return nil
        }

        /// `> src/main.rs`, also written `>src/main.rs`.
        private func written(_ words: [Substring]) -> String? {
            for (position, word) in words.enumerated() where word.hasPrefix(">") {
                var target = word.drop { $0 == ">" }
                if target.isEmpty, position + 1 < words.count { target = words[position + 1] }
                if target.hasSuffix("main.rs") { return String(target) }
            }
            return nil
        }

        /// A source that brings the real file: all of the context, or its directory.
        private func reaches(_ source: String) -> Bool {
            var path = source[...]
            while path.hasPrefix("./") { path = path.dropFirst(2) }
            while path.hasSuffix("/") { path = path.dropLast() }
            if path.isEmpty || path == "." || path == "*" { return true }
            return dummy?.path.hasPrefix(path + "/") == true || dummy?.path == String(path)
        }

        private func diagnostic(
            _ shell: ShellForm, _ dummy: SourceRange, _ path: String, _ copy: SourceRange
        ) -> Diagnostic {
            let start = shell.range.bytes.lowerBound
            let insertion = SourceRange(file: shell.range.file, bytes: start..<start)
            let first = shell.text.prefix { $0 != "&" && $0 != ";" }.trimmingSpaces
            return Diagnostic(
                .warning, "stale-dummy-main", "cargo may ship the made-up \(path) in place of the real one",
                at: shell.range.first("cargo"), "builds again only what is newer than the last build",
                also: [
                    Diagnostic.Label(dummy, "the made-up one is built here"),
                    Diagnostic.Label(copy, "the files keep their times, which are older"),
                ],
                help: isSameDirectory
                    ? "make the source new: RUN touch \(path) && \(first)" : "touch the copied sources before cargo builds",
                fix: isSameDirectory ? [Diagnostic.TextEdit(insertion, "touch \(path) && ")] : [])
        }
    }
}

extension SourceRange {
    /// The first time that a text stands in the range; all of it when a continuation cuts the text in two.
    fileprivate func first(_ wanted: String) -> SourceRange {
        guard let found = text.firstRange(of: wanted) else { return self }
        let start = bytes.lowerBound + text[..<found.lowerBound].utf8.count
        return SourceRange(file: file, bytes: start..<start + wanted.utf8.count)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

extension String.UTF8View {
    /// Whether the bytes occur; they are not empty.
    fileprivate func holds(_ needle: [UInt8]) -> Bool {
        withContiguousStorageIfAvailable { text in
            guard text.count >= needle.count else { return false }
            for start in 0...(text.count - needle.count) where text[start] == needle[0] {
                if text[start..<(start + needle.count)].elementsEqual(needle) { return true }
            }
            return false
        } ?? true
    }
}
