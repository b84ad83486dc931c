package import ArgumentParser
import ContentStorage

/// `jettison inspect`.
package struct InspectCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show all that is known of images, as JSON.",
        discussion: "Example: jettison inspect --format '{{json .Config.Env}}' app")

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("Names, or beginnings of ids.", valueName: "image"))
    var images: [String]
    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("json, or a Go template as docker takes them.", valueName: "format"))
    var format: String?
    @Option(help: .hidden)
    var type: String?

    package init() {}

    package func validate() throws {
        if images.isEmpty { throw ValidationError("Name at least one image.") }
        if let type, type != "image" {
            throw ValidationError("There is nothing of type \"\(type)\" here, only images.")
        }
    }

    package func run() throws {
        let (text, failure) = try text(ImageAccess(root: global.root))
        try StandardStream.output.write(text)
        if let failure { throw failure }
    }

    /// What was found, and why not everything was.
    func text(_ access: ImageAccess) throws -> (String, (any Error)?) {
        var found: [TemplateValue] = []
        var failure: (any Error)?
        for name in images {
            do { found.append(try access.resolve(name).inspection) } catch { failure = failure ?? error }
        }
        guard let format, format != "json" else { return (TemplateValue.list(found).prettyJSON + "\n", failure) }
        let lines = try reportingTemplates {
            let template = try GoTemplate(parsing: format)
            return try found.map { try template.render($0) + "\n" }
        }
        return (lines.joined(), failure)
    }
}
