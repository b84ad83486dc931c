package import ArgumentParser
package import ImageBuild
package import SystemPackage

/// What every command that touches the store takes.
package struct GlobalOptions: ParsableArguments {
    @Option(
        name: .customLong("root"),
        help: ArgumentHelp("Where images, layers and cache live (environment: JETTISON_ROOT).", valueName: "dir"))
    package var explicitRoot: String?

    package init() {}

    /// The directory in force: `--root`, JETTISON_ROOT, or the user's default.
    package var root: FilePath {
        let path = FilePath(explicitRoot ?? ProcessEnvironment.current.defaultRoot)
        // Absolute: it is handed to programs that start elsewhere.
        return path.isAbsolute ? path : FilePath(ProcessEnvironment.currentDirectory).pushing(path).lexicallyNormalized()
    }

    /// How to call us again with the same store.
    package var program: String {
        let given = explicitRoot ?? ProcessEnvironment.current.rootOption
        return given.map { "jettison --root \($0)" } ?? "jettison"
    }

    package mutating func validate() throws {
        if explicitRoot == "" { throw ValidationError("'--root' needs a directory.") }
    }
}

extension ProcessEnvironment {
    /// Stores, snapshots and runtime under the root in force.
    package func build(_ options: GlobalOptions) -> BuildEnvironment {
        BuildEnvironment(root: options.root.string, searchPath: searchPath.joined(separator: ":"), variables: variables)
    }
}
