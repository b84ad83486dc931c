/// Go's duration text (`1m30s`), which docker's options take and its history shows (time.ParseDuration, Duration.String).
enum GoDuration {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1000), ("\u{B5}s", 1000), ("\u{3BC}s", 1000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    /// nil when the text is no duration, or one of more than 292 years.
    static func nanoseconds(_ text: String) -> Int64? {
        var rest = Array(text.unicodeScalars)[...]
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        if rest.elementsEqual("0".unicodeScalars) { return 0 }
        guard !rest.isEmpty else { return nil }
        var total: Int64 = 0
        while !rest.isEmpty {
            let whole = rest.prefix { isDigit($0) }
            rest = rest.dropFirst(whole.count)
            var fraction: ArraySlice<UnicodeScalar> = []
            if rest.first == "." {
                fraction = rest.dropFirst().prefix { isDigit($0) }
                rest = rest.dropFirst(1 + fraction.count)
            }
            let name = rest.prefix { !isDigit($0) && $0 != "." }
            rest = rest.dropFirst(name.count)
            guard !(whole.isEmpty && fraction.isEmpty), let unit = units.first(where: { name.elementsEqual($0.name.unicodeScalars) }),
                let part = value(whole, fraction, unit.nanoseconds)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return nil }
            total = sum
        }
        return isNegative ? -total : total
    }

    private static func isDigit(_ scalar: UnicodeScalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func value(
        _ whole: ArraySlice<UnicodeScalar>, _ fraction: ArraySlice<UnicodeScalar>, _ unit: Int64
    ) -> Int64? {
        var number: Int64 = 0
        for digit in whole {
            let (tens, over) = number.multipliedReportingOverflow(by: 10)
            let (sum, more) = tens.addingReportingOverflow(Int64(digit.value) - 0x30)
            guard !over, !more else { return nil }
            number = sum
        }
        let (product, overflow) = number.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        var scale = unit
        var result = product
        for digit in fraction {
            // What is left of a nanosecond is dropped.
            scale /= 10
            let (sum, over) = result.addingReportingOverflow((Int64(digit.value) - 0x30) * scale)
            guard !over else { return nil }
            result = sum
        }
        return result
    }

    /// `1m30s`, `1.5s`, `0s`.
    static func text(_ nanoseconds: Int64) -> String {
        guard nanoseconds != 0 else { return "0s" }
        let (sign, magnitude) = (nanoseconds < 0 ? "-" : "", nanoseconds.magnitude)
        if magnitude < 1_000_000_000 {
            let (unit, name): (UInt64, String) =
                magnitude < 1000 ? (1, "ns") : magnitude < 1_000_000 ? (1000, "\u{B5}s") : (1_000_000, "ms")
            return sign + decimal(magnitude, unit) + name
        }
        let seconds = magnitude / 1_000_000_000
        let rest = decimal(magnitude % 60_000_000_000, 1_000_000_000) + "s"
        if seconds < 60 { return sign + rest }
        let minutes = "\(seconds / 60 % 60)m" + rest
        return sign + (seconds < 3600 ? minutes : "\(seconds / 3600)h" + minutes)
    }

    private static func decimal(_ value: UInt64, _ unit: UInt64) -> String {
        var fraction = String(value % unit + unit).dropFirst()
        while fraction.last == "0" { fraction.removeLast() }
        return "\(value / unit)" + (fraction.isEmpty ? "" : "." + fraction)
    }
}
