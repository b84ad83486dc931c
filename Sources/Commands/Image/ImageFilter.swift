import ContentStorage
import Diagnostics
import HostSystem
import OCI

/// What `--filter KEY=VALUE` keeps. Values of `reference` widen, all others narrow.
struct ImageFilter {
    private var isDangling: Bool?
    private var references: [ImagePattern] = []
    private var labels: [(name: String, value: String?, isWanted: Bool)] = []
    private var before: [StoredImage] = []
    private var since: [StoredImage] = []
    private var until: [Timestamp] = []

    /// - Parameter keys: those that the command knows.
    init(_ texts: [String], keys: [String], access: ImageAccess) throws {
        for text in texts {
            guard let equals = text.firstIndex(of: "=") else {
                throw UsageError(
                    "the filter \"\(text)\" is not of the form KEY=VALUE",
                    help: "keys are " + keys.joined(separator: ", "))
            }
            var key = String(text[..<equals])
            let value = String(text[text.index(after: equals)...])
            let isNegated = key == "label!"
            if isNegated { key = "label" }
            guard keys.contains(key) else {
                let question = Suggestion.question(for: key, among: keys).map { $0 + " " } ?? ""
                throw UsageError(
                    "there is no filter \"\(key)\"", help: question + "Keys are " + keys.joined(separator: ", "))
            }
            try add(key, value, isNegated: isNegated, access: access)
        }
    }

    private mutating func add(_ key: String, _ value: String, isNegated: Bool, access: ImageAccess) throws {
        switch key {
        case "dangling":
            switch value.lowercased() {
            case "true", "1", "t": isDangling = true
            case "false", "0", "f": isDangling = false
            default: throw UsageError("the filter dangling is true or false, not \"\(value)\"")
            }
        case "reference": references.append(ImagePattern(value))
        case "label":
            let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            labels.append((parts[0], parts.count > 1 ? parts[1] : nil, !isNegated))
        case "before": before.append(try access.resolve(value))
        case "since": since.append(try access.resolve(value))
        default: until.append(try PointInTime.parse(value, at: access.now))
        }
    }

    func keeps(_ image: StoredImage) -> Bool {
        if let isDangling, image.isUntagged != isDangling { return false }
        let created = image.created ?? .epoch
        return labels.allSatisfy { has($0.name, $0.value, image) == $0.isWanted }
            && before.allSatisfy { created < ($0.created ?? .epoch) }
            && since.allSatisfy { created > ($0.created ?? .epoch) }
            && until.allSatisfy { created < $0 }
            && (references.isEmpty || image.references.contains(where: keeps))
    }

    /// Of an image with several names, those that were asked for.
    func keeps(_ reference: Reference) -> Bool { references.isEmpty || references.contains { $0.matches(reference) } }

    private func has(_ name: String, _ value: String?, _ image: StoredImage) -> Bool {
        guard let found = image.config.value.config?.labels?[name] else { return false }
        return value == nil || found == value
    }
}

/// What `until=` takes: a time, or how long ago.
enum PointInTime {
    static func parse(_ text: String, at now: Timestamp) throws -> Timestamp {
        if let nanoseconds = duration(text) {
            let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000)
            var time = now
            time.seconds -= seconds
            time.nanoseconds -= Int32(rest)
            if time.nanoseconds < 0 {
                time.nanoseconds += 1_000_000_000
                time.seconds -= 1
            }
            return time
        }
        if let seconds = Int64(text) { return Timestamp(seconds: seconds) }
        for completed in [text, text + "Z", text + ":00Z", text + "T00:00:00Z"] {
            if let time = Timestamp(rfc3339: completed) { return time }
        }
        throw UsageError(
            "\"\(text)\" is neither a time nor a duration",
            help: "write 2024-01-31, 2024-01-31T12:00:00Z, seconds since 1970, or an age as 24h or 1h30m")
    }

    /// Go's durations: `1h30m`, `1.5h`, `10s`. In nanoseconds; nil when it is none.
    private static func duration(_ text: String) -> Int64? {
        let units: [(String, Double)] = [("ms", 1e6), ("us", 1e3), ("ns", 1), ("h", 3600e9), ("m", 60e9), ("s", 1e9)]
        var rest = text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(digits.count)
            guard let number = Double(digits), let unit = units.first(where: { rest.hasPrefix($0.0) }) else {
                return nil
            }
            total += number * unit.1
            rest = rest.dropFirst(unit.0.count)
        }
        return total < 9e18 ? Int64(total) : nil
    }
}
