package import ArgumentParser
import ContentStorage
import OCI

/// `jettison tag`.
package struct TagCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tag", abstract: "Give an image another name.",
        discussion: "Example: jettison tag app registry.example/team/app:1.0")

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("A name, or the beginning of an id.", valueName: "source"))
    var source: String
    @Argument(help: ArgumentHelp("The new name.", valueName: "name[:tag]"))
    var name: String

    package init() {}
    package func run() throws { try tag(ImageAccess(root: global.root)) }

    func tag(_ access: ImageAccess) throws {
        let reference: Reference
        do { reference = try Reference(parsing: name) } catch { throw UsageError(error.description) }
        guard reference.digest == nil else {
            throw UsageError("\"\(name)\" holds a digest; an image is tagged with a name and a tag")
        }
        try access.images.set(reference, to: try access.resolve(source).target)
    }
}
