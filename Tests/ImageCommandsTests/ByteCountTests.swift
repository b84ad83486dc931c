import Commands
import HostSystem
import Testing

@testable import Commands

struct ByteCountTests {
    static let short: [(Int64, String)] = [
        (0, "0B"), (1, "1B"), (999, "999B"), (1000, "1kB"), (1234, "1.23kB"), (1500, "1.5kB"), (12_345, "12.3kB"),
        (123_456, "123kB"), (999_499, "999kB"), (999_500, "1MB"), (999_999, "1MB"), (1_000_000, "1MB"),
        (12_300_000, "12.3MB"),
        (77_800_000, "77.8MB"), (1_049_999_999, "1.05GB"), (1_005_000_000, "1.01GB"), (9_995_000_000, "10GB"),
        (412_000_000_000, "412GB"),
        (5_000_000_000_000_000, "5PB"), (Int64.max, "9.22EB"), (-1500, "-1.5kB"), (Int64.min, "-9.22EB"),
    ]

    @Test(arguments: short)
    func threeDigits(_ bytes: Int64, _ text: String) { #expect(ByteCount(bytes).description == text) }

    static let long: [(Int64, String)] = [
        (0, "0B"), (908_534, "908.5kB"), (1_234_567, "1.235MB"), (10_000_000, "10MB"), (999_950, "1MB"),
        (999_949, "999.9kB"),
    ]

    @Test(arguments: long)
    func fourDigits(_ bytes: Int64, _ text: String) {
        #expect(ByteCount(bytes).formatted(significantDigits: 4) == text)
    }
}

struct AgeTests {
    static let ages: [(Int64, String)] = [
        (-5, "Less than a second ago"), (0, "Less than a second ago"), (1, "1 second ago"), (59, "59 seconds ago"),
        (60, "About a minute ago"), (119, "About a minute ago"), (120, "2 minutes ago"), (3599, "59 minutes ago"),
        (3600, "About an hour ago"), (5399, "About an hour ago"), (5400, "2 hours ago"), (47 * 3600, "47 hours ago"),
        (48 * 3600, "2 days ago"), (13 * 86400, "13 days ago"), (14 * 86400, "2 weeks ago"),
        (59 * 86400, "8 weeks ago"),
        (60 * 86400, "2 months ago"), (729 * 86400, "24 months ago"), (730 * 86400, "2 years ago"),
        (54 * 365 * 86400, "54 years ago"),
    ]

    @Test(arguments: ages)
    func agesAreDockers(_ seconds: Int64, _ text: String) {
        let now = Timestamp(seconds: 1_800_000_000)
        #expect(Age.text(Timestamp(seconds: now.seconds - seconds), at: now) == text)
    }
    @Test func whatNobodyNotedHasNone() { #expect(Age.text(nil, at: .now) == "N/A") }
}

struct TableTests {
    @Test func columnsAreAsWideAsTabwriters() throws {
        let table = Table(
            header: ["A", "LONG HEADER", "LAST"],
            rows: [
                ["x", "y", "z"], ["a value of 20 cells.", "", "…"],
                ["ünïcödé", "tab\there\nand \u{1B}[31mthere", "end"],
            ])
        try expectGolden(table.rendered(), "table.golden")
    }

    @Test func numbersGoRight() throws {
        let table = Table(
            header: ["NAME", "SIZE", "SHARE"], rows: [["a", "1.5MB", "3%"], ["bb", "300B", "100%"]],
            alignments: [.left, .right, .right])
        try expectGolden(table.rendered(), "table-right.golden")
    }

    @Test func aColumnEndsWhereALineLacksIt() {
        #expect(
            Table.aligned("a\tb\nno columns here at all\na\tb\n")
                == "a         b\nno columns here at all\na         b\n")
        #expect(Table.aligned("").isEmpty)
        #expect(Table(header: []).rendered().isEmpty)
    }
}
