package import Diagnostics

/// What every instruction has.
package protocol InstructionSyntax: Sendable {
    static var keyword: String { get }
    /// The whole instruction in the file, heredoc bodies included.
    var range: SourceRange { get }
    /// The instruction on one line, as history and progress show it: continuations joined.
    var original: String { get }
}

/// One Dockerfile statement inside a stage. Closed on purpose: the compiler lists what a new one touches.
package enum Instruction: Sendable {
    case add(Add)
    case arg(Arg)
    case cmd(Cmd)
    case copy(Copy)
    case entrypoint(Entrypoint)
    case env(Env)
    case expose(Expose)
    case healthcheck(Healthcheck)
    case label(Label)
    case maintainer(Maintainer)
    case onbuild(Onbuild)
    case run(Run)
    case shell(Shell)
    case stopSignal(StopSignal)
    case user(User)
    case volume(Volume)
    case workdir(Workdir)

    package var syntax: any InstructionSyntax {
        switch self {
        case .add(let it): it
        case .arg(let it): it
        case .cmd(let it): it
        case .copy(let it): it
        case .entrypoint(let it): it
        case .env(let it): it
        case .expose(let it): it
        case .healthcheck(let it): it
        case .label(let it): it
        case .maintainer(let it): it
        case .onbuild(let it): it
        case .run(let it): it
        case .shell(let it): it
        case .stopSignal(let it): it
        case .user(let it): it
        case .volume(let it): it
        case .workdir(let it): it
        }
    }
}
