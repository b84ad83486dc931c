package import ArgumentParser

/// `jettison`.
package struct Root: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "jettison", abstract: "Builds container images from Dockerfiles and shows where their bytes come from.")
    package init() {}
    package static func run() async {}
}
