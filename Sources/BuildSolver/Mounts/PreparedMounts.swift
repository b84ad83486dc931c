import Execution
import HostSystem
import Snapshots

/// The mounts of one RUN, made ready, and what is held for them until it has ended.
final class PreparedMounts: Sendable {
    private struct State {
        var mounts: [ContainerProcess.Mount] = []
        var environment: [String] = []
        var secrets: [[UInt8]] = []
        var holds: [CacheMountHold] = []
        var copies: [WritableSnapshot] = []
    }

    private let state = Monitor(State())
    private let snapshotter: any Snapshotter

    init(snapshotter: any Snapshotter) { self.snapshotter = snapshotter }

    /// Outer ones before those inside them.
    var mounts: [ContainerProcess.Mount] {
        state.with { $0.mounts.enumerated().sorted { ($0.element.target, $0.offset) < ($1.element.target, $1.offset) } }
            .map(\.element)
    }
    var environment: [String] { state.with { $0.environment } }
    /// Bytes that nothing the step prints may show.
    var secrets: [[UInt8]] { state.with { $0.secrets } }

    func add(_ kind: ContainerProcess.Mount.Kind, at target: String) {
        state.with { $0.mounts.append(.init(target: target, kind: kind)) }
    }

    func add(secret: [UInt8], as variable: String?) {
        state.with { state in
            state.secrets.append(secret)
            if let variable { state.environment.append(variable + "=" + String(decoding: secret, as: UTF8.self)) }
        }
    }

    func hold(_ hold: CacheMountHold) { state.with { $0.holds.append(hold) } }
    func hold(_ copy: WritableSnapshot) { state.with { $0.copies.append(copy) } }

    /// Lets everything go: what was written to a bind mount is gone, what was written to a cache mount stays. Blocks.
    func close() {
        let ended = state.with { state in
            defer { state = State() }
            return state
        }
        for hold in ended.holds { hold.release() }
        // What is left is found by the next build's recovery.
        for copy in ended.copies { try? snapshotter.discard(copy) }
    }
}
