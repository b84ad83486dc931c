/// What one state of a pattern consumes.
enum PatternToken: Sendable {
    case literal(UInt32)
    /// `?`: one character but `/`.
    case anyButSlash
    /// `[…]`: index into the program's classes. May match `/`, as in Go.
    case oneOf(Int)
    /// `*`: any run of characters but `/`, also none.
    case star
    /// Entry of `**/`: skips to behind the loop, or enters it.
    case directories
    /// Loop of `**/`: eats anything, and may leave after each `/`.
    case directoriesLoop
    /// A run of any characters, also `/`, also none.
    case everything
}

struct CharacterClass: Sendable {
    var isNegated = false
    var ranges: [ClosedRange<UInt32>] = []

    func contains(_ character: UInt32) -> Bool {
        ranges.contains { $0.contains(character) } != isNegated
    }
}

/// A pattern as states in a row. State *i* waits at token *i*; the state behind the last token accepts.
struct PatternProgram: Sendable {
    let tokens: ContiguousArray<PatternToken>
    let classes: ContiguousArray<CharacterClass>
    /// States that cannot lead to a match within one path component, as bits; only for narrow programs.
    let loopBits: UInt64
    /// The state of a closing `**`, from which everything matches; 0 when there is none or the program is wide.
    let acceptsAllBit: UInt64
    let start: PatternState

    static let maximumTokens = 4096

    init(tokens: ContiguousArray<PatternToken>, classes: ContiguousArray<CharacterClass>) {
        self.tokens = tokens
        self.classes = classes
        var loops: UInt64 = 0
        var all: UInt64 = 0
        if tokens.count < 64 {
            for (index, token) in tokens.enumerated() {
                if case .directoriesLoop = token { loops |= 1 << UInt64(index) }
            }
            if case .everything? = tokens.last { all = 1 << UInt64(tokens.count - 1) }
        }
        loopBits = loops
        acceptsAllBit = all
        if tokens.count < 64 {
            var states = NarrowStates()
            Self.enter(0, &states, tokens)
            start = PatternState(narrow: states.bits)
        } else {
            var states = WideStates(count: tokens.count + 1)
            Self.enter(0, &states, tokens)
            start = PatternState(wide: states)
        }
    }

    /// Adds a state and all that can be reached from it without consuming anything.
    @inline(__always)
    static func enter<S: StateSet>(_ state: Int, _ states: inout S, _ tokens: ContiguousArray<PatternToken>) {
        var state = state
        while !states.contains(state) {
            states.insert(state)
            guard state < tokens.count else { return }
            switch tokens[state] {
            case .star, .everything: state += 1
            case .directories:
                states.insert(state + 1)
                state += 2
            case .literal, .anyButSlash, .oneOf, .directoriesLoop: return
            }
        }
    }

    /// Consumes one character.
    @inline(__always)
    func step<S: StateSet>(_ from: S, over character: UInt32, into next: inout S) {
        let slash = UInt32(PathCleaning.slash)
        var rest = from
        while let state = rest.popFirst() {
            guard state < tokens.count else { continue }
            switch tokens[state] {
            case .literal(let wanted):
                if wanted == character { Self.enter(state + 1, &next, tokens) }
            case .anyButSlash:
                if character != slash { Self.enter(state + 1, &next, tokens) }
            case .oneOf(let index):
                if classes[index].contains(character) { Self.enter(state + 1, &next, tokens) }
            case .star:
                if character != slash { Self.enter(state, &next, tokens) }
            case .everything: Self.enter(state, &next, tokens)
            case .directories: break
            case .directoriesLoop:
                next.insert(state)
                if character == slash { Self.enter(state + 1, &next, tokens) }
            }
        }
    }
}
