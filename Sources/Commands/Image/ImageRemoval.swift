package import ArgumentParser
import ContentStorage
import OCI

/// What `jettison rmi` and `jettison image rm` take and do.
package struct ImageRemoval: ParsableArguments {
    @OptionGroup package var global: GlobalOptions
    @Argument(help: ArgumentHelp("Names, or beginnings of ids.", valueName: "image"))
    package var images: [String]
    @Flag(name: [.customShort("f"), .long], help: "Remove an id with all its names; do not mind what is not there.")
    package var force = false
    @Flag(name: .customLong("no-prune"), help: .hidden)
    package var noPrune = false

    package init() {}
    package func validate() throws {
        if images.isEmpty { throw ValidationError("Name at least one image.") }
    }

    func run() throws {
        let access = ImageAccess(root: global.root)
        let failure = try remove(access) { try StandardStream.output.line($0) }
        if let failure { throw failure }
    }

    /// Goes on after a failure, and returns the first.
    func remove(_ access: ImageAccess, _ say: (String) throws -> Void) throws -> (any Error)? {
        var failure: (any Error)?
        var isAnyGone = false
        for text in images {
            do {
                let lines = try remove(text, access)
                for line in lines { try say(line) }
                isAnyGone = true
            } catch let error as CommandFailure where force && (try? access.images.resolve(text)) == nil {
                try? StandardStream.error.line("warning: " + error.message)
            } catch {
                failure = failure ?? error
            }
        }
        if isAnyGone { _ = try access.collect() }
        return failure
    }

    private func remove(_ text: String, _ access: ImageAccess) throws -> [String] {
        let image = try access.resolve(text)
        if let reference = try? Reference(parsing: text), reference.digest == nil,
            try access.images.target(of: reference) != nil
        {
            let isLast = try access.images.remove(reference)
            let isGone = try isLast && !access.list().contains { $0.id == image.id }
            return ["Untagged: " + reference.familiar] + (isGone ? ["Deleted: " + image.id.description] : [])
        }
        // One id may be in the store under several manifests: as loaded from different archives.
        let alike = try access.list().filter { $0.id == image.id }
        let names = alike.flatMap(\.references)
        guard names.count <= 1 || force else {
            throw CommandFailure(
                "the image \(text) has \(names.count) names: " + names.map(\.familiar).joined(separator: ", "),
                help: "remove the names one by one, or all with -f")
        }
        let removed = try alike.flatMap { try access.images.remove($0.target.digest) }
        return removed.map { "Untagged: " + $0.familiar } + ["Deleted: " + image.id.description]
    }
}

/// `jettison rmi`.
package struct RemoveImageCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rmi", abstract: "Remove names, and images that lose their last one.",
        discussion: "Example: jettison rmi app:old")
    @OptionGroup var removal: ImageRemoval
    package init() {}
    package func run() throws { try removal.run() }
}

/// `jettison image rm`.
struct ImageRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove names, and images that lose their last one.",
        discussion: "Example: jettison image rm app:old", aliases: ["remove"])
    @OptionGroup var removal: ImageRemoval
    func run() throws { try removal.run() }
}
