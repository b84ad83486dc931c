import FoundationEssentials
import HostSystem

/// The environment this process was started with. The only place that reads it: everything else is handed values.
package struct ProcessEnvironment: Sendable {
    package var variables: [String: String]
    /// Whether the process may do what only root may.
    package var isRoot: Bool
    /// `--root` before the command's name.
    package var rootOption: String?

    package init(variables: [String: String], isRoot: Bool, rootOption: String? = nil) {
        self.variables = variables
        self.isRoot = isRoot
        self.rootOption = rootOption
    }

    package static func ofThisProcess() -> ProcessEnvironment {
        ProcessEnvironment(variables: ProcessInfo.processInfo.environment, isRoot: HostIdentity.isRoot)
    }

    /// What commands read; tests bind another one.
    @TaskLocal package static var current = ofThisProcess()

    /// An empty value counts as none, as docker and git have it.
    package subscript(name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Where relative paths start.
    package static var currentDirectory: String { FileManager.default.currentDirectoryPath }

    /// Directories in which programs are looked up.
    package var searchPath: [String] {
        (self["PATH"] ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
            .split(separator: ":").map(String.init)
    }

    /// Where images, layers and cache live unless `--root` says otherwise. An empty JETTISON_ROOT counts as unset.
    package var defaultRoot: String {
        if let root = rootOption ?? self["JETTISON_ROOT"] { return root }
        if isRoot { return "/var/lib/jettison" }
        if let data = self["XDG_DATA_HOME"], data.hasPrefix("/") { return data + "/jettison" }
        return (self["HOME"] ?? "/tmp") + "/.local/share/jettison"
    }

    /// Colours are wanted: neither https://no-color.org nor a terminal without any says no.
    package var allowsColour: Bool { self["NO_COLOR"] == nil && !isDumbTerminal }
    package var isDumbTerminal: Bool { self["TERM"] == "dumb" }
    /// A CI service runs us.
    package var isContinuousIntegration: Bool { self["CI"].map { $0 != "false" && $0 != "0" } ?? false }
}
