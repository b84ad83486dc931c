/// The states a running pattern is in.
protocol StateSet {
    var isEmpty: Bool { get }
    func contains(_ state: Int) -> Bool
    mutating func insert(_ state: Int)
    mutating func popFirst() -> Int?
    mutating func removeAll()
}

/// Up to 64 states in a word: nearly every pattern there is.
struct NarrowStates: StateSet {
    var bits: UInt64 = 0
    @inline(__always) var isEmpty: Bool { bits == 0 }
    @inline(__always) func contains(_ state: Int) -> Bool { bits & (1 << UInt64(truncatingIfNeeded: state)) != 0 }
    @inline(__always) mutating func insert(_ state: Int) { bits |= 1 << UInt64(truncatingIfNeeded: state) }
    @inline(__always) mutating func removeAll() { bits = 0 }
    @inline(__always) mutating func popFirst() -> Int? {
        guard bits != 0 else { return nil }
        let state = bits.trailingZeroBitCount
        bits &= bits - 1
        return state
    }
}

/// Any number of states.
struct WideStates: StateSet, Sendable {
    private var words: [UInt64]
    /// No word before this one has a bit.
    private var first = 0

    init(count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
    func contains(_ state: Int) -> Bool { words[state / 64] & (1 << UInt64(state % 64)) != 0 }
    mutating func insert(_ state: Int) {
        words[state / 64] |= 1 << UInt64(state % 64)
        first = min(first, state / 64)
    }
    mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
        first = 0
    }
    mutating func popFirst() -> Int? {
        while first < words.count {
            let word = words[first]
            if word != 0 {
                words[first] = word & (word - 1)
                return first * 64 + word.trailingZeroBitCount
            }
            first += 1
        }
        return nil
    }
}

/// Where a pattern stands after a prefix of a path. Kept per directory, so that only names are matched below it.
struct PatternState: Sendable {
    var narrow: UInt64
    var wide: WideStates?
    init(narrow: UInt64) { self.narrow = narrow }
    init(wide: WideStates) {
        self.narrow = 0
        self.wide = wide
    }
}
