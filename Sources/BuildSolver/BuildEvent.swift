package import Diagnostics
package import Execution

/// One line of the plan as users see it: an instruction that does something, or a base.
package struct BuildStep: Sendable {
    /// Unique within a build, 1-based, in file order.
    package var id: Int
    /// The stage's name, or its index as text.
    package var stage: String
    package var stageIndex: Int
    /// 1-based position among the stage's steps, and their number.
    package var position: Int
    package var count: Int
    /// `RUN go build …` on one line.
    package var title: String
    /// Where it is written; nil for steps nobody wrote (ONBUILD triggers of a base keep theirs).
    package var origin: SourceRange?

    package init(
        id: Int, stage: String, stageIndex: Int, position: Int, count: Int, title: String, origin: SourceRange?
    ) {
        self.id = id
        self.stage = stage
        self.stageIndex = stageIndex
        self.position = position
        self.count = count
        self.title = title
        self.origin = origin
    }
}

/// What happens during a build, in order per step. Progress displays are drawn from nothing else.
package enum BuildEvent: Sendable {
    /// Everything that will happen, before any of it.
    case planned([BuildStep])
    /// The step belongs to a stage nothing asked for. `reason` says so in words.
    case skipped(id: Int, reason: String)
    case started(id: Int)
    /// The result was there already.
    case cached(id: Int)
    /// `reason` is why the step was not cached, in one line; `bytes` what its layer adds, when known.
    case completed(id: Int, seconds: Double, bytes: Int64?, reason: String?)
    case failed(id: Int, message: String)
    case output(id: Int, ProcessOutput)
    /// Work after or beside the steps: `exporting layers`, with how far it is (nil: not known).
    case activity(name: String, detail: String, done: Bool)
    case warning(Diagnostic)
}
