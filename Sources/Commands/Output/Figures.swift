/// Sizes and times as the build's own displays write them: three figures are enough to compare.
enum Figures {
    /// `0 B`, `999 B`, `8.1 MB`, `412 MB`: decimal units as docker uses them.
    static func bytes(_ count: Int64) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
        guard count.magnitude >= 1000 else { return "\(count) B" }
        var value = Double(count.magnitude)
        var unit = 0
        // 999.95 would be written as 1000.0.
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        let text = value < 99.95 ? oneDecimal(value) : "\(Int(value.rounded()))"
        return (count < 0 ? "-" : "") + text + " " + units[unit]
    }

    /// `0.4s`, `12.4s`, `2m 05s`, `1h 02m`.
    static func seconds(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds > 0 else { return "0.0s" }
        if seconds < 59.95 { return oneDecimal(seconds) + "s" }
        let whole = Int(min(seconds, 1e9).rounded())
        if whole < 3600 { return "\(whole / 60)m \(twoDigits(whole % 60))s" }
        return "\(whole / 3600)h \(twoDigits(whole / 60 % 60))m"
    }

    /// `1 step`, `3 steps`.
    static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
