extension PatternProgram {
    /// Whether the whole path matches.
    func matches(_ path: UnsafeBufferPointer<UInt8>) -> Bool { matches(path, from: start, isComponent: false) }

    /// Whether the pattern, standing at `state`, is completed by exactly `bytes`.
    /// `isComponent` promises that there is no `/` in them.
    func matches(_ bytes: UnsafeBufferPointer<UInt8>, from state: PatternState, isComponent: Bool) -> Bool {
        if let wide = state.wide { return run(wide, over: bytes).contains(tokens.count) }
        var states = NarrowStates(bits: isComponent ? state.narrow & ~loopBits : state.narrow)
        var next = NarrowStates()
        var offset = 0
        while offset < bytes.count {
            if states.bits & acceptsAllBit != 0 { return true }
            guard !states.isEmpty else { return false }
            let character = Self.character(of: bytes, at: &offset)
            step(states, over: character, into: &next)
            states = next
            next.removeAll()
        }
        return states.contains(tokens.count)
    }

    /// Where the pattern stands after `name` and a `/`; nil when nothing below can match any more.
    func descending(into name: UnsafeBufferPointer<UInt8>, from state: PatternState) -> PatternState? {
        let slash = UInt32(PathCleaning.slash)
        if let wide = state.wide {
            let after = run(wide, over: name)
            var next = WideStates(count: tokens.count + 1)
            step(after, over: slash, into: &next)
            return hasFuture(next) ? PatternState(wide: next) : nil
        }
        var states = NarrowStates(bits: state.narrow)
        var next = NarrowStates()
        var offset = 0
        while offset < name.count, !states.isEmpty {
            let character = Self.character(of: name, at: &offset)
            step(states, over: character, into: &next)
            states = next
            next.removeAll()
        }
        step(states, over: slash, into: &next)
        return hasFuture(next) ? PatternState(narrow: next.bits) : nil
    }

    /// Having matched already is no future: one more character is to come.
    private func hasFuture<S: StateSet>(_ states: S) -> Bool {
        var rest = states
        while let state = rest.popFirst() {
            if state < tokens.count { return true }
        }
        return false
    }

    private func run(_ start: WideStates, over bytes: UnsafeBufferPointer<UInt8>) -> WideStates {
        var states = start
        var next = WideStates(count: tokens.count + 1)
        var offset = 0
        while offset < bytes.count {
            step(states, over: Self.character(of: bytes, at: &offset), into: &next)
            swap(&states, &next)
            next.removeAll()
        }
        return states
    }

    /// The next UTF-8 character, or for a byte that starts none a number above all characters.
    @inline(__always)
    static func character(of bytes: UnsafeBufferPointer<UInt8>, at offset: inout Int) -> UInt32 {
        let first = bytes[offset]
        offset += 1
        if first < 0x80 { return UInt32(first) }
        return multibyte(first, of: bytes, at: &offset)
    }

    private static func multibyte(_ first: UInt8, of bytes: UnsafeBufferPointer<UInt8>, at offset: inout Int) -> UInt32
    {
        let invalid = 0x110000 + UInt32(first)
        let length: Int
        var value: UInt32
        let smallest: UInt32
        switch first {
        case 0xC2...0xDF: (length, value, smallest) = (1, UInt32(first & 0x1F), 0x80)
        case 0xE0...0xEF: (length, value, smallest) = (2, UInt32(first & 0x0F), 0x800)
        case 0xF0...0xF4: (length, value, smallest) = (3, UInt32(first & 0x07), 0x10000)
        default: return invalid
        }
        guard offset + length <= bytes.count else { return invalid }
        for index in 0..<length {
            let byte = bytes[offset + index]
            guard byte & 0xC0 == 0x80 else { return invalid }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        guard value >= smallest, value <= 0x10FFFF, !(0xD800...0xDFFF).contains(value) else { return invalid }
        offset += length
        return value
    }
}
