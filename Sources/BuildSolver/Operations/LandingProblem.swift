import BuildPlan
import Diagnostics
import SystemPackage

/// Why something cannot land where an instruction wants it: told at the part of the instruction that asks for it.
protocol LandingProblem: Error, CustomStringConvertible {
    var code: String { get }
    var message: String { get }
    var help: String? { get }
    /// Which part of the instruction is to blame.
    var part: LandingPart { get }
}

enum LandingPart {
    case destination
    case owner
    /// By its index.
    case source(Int)
}

extension LandingProblem {
    var help: String? { nil }
    var part: LandingPart { .destination }
    var description: String { message }

    func diagnostic(at node: Node) -> Diagnostic {
        return Diagnostic(.error, code, message, at: place(in: node).map { Diagnostic.Label($0) }, help: help)
    }

    private func place(in node: Node) -> SourceRange? {
        guard let sources = node.sources else { return node.origin }
        switch part {
        case .destination: return sources.destination ?? node.origin
        case .owner: return sources.owner ?? node.origin
        case .source(let index): return sources.ranges.indices.contains(index) ? sources.ranges[index] : node.origin
        }
    }
}

/// A path that has to be a directory is something else.
struct NotADirectory: LandingProblem {
    let path: FilePath
    let code = "not-a-directory"
    var message: String { "\(path) exists and is not a directory" }
    var help: String? { "remove it first, or copy to another place" }
}

/// A file in the way of a directory of the same name.
struct FileOverDirectory: LandingProblem {
    let path: FilePath
    let code = "directory-in-the-way"
    var message: String { "\(path) is a directory in the image and a file in the source" }
    var help: String? { "remove the directory first, or copy to another place" }
}

/// An archive that ADD cannot unpack.
struct UnusableArchive: LandingProblem {
    let name: String
    let reason: String
    let source: Int
    let code = "archive-unusable"
    var part: LandingPart { .source(source) }
    var message: String { "the archive \"\(name)\" cannot be unpacked: \(reason)" }
    var help: String? { "make it anew, or copy it as it is with --unpack=false" }
}

/// A name that the image's passwd or group does not have.
struct UnknownOwner: LandingProblem {
    let name: String
    /// `user`, `group`.
    let kind: String
    let file: String
    let suggestions: [String]
    let code = "chown-unknown"
    var part: LandingPart { .owner }
    var message: String { "there is no \(kind) \"\(name)\" in the image's \(file)" }
    var help: String? {
        guard let first = suggestions.first else { return "make the \(kind) in an earlier RUN, or write its number" }
        return "did you mean \"\(first)\"?"
    }
}
