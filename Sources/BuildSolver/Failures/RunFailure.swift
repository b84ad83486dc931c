package import Execution
package import HostSystem

/// A RUN that ended with something other than 0, and what was seen around it.
package struct RunFailure: Error, Sendable {
    package var exit: ProcessExit
    package var arguments: [String]
    /// The last lines it printed, both streams together.
    package var lastOutput: [String]
    /// As the step had it; empty: root.
    package var user = ""
    package var hasNetwork = true
    /// Of the step, when one was set.
    package var memoryLimitBytes: Int64?
    /// Read when a process was killed.
    package var memory: HostMemory?
    /// What is wrong with the program that could not be run, when it is there and something is.
    package var program: RuntimeError?

    package init(exit: ProcessExit, arguments: [String], lastOutput: [String]) {
        self.exit = exit
        self.arguments = arguments
        self.lastOutput = lastOutput
    }

    /// The script of a shell form, or the arguments as one line.
    package var command: String { arguments.last.map { arguments.count == 3 ? $0 : arguments.joined(separator: " ") } ?? "" }
}
