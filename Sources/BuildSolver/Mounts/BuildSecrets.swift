import HostSystem
package import SystemPackage

/// The secrets that the command line gave, by id. Values are read when a step needs them and kept by nobody.
package struct BuildSecrets: Sendable {
    package enum Source: Sendable, Hashable {
        case file(FilePath)
        case value([UInt8])
        /// A variable that is not set: docker takes it for empty.
        case unset(variable: String)
    }

    private let sources: [String: Source]

    package init(_ sources: [String: Source] = [:]) { self.sources = sources }

    /// What docker allows.
    package static let sizeLimit = 500 << 10

    package var ids: [String] { sources.keys.sorted() }

    /// nil when there is no such secret.
    package func value(of id: String) throws -> [UInt8]? {
        switch sources[id] {
        case nil: return nil
        case .value(let bytes): return bytes
        case .unset: return []
        case .file(let path):
            let file = try File(opening: path)
            guard try file.metadata().kind != .directory else { throw SecretError(id, "\(path) is a directory") }
            // One byte more, to know that there are more.
            guard let bytes = try? file.readAll(limit: Self.sizeLimit) else {
                throw SecretError(id, "\(path) cannot be read, or is larger than \(Self.sizeLimit >> 10) kB")
            }
            return bytes
        }
    }
}

/// A secret that cannot be had.
struct SecretError: Error, CustomStringConvertible {
    let description: String
    init(_ id: String, _ why: String) { description = "secret \"\(id)\": \(why)" }
}
