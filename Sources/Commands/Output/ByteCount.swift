/// A number of bytes as people read it: decimal units and few digits, as docker prints sizes (`12.3MB`, `999B`, `1.2kB`).
package struct ByteCount: Hashable, Sendable, CustomStringConvertible {
    package var bytes: Int64

    package init(_ bytes: Int64) { self.bytes = bytes }

    /// Three significant digits.
    package var description: String { formatted() }

    /// Rounded half up to that many significant digits; trailing zeros are left out. Unlike docker's formatter, 999.9 kB
    /// is `1MB` and not `1e+03kB`.
    package func formatted(significantDigits: Int = 3) -> String {
        let sign = bytes < 0 ? "-" : ""
        let magnitude = bytes.magnitude
        var unit = 0
        var scale: UInt64 = 1
        while unit < Self.units.count - 1, magnitude / scale >= 1000 {
            scale *= 1000
            unit += 1
        }
        let digits = min(max(significantDigits, 3), 6)
        let whole = magnitude / scale
        let decimals = digits - (whole >= 100 ? 3 : whole >= 10 ? 2 : 1)
        let power = (0..<decimals).reduce(UInt64(1)) { power, _ in power * 10 }
        // The remainder is below 10^18, so times a power of 10 it may need more than 64 bits.
        let (high, low) = (magnitude % scale).multipliedFullWidth(by: power)
        let division = scale.dividingFullWidth((high, low))
        var fraction = division.quotient
        if division.remainder >= scale - division.remainder, scale > 1 { fraction += 1 }
        var shown = whole
        if fraction == power {
            shown += 1
            fraction = 0
        }
        if shown == 1000, unit < Self.units.count - 1 {
            shown = 1
            unit += 1
        }
        return sign + String(shown) + Self.decimals(fraction, width: decimals) + Self.units[unit]
    }

    private static let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]

    private static func decimals(_ fraction: UInt64, width: Int) -> String {
        guard fraction > 0 else { return "" }
        var text = String(fraction)
        text = String(repeating: "0", count: max(0, width - text.count)) + text
        while text.hasSuffix("0") { text.removeLast() }
        return "." + text
    }
}
