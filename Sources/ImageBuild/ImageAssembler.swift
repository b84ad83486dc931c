import BuildPlan
import BuildSolver
import ContentStorage
import OCI

/// Puts config and manifest together from what was planned and what came out. Pure: the same inputs give the same
/// bytes, so an unchanged build makes the same image.
struct ImageAssembler {
    let plan: PlannedImage
    let results: [Node.ID: StepResult]
    /// Layers of the nodes that have one.
    let layers: [Node.ID: LayerInfo]
    let annotations: [(name: String, value: String)]
    /// Seconds since 1970; every time in the image is this.
    let epoch: Int64?

    struct Assembled {
        var config: Document<ImageConfig>
        var manifest: Document<Manifest>
    }

    func assemble() throws -> Assembled {
        var config = ImageConfig(platform: plan.platform)
        config.author = plan.author
        config.config = plan.config
        let base = plan.base
        config.rootfs = base?.config.rootfs ?? ImageConfig.RootFS(diffIDs: [])
        var descriptors = base?.layers ?? []
        var history = base?.config.history ?? []
        var time = epoch ?? base?.config.created.flatMap(InternetTime.seconds) ?? 0
        for step in plan.steps {
            if epoch == nil, let node = step.node, let record = results[node]?.record { time = record.created }
            let layer = step.node.flatMap { layers[$0] }
            history.append(
                History(
                    created: InternetTime.text(time), createdBy: step.createdBy, comment: "jettison",
                    emptyLayer: layer == nil ? true : nil))
            guard let layer, let blob = layer.blobs.first else { continue }
            config.rootfs.diffIDs.append(layer.diffID)
            descriptors.append(blob)
        }
        config.created = InternetTime.text(time)
        config.history = history
        let document = try Document(config, mediaType: .config)
        let notes = annotations.isEmpty
            ? nil : Dictionary(annotations.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        let manifest = Manifest(config: document.descriptor, layers: descriptors.map(Self.plain), annotations: notes)
        return Assembled(config: document, manifest: try Document(manifest, mediaType: .manifest))
    }

    /// A layer's descriptor in our manifest: docker's media types become the OCI ones they equal.
    private static func plain(_ layer: Descriptor) -> Descriptor {
        let type: MediaType =
            switch layer.mediaType {
            case .dockerLayerGzip: .layerGzip
            case .dockerLayer: .layer
            default: layer.mediaType
            }
        return Descriptor(mediaType: type, digest: layer.digest, size: layer.size)
    }
}

/// RFC 3339 times in UTC, whole seconds (image-spec config.md, "created").
enum InternetTime {
    static func text(_ seconds: Int64) -> String {
        let days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400
        let rest = seconds - days * 86400
        let (year, month, day) = civil(days)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let padded = String(repeating: "0", count: max(0, 4 - String(year).count)) + String(year)
        return "\(padded)-\(two(month))-\(two(day))T\(two(rest / 3600)):\(two(rest % 3600 / 60)):\(two(rest % 60))Z"
    }

    /// nil when the text is no time of the form `2024-05-01T10:20:30[.fraction]Z`.
    static func seconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[4] == 45, bytes[7] == 45, bytes[10] == 84 || bytes[10] == 116 else { return nil }
        func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: bytes[range], as: UTF8.self)) }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
            let minute = number(14..<16), let second = number(17..<19), (1...12).contains(month)
        else { return nil }
        return days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
    }

    // Days since 1970-01-01 and back, by the proleptic Gregorian calendar counted in eras of 400 years.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int64) -> (Int64, Int64, Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex + (monthIndex < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1)
    }
}
