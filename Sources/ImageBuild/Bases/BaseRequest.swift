package import OCI
package import SystemPackage

/// A base image that somebody wants made from Debian's packages.
package struct BaseRequest: Sendable {
    package enum Variant: String, Sendable, CaseIterable {
        /// Essential and required packages, apt and dpkg: what `RUN apt-get install` wants to stand on.
        case minbase
        /// The named packages and what they need at run time; no package manager and no shell.
        case distroless
        /// The static busybox with a link for each of its applets.
        case busybox
    }

    package var reference: Reference
    package var variant: Variant
    /// A release code name; nil for the host's own.
    package var suite: String?
    /// As apt takes them: `NAME`, `NAME=VERSION`, `NAME/SUITE`.
    package var packages: [String]
    /// Where packages come from; nil for the host's own apt sources.
    package var mirror: String?
    package var labels: [(name: String, value: String)]
    /// Manual pages, translations and documentation stay in.
    package var keepsDocumentation: Bool
    /// Seconds since 1970 that no time in the image exceeds; nil for the build date of the newest package.
    package var sourceDateEpoch: Int64?

    package init(reference: Reference, variant: Variant = .minbase, packages: [String] = []) {
        self.reference = reference
        self.variant = variant
        self.packages = packages
        labels = []
        keepsDocumentation = false
    }

    /// What the image's history says. Neither the name nor the mirror is in it: the same packages make the same image.
    func historyLine(suite: String) -> String {
        var words = ["jettison base create --variant \(variant.rawValue) --suite \(suite)"]
        if !packages.isEmpty { words.append("--include \(packages.joined(separator: ","))") }
        if keepsDocumentation { words.append("--keep-docs") }
        return words.joined(separator: " ")
    }

    /// Throws when a package name could be taken for something else by apt, or the request makes no image.
    func validate() throws(BaseError) {
        for package in packages where !Self.isPackageName(package) {
            throw .badPackageName(package)
        }
        if variant == .distroless, packages.isEmpty { throw .nothingToInstall }
        if let suite, !Self.isSuiteName(suite) { throw .badSuite(suite) }
        if let mirror, !Self.isMirror(mirror) { throw .badMirror(mirror) }
    }

    private static func isPackageName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetterOrDigit(first) else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || "+-.:=/~_".utf8.contains($0) } && !text.hasSuffix("-")
    }

    private static func isSuiteName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetterOrDigit(first) else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || "-._".utf8.contains($0) }
    }

    private static func isMirror(_ text: String) -> Bool {
        guard let scheme = text.split(separator: ":", maxSplits: 1).first, text.dropFirst(scheme.count).hasPrefix(":/")
        else { return false }
        return ["http", "https", "file", "copy", "mirror+http", "mirror+https"].contains(scheme)
            && text.utf8.allSatisfy { $0 > 32 && $0 != 127 && !"[]#".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (97...122).contains(byte) || (65...90).contains(byte)
    }
}

/// What the host brings to the making of a base image. The caller reads it; nothing here looks at the environment.
package struct BaseEnvironment: Sendable {
    /// Directories in which programs are looked up.
    package var searchPath: [String]
    /// Only these reach the programs we start; proxies, mostly. A host's PYTHON… or LANG must not change an image.
    package var variables: [String: String]
    package var isRoot: Bool
    /// apt's configuration and the release file are read below it; `/` but for tests.
    package var hostRoot: FilePath

    package init(searchPath: [String], variables: [String: String], isRoot: Bool, hostRoot: FilePath = "/") {
        self.searchPath = searchPath
        self.variables = variables.filter { Self.passedOn.contains($0.key.lowercased()) }
        self.isRoot = isRoot
        self.hostRoot = hostRoot
    }

    private static let passedOn: Set<String> = ["http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"]
}
