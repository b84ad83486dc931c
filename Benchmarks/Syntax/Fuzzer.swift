import Fuzzing
import Glibc
import SystemPackage

/// Runs the fuzz check many times, and says which input was the slowest.
enum Fuzzer {
    static func run(_ arguments: [String]) {
        let count = arguments.first.flatMap { Int($0) } ?? 100_000
        let seed = arguments.count > 1 ? UInt64(arguments[1]) ?? 1 : 1
        var generator = FuzzGenerator(seed: seed, corpus: arguments.dropFirst(2).compactMap(read))
        let check = FuzzCheck()
        let clock = ContinuousClock()
        var slowest = (time: Duration.zero, text: [UInt8]())
        var (bytes, failures) = (0, 0)
        let start = clock.now
        for number in 0..<count {
            let text = generator.text()
            bytes += text.count
            let begun = clock.now
            for problem in check.problems(with: text) {
                failures += 1
                print("input \(number) of seed \(seed): \(problem)\n---\n\(String(decoding: text, as: UTF8.self))\n---")
            }
            let time = begun.duration(to: clock.now)
            if time > slowest.time { slowest = (time, text) }
            if failures > 20 { break }
        }
        print("\(count) inputs, \(bytes) bytes, \(failures) failures, \(start.duration(to: clock.now)); slowest \(slowest.time) with \(slowest.text.count) bytes")
        if failures > 0 { exit(1) }
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let descriptor = try? FileDescriptor.open(FilePath(path), .readOnly) else { return nil }
        defer { try? descriptor.close() }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = (try? bytes.withUnsafeMutableBytes { try descriptor.read(into: $0) }) ?? 0
        return Array(bytes[..<count])
    }
}
