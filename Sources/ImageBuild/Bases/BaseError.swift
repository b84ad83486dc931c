package import Diagnostics

/// A base image could not be made.
package enum BaseError: Error, Sendable, Hashable {
    case toolMissing(program: String, package: String)
    case badPackageName(String)
    case badSuite(String)
    case badMirror(String)
    case nothingToInstall
    /// The host's release is not known and none was named.
    case noSuite
    /// The host's apt sources have nothing of this release; the ones they have.
    case noSourcesForSuite(String, known: [String])
    /// apt knows no such package; a near name.
    case unknownPackage(String, near: String?)
    case unknownVersion(String)
    /// Packages cannot be reached: apt's own words.
    case network(String)
    /// What a source says is not signed by a key we trust.
    case untrusted(String)
    case unmetDependencies(String)
    case diskFull(String)
    case notRoot(String)
    case badArchive(String)
    /// Anything else a program said before it failed.
    case failed(program: String, exit: String, lastLines: [String])
}

extension BaseError: DiagnosticConvertible {
    package var diagnostics: [Diagnostic] {
        [Diagnostic(.error, code, message, notes: notes, help: help)]
    }

    private var code: String {
        switch self {
        case .toolMissing: "host-program-missing"
        case .unknownPackage, .unknownVersion: "unknown-package"
        case .network: "packages-unreachable"
        default: "base-not-made"
        }
    }

    private var message: String {
        switch self {
        case .toolMissing(let program, _): "the program \(program) is not installed, and base images are made with it"
        case .badPackageName(let name): "\"\(name)\" is not a package name"
        case .badSuite(let suite): "\"\(suite)\" is not the name of a release"
        case .badMirror(let mirror): "\"\(mirror)\" is not the address of a package archive"
        case .nothingToInstall: "a distroless base is made of the packages that --include names, and none is named"
        case .noSuite: "this host does not say which release it is"
        case .noSourcesForSuite(let suite, _): "this host's apt sources have nothing of the release \"\(suite)\""
        case .unknownPackage(let name, _): "apt knows no package \"\(name)\""
        case .unknownVersion(let selection): "apt does not have \(selection)"
        case .network: "packages cannot be downloaded"
        case .untrusted: "a package source is not signed by a key this host trusts"
        case .unmetDependencies: "the packages cannot be installed together"
        case .diskFull(let place): "no space left on the device: \(place)"
        case .notRoot: "only root can make this base image here"
        case .badArchive(let what): "a package archive is damaged: \(what)"
        case .failed(let program, let exit, _): "\(program) failed (\(exit))"
        }
    }

    private var notes: [String] {
        switch self {
        case .noSourcesForSuite(_, let known) where !known.isEmpty: ["they have: \(known.joined(separator: ", "))"]
        case .network(let text), .untrusted(let text), .unmetDependencies(let text), .notRoot(let text): [text]
        case .failed(_, _, let lines): lines
        default: []
        }
    }

    private var help: String? {
        switch self {
        case .toolMissing(_, let package): "apt-get install \(package)"
        case .badPackageName: "name packages as apt does, with commas between: --include golang-go,ca-certificates"
        case .badSuite: "name a release: --suite bookworm"
        case .badMirror: "give a URL that ends where the directory dists begins"
        case .nothingToInstall: "for a base that runs C programs: --include libc6,ca-certificates"
        case .noSuite: "name a release with --suite"
        case .noSourcesForSuite(_, let known):
            known.isEmpty
                ? "write the host's sources into /etc/apt/sources.list.d, or name a package archive with --mirror"
                : "choose one of these with --suite, or name a package archive with --mirror"
        case .unknownPackage(_, let near?): "did you mean \"\(near)\"?"
        case .unknownPackage: "look for its name with: apt-cache search WORD"
        case .unknownVersion: "see what there is with: apt-cache policy NAME"
        case .network: "see whether \"apt-get update\" works on this host; proxies are taken from its apt configuration"
        case .untrusted: "install the archive's keyring package, or name its key with Signed-By in the apt source"
        case .diskFull: "free some space, or keep images on a bigger disk with --root"
        case .notRoot: "run it as root (sudo), or install uidmap and have ranges in /etc/subuid and /etc/subgid"
        case .badArchive: "try again: it is downloaded anew each time"
        case .failed: "run again with --verbose to see everything it said"
        case .unmetDependencies: nil
        }
    }
}
