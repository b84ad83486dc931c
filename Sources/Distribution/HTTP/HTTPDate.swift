/// Times as HTTP writes them (RFC 9110, section 5.6.7).
package enum HTTPDate {
    /// Seconds since 1970; nil when it is none of the three forms.
    package static func seconds(_ text: String) -> Int64? {
        let words = text.split { " ,-".contains($0) }.map(String.init)
        // Sun, 06 Nov 1994 08:49:37 GMT / Sunday, 06-Nov-94 08:49:37 GMT / Sun Nov  6 08:49:37 1994
        if words.count == 6, words[5] == "GMT" || words[5] == "UTC" {
            return seconds(year: words[3], month: words[2], day: words[1], time: words[4])
        }
        if words.count == 5 { return seconds(year: words[4], month: words[1], day: words[2], time: words[3]) }
        return nil
    }

    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    private static func seconds(year: String, month: String, day: String, time: String) -> Int64? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard let month = months.firstIndex(of: month.lowercased()), let day = Int64(day), (1...31).contains(day),
            var year = Int64(year), (0...9999).contains(year), clock.count == 3, let hours = clock[0],
            let minutes = clock[1], let seconds = clock[2], (0...23).contains(hours), (0...59).contains(minutes),
            (0...60).contains(seconds)
        else { return nil }
        if year < 100 { year += year < 70 ? 2000 : 1900 }
        return days(year: year, month: Int64(month) + 1, day: day) * 86400 + hours * 3600 + minutes * 60 + seconds
    }

    /// Days since 1970 in the Gregorian calendar.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
