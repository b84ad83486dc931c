import Execution

/// `--ulimit NAME=SOFT[:HARD]`, as docker has it: numbers, -1 for no limit; one number is both.
enum ResourceLimits {
    /// Of setrlimit(2).
    private static let names = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime", "sigpending", "stack",
    ]

    static func parse(_ text: String) throws(UsageError) -> ContainerProcess.ResourceLimit {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            throw UsageError("'--ulimit' is NAME=SOFT[:HARD], found \"\(text)\"", help: "for example --ulimit nofile=1024:4096")
        }
        guard names.contains(parts[0]) else {
            throw UsageError(
                "'--ulimit' does not know \"\(parts[0])\"",
                help: names.suggestion(for: parts[0]) ?? "names are \(names.joined(separator: ", "))")
        }
        let numbers = parts[1].split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(numbers.count), let soft = value(numbers[0]), let hard = value(numbers[numbers.count - 1])
        else {
            throw UsageError("'--ulimit \(parts[0])' is a number or SOFT:HARD, not \"\(parts[1])\"")
        }
        guard soft <= hard else {
            throw UsageError("'--ulimit \(parts[0])': the soft limit \(numbers[0]) is above the hard limit \(numbers[1])")
        }
        return ContainerProcess.ResourceLimit(name: parts[0], soft: soft, hard: hard)
    }

    private static func value(_ text: String) -> UInt64? {
        if text == "-1" { return ContainerProcess.ResourceLimit.unlimited }
        return Int64(text).flatMap { UInt64(exactly: $0) }
    }
}
