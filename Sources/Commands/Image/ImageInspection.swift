import ContentStorage
import HostSystem
import OCI

extension StoredImage {
    /// The image as `docker image inspect` shows it, with the compressed size and the history beside.
    var inspection: TemplateValue {
        let config = config.value
        let names = references.filter { $0.tag != nil }.map(\.familiar)
        let digests = Set(references.map(\.familiarName)).sorted().map { $0 + "@" + target.digest.description }
        return .record([
            "Id": .string(id.description),
            "RepoTags": .strings(names),
            "RepoDigests": .strings(digests),
            "Parent": "",
            "Comment": .string(config.history?.last?.comment ?? ""),
            "Created": .string(config.created ?? ""),
            "Author": .string(config.author ?? ""),
            "Config": (config.config ?? ContainerConfig()).inspection,
            "Architecture": .string(config.architecture),
            "Variant": .string(config.variant ?? ""),
            "Os": .string(config.os),
            "Size": .integer(size),
            "VirtualSize": .integer(size),
            "CompressedSize": .integer(compressedSize),
            "RootFS": .record([
                "Type": .string(config.rootfs.type), "Layers": .strings(config.rootfs.diffIDs.map(\.description)),
            ]),
            "Descriptor": .record([
                "mediaType": .string(target.mediaType.rawValue), "digest": .string(target.digest.description),
                "size": .integer(target.size),
            ]),
            "History": .list(pastLines.reversed().map(\.inspection)),
        ])
    }
}

extension PastLine {
    fileprivate var inspection: TemplateValue {
        .record([
            "Created": .string(history.created ?? ""),
            "CreatedBy": .string(history.createdBy ?? ""),
            "Author": .string(history.author ?? ""),
            "Comment": .string(history.comment ?? ""),
            "EmptyLayer": .bool(layer == nil),
            "Size": .integer(layer?.size ?? 0),
            "CompressedSize": .integer(layer?.blob.size ?? 0),
        ])
    }
}

extension ContainerConfig {
    fileprivate var inspection: TemplateValue {
        .record([
            "User": .string(user ?? ""),
            "ExposedPorts": Self.set(exposedPorts),
            "Env": Self.list(env),
            "Cmd": Self.list(cmd),
            "Healthcheck": healthcheck?.inspection ?? .noRecord,
            "Volumes": Self.set(volumes),
            "WorkingDir": .string(workingDir ?? ""),
            "Entrypoint": Self.list(entrypoint),
            "OnBuild": Self.list(onBuild),
            "Labels": labels.map { .map(TemplateValue.Fields(sorting: $0.mapValues(TemplateValue.string))) } ?? .noMap,
            "StopSignal": .string(stopSignal ?? ""),
            "Shell": Self.list(shell),
        ])
    }

    private static func list(_ texts: [String]?) -> TemplateValue { texts.map(TemplateValue.strings) ?? .noList }
    private static func set(_ keys: [String: Empty]?) -> TemplateValue {
        keys.map { .map(TemplateValue.Fields(sorting: $0.mapValues { _ in .map([:]) })) } ?? .noMap
    }
}

extension ContainerConfig.Healthcheck {
    /// Times in nanoseconds, absent ones left out, as docker has it.
    fileprivate var inspection: TemplateValue {
        var fields: TemplateValue.Fields = ["Test": test.map(TemplateValue.strings) ?? .noList]
        for (name, value) in [
            ("Interval", interval), ("Timeout", timeout), ("StartPeriod", startPeriod),
            ("StartInterval", startInterval),
        ] {
            if let value { fields[name] = .integer(value) }
        }
        if let retries { fields["Retries"] = .integer(Int64(retries)) }
        return .map(fields)
    }
}
