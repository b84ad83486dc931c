/// Output of a container on its way, without the words of a runtime that could not start it. Until the program runs,
/// the container's stderr is the runtime's own. Only the first output can be such words; it waits when it looks like
/// them.
struct LaunchOutput {
    private(set) var held: [UInt8] = []
    private var isOver = false
    /// Whether the container has said something: then it was launched.
    private(set) var hasPassed = false

    /// crun writes an object, as in its log; runc what is in its log already, or, when it has become the container, a
    /// line such as `exec /program: no such file or directory`.
    private static let beginnings = ["{\"msg\":\"", "runc run failed: ", "exec /"].map { Array($0.utf8) }

    /// What may be passed on now.
    mutating func admit(_ piece: ProcessOutput) -> [ProcessOutput] {
        if isOver {
            hasPassed = true
            return [piece]
        }
        let words = held + piece.bytes
        if piece.stream == .stderr, words.count <= 16384, Self.beginnings.contains(where: { Self.fits(words, $0) }) {
            held = words
            return []
        }
        hasPassed = true
        return finish() + [piece]
    }

    /// The rest, when it was somebody else's.
    mutating func finish() -> [ProcessOutput] {
        isOver = true
        defer { held = [] }
        return held.isEmpty ? [] : [ProcessOutput(.stderr, held)]
    }

    /// Whether they are the same as far as both go.
    private static func fits(_ words: [UInt8], _ beginning: [UInt8]) -> Bool {
        let length = min(words.count, beginning.count)
        return words[..<length] == beginning[..<length]
    }
}
