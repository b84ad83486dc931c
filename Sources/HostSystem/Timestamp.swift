import CHost

/// A point in time: seconds and nanoseconds since 1970-01-01 UTC, as file systems keep it.
package struct Timestamp: Hashable, Comparable, Sendable, Codable {
    package var seconds: Int64
    /// 0 ..< 1,000,000,000, also before 1970.
    package var nanoseconds: Int32

    package init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static let epoch = Timestamp(seconds: 0)

    package static var now: Timestamp {
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        chost_now(&seconds, &nanoseconds)
        return Timestamp(seconds: seconds, nanoseconds: Int32(truncatingIfNeeded: nanoseconds))
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
