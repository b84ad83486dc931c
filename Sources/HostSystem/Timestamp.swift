/// A point in time as file systems keep it: seconds since 1970 (negative before) and 0..<1,000,000,000 nanoseconds.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
    package var seconds: Int64
    package var nanoseconds: Int32

    package init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static let epoch = Timestamp(seconds: 0)

    package static func < (a: Timestamp, b: Timestamp) -> Bool {
        a.seconds != b.seconds ? a.seconds < b.seconds : a.nanoseconds < b.nanoseconds
    }
}
