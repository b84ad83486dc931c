import OCI

extension ImageStore {
    /// What a person means by `text`: a name (familiar or full, with or without a tag), `name@digest`, or an id or the
    /// beginning of one. Throws `.imageNotFound` with the known names, or `.ambiguousName` with the candidates.
    package func resolve(_ text: String) throws -> StoredImage {
        if let reference = try? Reference(parsing: text) {
            if reference.digest == nil, let target = try target(of: reference) {
                return try image(target, names(of: target.digest))
            }
            if let digest = reference.digest { return try resolve(reference, digest: digest, text: text) }
        }
        if let prefix = Self.idPrefix(text), let image = try resolve(idPrefix: prefix, text: text) { return image }
        throw notFound(text)
    }

    private func names(of target: Digest) throws -> [Reference] {
        try targets().first { $0.target.digest == target }?.names ?? []
    }

    /// Hex digits, as many as somebody likes to type, with or without the algorithm.
    private static func idPrefix(_ text: String) -> String? {
        let digits = text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...]
        let valid =
            (1...64).contains(digits.utf8.count)
            && digits.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        return valid ? String(digits) : nil
    }

    /// `name@digest`: the digest is the image's, its index's or its manifest's.
    private func resolve(_ reference: Reference, digest: Digest, text: String) throws -> StoredImage {
        for (target, names) in try targets() where names.contains(where: { $0.name == reference.name }) {
            if target.digest == digest { return try image(target, names) }
            if target.mediaType.isIndex, let found = try? image(target, names), found.manifest.digest == digest {
                return found
            }
        }
        throw notFound(text)
    }

    /// nil when no image's id begins so.
    private func resolve(idPrefix prefix: String, text: String) throws -> StoredImage? {
        let images = try list()
        var found = images.filter { $0.id.hex.hasPrefix(prefix) }
        if found.isEmpty {
            // The digest that `images --digests` shows names an image as well.
            found = images.filter { $0.target.digest.hex.hasPrefix(prefix) || $0.manifest.digest.hex.hasPrefix(prefix) }
        }
        // The same config under two manifests is one image to whoever types its id; named ones come first.
        let ids = Set(found.map(\.id))
        guard ids.count > 1 else { return found.first { !$0.isUntagged } ?? found.first }
        let candidates = found.map { "\($0.id.short) (\($0.references.first?.familiar ?? "untagged"))" }
        throw StorageError(
            .ambiguousName, "\"\(text)\" is the beginning of \(ids.count) image ids: \(Self.enumeration(candidates))",
            help: "type more digits, or a name")
    }

    private func notFound(_ text: String) -> StorageError {
        let known = ((try? targets()) ?? []).flatMap(\.names).flatMap { name in
            name.tag == Reference.defaultTag ? [name.familiar, name.familiarName] : [name.familiar]
        }
        return StorageError(.imageNotFound, "there is no image \"\(text)\"", known: known)
    }

    static func enumeration(_ items: [String], limit: Int = 8) -> String {
        items.prefix(limit).joined(separator: ", ") + (items.count > limit ? " and \(items.count - limit) more" : "")
    }
}
