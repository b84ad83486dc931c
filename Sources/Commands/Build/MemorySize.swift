/// A number of bytes as docker writes memory: `512m`, `1.5g`, `64MiB`; units are powers of 1024.
enum MemorySize {
    static func bytes(_ text: String, option: String) throws(UsageError) -> Int64 {
        let lower = text.lowercased()
        let number = lower.prefix { $0.isNumber || $0 == "." }
        let factors: [String: Double] = ["": 1, "k": 0x1p10, "m": 0x1p20, "g": 0x1p30, "t": 0x1p40]
        var unit = lower.dropFirst(number.count)
        if unit.hasSuffix("ib") { unit = unit.dropLast(2) } else if unit.hasSuffix("b") { unit = unit.dropLast() }
        guard let value = Double(number), let factor = factors[String(unit)], value > 0, value * factor < 0x1p62 else {
            throw UsageError("'\(option)' is a size such as 512m or 2g, not \"\(text)\"")
        }
        return Int64(value * factor)
    }
}
