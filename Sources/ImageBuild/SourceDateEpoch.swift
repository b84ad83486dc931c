import BuildPlan
import Diagnostics

/// The time that every time in an image is clamped to (https://reproducible-builds.org/specs/source-date-epoch/), as the
/// Dockerfile gives it: `ARG SOURCE_DATE_EPOCH=…` before the first FROM.
enum SourceDateEpoch {
    static func seconds(in outline: Outline) throws(DiagnosticsError) -> Int64? {
        guard let (value, range) = outline.sourceDateEpoch else { return nil }
        if let seconds = Int64(value), seconds >= 0, seconds < 253_402_300_800 { return seconds }
        throw DiagnosticsError(
            Diagnostic(
                .error, "epoch-invalid", "SOURCE_DATE_EPOCH is a number of seconds since 1970, not \"\(value)\"",
                at: range.map { Diagnostic.Label($0) }, help: "write the seconds, as \"date +%s\" prints them"))
    }
}
