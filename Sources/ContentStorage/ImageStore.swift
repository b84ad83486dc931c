import HostSystem
package import OCI
package import SystemPackage

/// Images by name. Names change atomically; an image that loses its last name stays as an untagged one until it is
/// removed or pruned. Safe between processes.
package struct ImageStore: Sendable {
    package let content: ContentStore
    package let layers: LayerIndex
    let records: ImageRecords

    package init(root: FilePath) {
        content = ContentStore(root: root)
        layers = LayerIndex(root: root)
        records = ImageRecords(paths: content.paths)
    }

    /// Every image, newest first. One that cannot be read is told to `unreadable` and left out.
    package func list(unreadable: (any Error) -> Void = { _ in }) throws -> [StoredImage] {
        try targets().compactMap { target, names in
            do { return try image(target, names) } catch {
                let name = names.first?.familiar ?? target.digest.description
                unreadable(StorageError(.damaged, "the image \(name) cannot be read: \(error)"))
                return nil
            }
        }.sorted(by: Self.isListedBefore)
    }

    /// What every name points at, without reading it: target by target, untagged ones included.
    package func targets() throws -> [(target: Descriptor, names: [Reference])] {
        // Untagged first: a name that is set in between is not missed.
        let untagged = try records.untagged()
        var order: [Digest] = []
        var found: [Digest: (target: Descriptor, names: [Reference])] = [:]
        for record in try records.tagged() + untagged {
            if found[record.target.digest] == nil {
                order.append(record.target.digest)
                found[record.target.digest] = (record.target, [])
            }
            if let reference = record.reference { found[record.target.digest]?.names.append(reference) }
        }
        return order.compactMap { digest in
            found[digest].map { ($0.target, $0.names.sorted { $0.description < $1.description }) }
        }
    }

    /// What the name points at; nil when there is no such name.
    package func target(of reference: Reference) throws -> Descriptor? {
        try records.record(for: Self.key(reference))?.target
    }

    /// Points a name at a manifest or index that is in the store. What it pointed at before keeps its other names, or
    /// stays untagged.
    package func set(_ reference: Reference, to target: Descriptor) throws {
        let reference = Self.key(reference)
        try lockedHolding(target) {
            let before = try records.record(for: reference)?.target
            if let before, before.digest != target.digest { try keepIfLast(before, losing: reference) }
            // An unchanged build writes nothing.
            if before != target { try records.write(ImageRecord(reference: reference, target: target, updated: .now)) }
            _ = try records.removeUntagged(target.digest)
        }
    }

    /// Keeps an image that has no name.
    package func keep(_ target: Descriptor) throws {
        try lockedHolding(target) {
            guard try !records.tagged().contains(where: { $0.target.digest == target.digest }) else { return }
            try records.write(ImageRecord(reference: nil, target: target, updated: .now))
        }
    }

    /// Takes a name away. An image that loses its last one stays untagged. False when there was no such name.
    @discardableResult
    package func untag(_ reference: Reference) throws -> Bool {
        let reference = Self.key(reference)
        return try records.locked {
            guard let record = try records.record(for: reference) else { return false }
            try keepIfLast(record.target, losing: reference)
            return try records.remove(reference)
        }
    }

    /// Removes an image with all its names and returns those. Its blobs go with the next collection.
    @discardableResult
    package func remove(_ target: Digest) throws -> [Reference] {
        try records.locked {
            let names = try records.tagged().filter { $0.target.digest == target }.compactMap(\.reference)
            for name in names { _ = try records.remove(name) }
            _ = try records.removeUntagged(target)
            return names
        }
    }

    /// Takes a name away, and the image with it when that was its last. True when the image is gone.
    package func remove(_ reference: Reference) throws -> Bool {
        let reference = Self.key(reference)
        return try records.locked {
            guard let record = try records.record(for: reference) else {
                throw StorageError(.imageNotFound, "there is no image \"\(reference.familiar)\"")
            }
            _ = try records.remove(reference)
            return try !records.tagged().contains { $0.target.digest == record.target.digest }
        }
    }

    /// No collection takes the target away while `body` makes it somebody's.
    private func lockedHolding(_ target: Descriptor, _ body: () throws -> Void) throws {
        try records.locked {
            let lock = try content.paths.lockCollection(.shared)
            defer { lock.release() }
            guard content.holds(target) else { throw content.missing(target) }
            try body()
        }
    }

    private func keepIfLast(_ target: Descriptor, losing reference: Reference) throws {
        let others = try records.tagged().contains { $0.target.digest == target.digest && $0.reference != reference }
        if !others { try records.write(ImageRecord(reference: nil, target: target, updated: .now)) }
    }

    func image(_ target: Descriptor, _ names: [Reference]) throws -> StoredImage {
        try StoredImage(reading: target, names: names, from: content, layers: layers)
    }

    /// A name with a tag is the tag's, whatever digest it had to have.
    static func key(_ reference: Reference) -> Reference { reference.tag == nil ? reference : reference.unpinned }

    private static func isListedBefore(_ left: StoredImage, _ right: StoredImage) -> Bool {
        let times = (left.created ?? .epoch, right.created ?? .epoch)
        if times.0 != times.1 { return times.0 > times.1 }
        let names = (left.references.first?.description ?? "", right.references.first?.description ?? "")
        return names.0 != names.1 ? names.0 < names.1 : left.id.hex < right.id.hex
    }
}
