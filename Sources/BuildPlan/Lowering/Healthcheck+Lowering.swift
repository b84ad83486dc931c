import Diagnostics
import DockerfileSyntax
import OCI

extension Planning {
    /// Durations and retries are taken as written: HEALTHCHECK replaces no variables. Zero and an empty value leave the
    /// setting to whoever runs the container.
    mutating func fold(
        _ healthcheck: Healthcheck, into state: inout StageState
    ) throws(DiagnosticsError) -> String {
        var check = ContainerConfig.Healthcheck()
        switch healthcheck.command {
        case .exec(let arguments, _)?: check.test = ["CMD"] + arguments
        case .shell(let form)?: check.test = ["CMD-SHELL", form.text]
        case nil: check.test = ["NONE"]
        }
        if healthcheck.command != nil {
            check.interval = try duration(healthcheck.interval)
            check.timeout = try duration(healthcheck.timeout)
            check.startPeriod = try duration(healthcheck.startPeriod)
            check.startInterval = try duration(healthcheck.startInterval)
            check.retries = try retries(healthcheck.retries)
        }
        state.config.healthcheck = check
        return "HEALTHCHECK " + Self.shown(check)
    }

    private func retries(_ word: Word?) throws(DiagnosticsError) -> Int? {
        guard let word, !word.raw.isEmpty else { return nil }
        guard let retries = Int32(word.raw), retries >= 0 else {
            throw invalid("retries-invalid", "is not a number of retries", word, help: "write a number, 0 or more")
        }
        return retries == 0 ? nil : Int(retries)
    }

    private func duration(_ word: Word?) throws(DiagnosticsError) -> Int64? {
        guard let word, !word.raw.isEmpty else { return nil }
        guard let nanoseconds = GoDuration.nanoseconds(word.raw) else {
            throw invalid(
                "duration-invalid", "is not a duration", word, help: "write a number with a unit, for example 30s, 5m or 1m30s")
        }
        guard nanoseconds == 0 || nanoseconds >= 1_000_000 else {
            throw invalid(
                "duration-invalid", "is \(nanoseconds < 0 ? "negative" : "less than a millisecond")", word,
                help: "write 1ms or more, or 0 for the default")
        }
        return nanoseconds == 0 ? nil : nanoseconds
    }

    private func invalid(_ code: String, _ what: String, _ word: Word, help: String) -> DiagnosticsError {
        let hasVariable = word.raw.contains("$")
        return DiagnosticsError(
            Diagnostic(
                .error, code, "\"\(word.raw)\" \(what)", at: word.range,
                notes: hasVariable ? ["HEALTHCHECK replaces no variables"] : [], help: help))
    }

    /// As Go prints the struct, which is what docker puts into history.
    private static func shown(_ check: ContainerConfig.Healthcheck) -> String {
        let durations = [
            ("Interval", check.interval), ("Timeout", check.timeout), ("StartPeriod", check.startPeriod),
            ("StartInterval", check.startInterval),
        ]
        return "{Test:" + listed(check.test ?? []) + " "
            + durations.map { "\($0):\(GoDuration.text($1 ?? 0)) " }.joined() + "Retries:\(check.retries ?? 0)}"
    }
}
