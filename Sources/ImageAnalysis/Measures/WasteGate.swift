/// Limits on waste that an image has to keep to: dive's three rules.
package struct WasteGate: Sendable, Hashable {
    /// 0 ... 1; nil: not looked at.
    package var lowestEfficiency: Double?
    /// Bytes.
    package var highestWastedBytes: Int64?
    /// 0 ... 1.
    package var highestUserWastedPercent: Double?

    /// What dive holds images to when nothing is said.
    package static let standard = WasteGate(lowestEfficiency: 0.9, highestWastedBytes: nil, highestUserWastedPercent: 0.1)

    package init(lowestEfficiency: Double? = nil, highestWastedBytes: Int64? = nil, highestUserWastedPercent: Double? = nil) {
        self.lowestEfficiency = lowestEfficiency
        self.highestWastedBytes = highestWastedBytes
        self.highestUserWastedPercent = highestUserWastedPercent
    }

    package struct Verdict: Sendable, Hashable {
        package enum Status: String, Sendable, Hashable { case passed, failed, skipped }
        package var rule: String
        package var status: Status
        /// Of a failed rule: what was found, and what was allowed.
        package var reason: String?
    }

    package func verdicts(on analysis: ImageAnalysis) -> [Verdict] {
        let (score, wasted, share) = (analysis.efficiencyScore, analysis.inefficientBytes, analysis.userWastedShare)
        return [
            verdict("highestUserWastedPercent", highestUserWastedPercent, fails: { share > $0 }) {
                "\(Self.percent(share)) of the bytes added to the first layer are wasted, more than \(Self.percent($0))"
            },
            verdict("highestWastedBytes", highestWastedBytes, fails: { wasted > $0 }) {
                "\(wasted) bytes are wasted, more than \($0)"
            },
            verdict("lowestEfficiency", lowestEfficiency, fails: { score < $0 }) {
                "the efficiency is \(Self.percent(score)), less than \(Self.percent($0))"
            },
        ]
    }

    private func verdict<Limit>(
        _ rule: String, _ limit: Limit?, fails: (Limit) -> Bool, reason: (Limit) -> String
    ) -> Verdict {
        guard let limit else { return Verdict(rule: rule, status: .skipped) }
        return fails(limit)
            ? Verdict(rule: rule, status: .failed, reason: reason(limit)) : Verdict(rule: rule, status: .passed)
    }

    /// Two decimals.
    package static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)%"
    }
}
