import HostSystem
import SystemPackage

/// How mmdebstrap is called. Nothing here runs anything.
struct Mmdebstrap: Sendable {
    var suite: String
    var architecture: String
    var packages: [String]
    var keepsDocumentation: Bool
    var isRoot: Bool
    /// The deb822 file with the sources.
    var sources: FilePath
    /// A file with apt settings that hold only while packages are installed.
    var settings: FilePath
    /// Where the build date of the newest package is to be written.
    var newest: FilePath

    /// The tar goes to standard output.
    var arguments: [String] {
        var arguments = ["--variant=minbase", "--mode=\(isRoot ? "root" : "auto")", "--architectures=\(architecture)", "--format=tar"]
        arguments.append("--setup-hook=cat \(Self.quoted(settings.string)) >> \"$MMDEBSTRAP_APT_CONFIG\"")
        // Without the hook, mmdebstrap lays the links into /usr with a package that needs the whole of Perl.
        arguments.append("--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr")
        // It has run apt-get update. What cannot be installed is better told now than after half a minute.
        if !packages.isEmpty {
            let names = packages.joined(separator: " ")
            arguments.append("--setup-hook=APT_CONFIG=\"$MMDEBSTRAP_APT_CONFIG\" apt-get install --simulate -- \(names) > /dev/null")
        }
        arguments.append("--aptopt=Acquire::Languages \"none\"")
        if !keepsDocumentation { arguments += DocumentationPaths.dpkgOptions.map { "--dpkgopt=" + $0 } }
        if !packages.isEmpty { arguments.append("--include=" + packages.joined(separator: ",")) }
        arguments.append("--customize-hook=\(Self.findNewest) > \"$1\"\(Self.inside)")
        arguments.append("--customize-hook=download \(Self.inside) \(Self.quoted(newest.string))")
        return arguments + [suite, "-", sources.string]
    }

    /// Below /tmp, whose content does not come along.
    private static let inside = "/tmp/jettison-newest"
    /// dpkg keeps the times that control files have in the package, which is the package's build date.
    private static let findNewest =
        "find \"$1\"/var/lib/dpkg/info -name '*.md5sums' -printf '%Ts\\n' | sort -n | tail -n 1"

    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    /// What to say while it works: its own lines, for those that begin a stage.
    static func step(in line: String) -> String? {
        guard line.hasPrefix("I: ") else { return nil }
        let text = line.dropFirst(3)
        return stages.first { text.hasPrefix($0.said) }?.meaning
    }

    private static let stages: [(said: String, meaning: String)] = [
        ("downloading packages", "downloading packages"), ("extracting archives", "extracting the essential packages"),
        ("installing essential packages", "installing the essential packages"),
        ("installing remaining packages", "installing the other packages"),
        ("creating tarball", "writing the layer"),
    ]
}
