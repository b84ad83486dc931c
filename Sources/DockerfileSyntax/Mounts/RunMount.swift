package import Diagnostics

/// One `RUN --mount=…` as written: keys that are known, values that are not expanded yet.
package struct RunMount: Sendable, Hashable {
    /// `key=value`, or a key alone.
    package struct Option: Sendable, Hashable {
        package var key: MountKey
        /// The key as written.
        package var name: Word
        /// nil for a key alone.
        package var value: Word?

        package init(key: MountKey, name: Word, value: Word?) {
            self.key = key
            self.name = name
            self.value = value
        }

        /// Key and value.
        package var range: SourceRange { value.map { name.range.through($0.range) } ?? name.range }
    }

    /// The whole value of the flag.
    package var word: Word
    package var options: [Option]

    package init(word: Word, options: [Option]) {
        self.word = word
        self.options = options
    }

    /// The value of `from=`: a stage or an image, never expanded. The last one counts, as for every key.
    package var from: Word? { options.last { $0.key == .from }?.value.flatMap { $0.raw.isEmpty ? nil : $0 } }

    /// Of which kind it is when no variable decides that.
    package var kind: MountKind? {
        guard let type = options.last(where: { $0.key == .type })?.value else { return .bind }
        return MountKind(rawValue: type.raw.lowercased())
    }
}

/// What a mount shows.
package enum MountKind: String, Sendable, Hashable, CaseIterable {
    case bind, cache, tmpfs, secret, ssh
}

/// What can be said of a mount (Dockerfile reference, "RUN --mount").
package enum MountKey: String, Sendable, Hashable, CaseIterable {
    case type, from, source, target, readOnly, readWrite, id, sharing, mode, uid, gid, size, required, env

    /// Lower case; the first is the one we say.
    package var spellings: [String] {
        switch self {
        case .source: ["source", "src"]
        case .target: ["target", "dst", "destination"]
        case .readOnly: ["readonly", "ro"]
        case .readWrite: ["readwrite", "rw"]
        default: [rawValue]
        }
    }

    static let bySpelling: [String: MountKey] = {
        var table: [String: MountKey] = [:]
        for key in allCases { for spelling in key.spellings { table[spelling] = key } }
        return table
    }()

    /// The key may stand alone.
    var isFlag: Bool { self == .readOnly || self == .readWrite || self == .required }

    enum Fit {
        case used
        /// BuildKit takes it and does nothing with it.
        case idle
        case wrong
    }

    /// What the key means to a kind of mount.
    func fit(_ kind: MountKind) -> Fit {
        switch self {
        case .type, .target: .used
        case .readOnly, .readWrite: kind == .bind || kind == .cache ? .used : .idle
        case .from: kind == .bind || kind == .cache ? .used : kind == .tmpfs ? .idle : .wrong
        case .source: kind == .bind || kind == .cache || kind == .secret ? .used : kind == .tmpfs ? .idle : .wrong
        case .id: kind == .bind || kind == .tmpfs ? .idle : .used
        case .sharing: kind == .cache ? .used : .wrong
        case .mode, .uid, .gid: kind == .bind || kind == .tmpfs ? .wrong : .used
        case .size: kind == .tmpfs ? .used : .wrong
        case .required: kind == .secret || kind == .ssh ? .used : .wrong
        case .env: kind == .secret ? .used : .idle
        }
    }
}

/// Who may use a cache mount at the same time.
package enum CacheSharing: String, Sendable, Hashable, CaseIterable {
    case shared, `private`, locked
}
