extension Platform {
    /// What a machine of this platform can run, best first (containerd's `platforms.Only`): a newer variant runs the
    /// older ones, amd64 runs 386, arm64 runs 32-bit arm.
    public var runnable: [Platform] {
        let platform = normalized
        func with(_ architecture: String, _ variant: String? = nil) -> Platform {
            Platform(os: platform.os, architecture: architecture, variant: variant)
        }
        let level = platform.variant.flatMap { $0.first == "v" ? Int($0.dropFirst()) : nil }
        switch platform.architecture {
        case "amd64":
            let older = level.map { stride(from: min($0, 9) - 1, to: 1, by: -1).map { with("amd64", "v\($0)") } } ?? []
            return [platform] + older + (platform.variant == nil ? [] : [with("amd64")]) + [with("386")]
        case "arm":
            return [platform] + (level.map { stride(from: min($0, 9) - 1, to: 4, by: -1).map { with("arm", "v\($0)") } } ?? [])
        case "arm64":
            return [platform] + (platform.variant == nil ? [] : [with("arm64")]) + (5...8).reversed().map { with("arm", "v\($0)") }
        default:
            return [platform]
        }
    }

    /// How well an image for `other` serves this platform: 0 is exactly, larger is worse, nil not at all.
    public func rank(of other: Platform) -> Int? {
        let other = Platform(os: other.os, architecture: other.architecture, variant: other.variant).normalized
        return runnable.firstIndex { $0.os == other.os && $0.architecture == other.architecture && $0.variant == other.variant }
    }

    /// Equal up to spelling.
    public func matches(_ other: Platform) -> Bool { rank(of: other) == 0 }
}

extension Index {
    /// The manifest that serves `platform` best; among equals the first. Entries without a platform serve any, worst.
    /// Attestations (`unknown/unknown`) are never chosen.
    public func manifest(for platform: Platform) -> Descriptor? {
        var best: (rank: Int, descriptor: Descriptor)?
        for candidate in manifests where candidate.mediaType.isManifest || candidate.mediaType.isIndex {
            guard let rank = candidate.platform.map(platform.rank(of:)) ?? .some(Int.max) else { continue }
            if best.map({ rank < $0.rank }) ?? true { best = (rank, candidate) }
        }
        return best?.descriptor
    }
}
