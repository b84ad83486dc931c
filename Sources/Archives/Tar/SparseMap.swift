/// Where the bytes of a sparse file belong: pieces in ascending order, holes between them.
struct SparseMap {
    private(set) var pieces: [Range<Int64>] = []
    let realSize: Int64

    /// `numbers` are offsets and lengths in turn. Nothing may overlap, go back, or pass `realSize`.
    init(numbers: [Int64], realSize: Int64, at offset: Int64) throws {
        let bad = TarError(.badSparseMap, at: offset)
        guard numbers.count.isMultiple(of: 2), realSize >= 0 else { throw bad }
        self.realSize = realSize
        pieces.reserveCapacity(numbers.count / 2)
        var last: Int64 = 0
        for index in stride(from: 0, to: numbers.count, by: 2) {
            let (end, overflow) = numbers[index].addingReportingOverflow(numbers[index + 1])
            guard !overflow, numbers[index] >= last, numbers[index + 1] >= 0, end <= realSize else { throw bad }
            // A last piece of no bytes at the end only says how long the file is.
            if end > numbers[index] { pieces.append(numbers[index]..<end) }
            last = end
        }
    }

    /// The bytes stored in the archive. Cannot overflow: the pieces do not overlap and end before `realSize`.
    var storedBytes: Int64 { pieces.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }
}
