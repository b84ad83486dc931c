package import Diagnostics
package import OCI

/// Everything there is to do, and what comes out of it.
package struct PlannedBuild: Sendable {
    package var graph: BuildGraph
    package var image: PlannedImage
    package var steps: [PlannedStep]
    /// Built stages other than the final one: their last node, for the ledger.
    package var leftBehind: [PlannedStage]
    package var warnings: [Diagnostic]
}

/// A line of the plan as users see it.
package struct PlannedStep: Sendable {
    /// 1-based, in file order.
    package var id: Int
    package var stage: String
    package var stageIndex: Int
    package var position: Int
    package var count: Int
    package var title: String
    package var origin: SourceRange?
    /// nil: the stage is not needed, or nothing has to be done (`FROM scratch`).
    package var node: Node.ID?
    package var isNeeded: Bool
}

package struct PlannedStage: Sendable {
    package var name: String
    package var index: Int
    /// nil: the stage is empty.
    package var node: Node.ID?
}

/// The image to assemble: its config without times and layers, and which nodes become layers.
package struct PlannedImage: Sendable {
    package struct Step: Sendable {
        /// `RUN /bin/sh -c make`.
        package var createdBy: String
        package var line: Int?
        package var title: String
        /// nil: only the config changed.
        package var node: Node.ID?
    }

    package var platform: Platform
    /// The base as written, or `scratch`.
    package var baseName: String
    package var base: PinnedBase?
    package var config: ContainerConfig
    package var author: String?
    package var steps: [Step]
    /// The last node; nil when the image has no filesystem at all.
    package var node: Node.ID?
}
