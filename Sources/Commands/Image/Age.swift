import HostSystem

/// How long ago something was, in docker's words: `3 minutes ago`.
struct Age: CustomStringConvertible {
    private let seconds: Int64

    init(of time: Timestamp, at now: Timestamp) { seconds = max(0, now.seconds - time.seconds) }

    var description: String { words + " ago" }

    private var words: String {
        let minutes = seconds / 60
        let hours = (seconds + 1800) / 3600
        return switch true {
        case seconds < 1: "Less than a second"
        case seconds == 1: "1 second"
        case seconds < 60: "\(seconds) seconds"
        case minutes == 1: "About a minute"
        case minutes < 60: "\(minutes) minutes"
        case hours == 1: "About an hour"
        case hours < 48: "\(hours) hours"
        case hours < 24 * 7 * 2: "\(hours / 24) days"
        case hours < 24 * 30 * 2: "\(hours / 24 / 7) weeks"
        case hours < 24 * 365 * 2: "\(hours / 24 / 30) months"
        default: "\(seconds / 3600 / 24 / 365) years"
        }
    }

    /// Of something whose time nobody noted.
    static func text(_ time: Timestamp?, at now: Timestamp) -> String {
        time.map { Age(of: $0, at: now).description } ?? "N/A"
    }
}
