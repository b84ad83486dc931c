import BuildSolver
import ImageBuild

/// `build --plan`: what each step would be, stage by stage, and the first cause of each miss.
struct PlanText {
    let steps: [PredictedStep]

    var text: String {
        var text = ""
        var stage: Int?
        for predicted in steps {
            let step = predicted.step
            if step.stageIndex != stage {
                text += (stage == nil ? "" : "\n") + step.stageLabel + "\n"
                stage = step.stageIndex
            }
            text += "  \(TextWidth.left(word(predicted.state), 7))  \(OutputLines.clean(step.title))\n"
            if case .run(let reason, let seconds) = predicted.state {
                let last = seconds.map { "; took \(Figures.seconds($0)) last time" } ?? ""
                text += "           because: \(reason)\(last)\n"
            }
        }
        return text + (text.isEmpty ? "" : "\n") + summary + "\n"
    }

    private func word(_ state: PredictedStep.State) -> String {
        switch state {
        case .cached: "cached"
        case .run: "run"
        case .skipped: "skipped"
        }
    }

    private var summary: String {
        let cached = steps.count { $0.state == .cached }
        let skipped = steps.count { $0.state == .skipped }
        return "\(Figures.count(steps.count, "step")): \(cached) cached, \(steps.count - cached - skipped) to run"
            + (skipped > 0 ? ", \(skipped) not needed" : "")
    }
}
