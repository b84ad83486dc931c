import BuildSolver
import HostSystem
import OCI

/// Tells how far the layers of a pull or push are: an activity a layer.
final class TransferActivities: Sendable {
    private let verb: String
    private let events: @Sendable (BuildEvent) -> Void
    /// Bytes last told, by blob that had to be moved.
    private let told = Monitor<[Digest: Int64]>([:])
    private static let step: Int64 = 1 << 20

    init(verb: String, events: @escaping @Sendable (BuildEvent) -> Void) {
        self.verb = verb
        self.events = events
    }

    /// Blobs that had to be moved.
    var count: Int { told.with(\.count) }

    func received(_ blob: Descriptor, _ bytes: Int64) {
        // Configs are too small to be told of.
        guard blob.mediaType.isLayer else { return }
        let isNews = told.with { told in
            if let last = told[blob.digest], bytes < last + Self.step { return false }
            told[blob.digest] = bytes
            return true
        }
        if isNews { events(.activity(name: name(blob), detail: "\(Self.megabytes(bytes)) of \(Self.megabytes(blob.size)) MB", done: false)) }
    }

    func finished(_ blob: Descriptor, wasThere: Bool) {
        guard !wasThere else { return }
        told.with { $0[blob.digest] = blob.size }
        if blob.mediaType.isLayer { events(.activity(name: name(blob), detail: "\(Self.megabytes(blob.size)) MB", done: true)) }
    }

    private func name(_ blob: Descriptor) -> String {
        "\(verb): layer \(blob.digest.hex.prefix(12))"
    }

    /// `0.1`, `12.3`.
    private static func megabytes(_ bytes: Int64) -> String {
        let tenths = (bytes + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
