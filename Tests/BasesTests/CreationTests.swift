import Archives
import ContentStorage
import HostSystem
import OCI
import SystemPackage
import Testing

@testable import ImageBuild

extension Testing.Tag {
    /// Takes minutes, or downloads.
    @Tag static var slow: Self
}

/// What making real base images needs: root, Debian's tools, and packages to be had. `JETTISON_SLOW_TESTS` in the
/// environment asks for them: they download, and a machine without a package archive is no failure.
enum BaseHost {
    static let canCreate =
        HostIdentity.canMount && exists("/usr/bin/mmdebstrap") && exists("/usr/bin/apt-get") && isAsked
    private static func exists(_ path: String) -> Bool { (try? FileMetadata(at: FilePath(path))) != nil }
    private static let isAsked = (try? File(opening: "/proc/self/environ").readAll())
        .map { String(decoding: $0, as: UTF8.self).split(separator: "\0").contains("JETTISON_SLOW_TESTS=1") } ?? false
}

@Suite(.tags(.slow), .enabled(if: BaseHost.canCreate, "needs root, mmdebstrap, and JETTISON_SLOW_TESTS=1"))
struct CreationTests {
    struct Case: Sendable {
        var variant: BaseRequest.Variant
        var packages: [String]
        /// Bounds of the unpacked size.
        var megabytes: ClosedRange<Int64>
        var has: [String]
        var lacks: [String]
    }

    static let cases = [
        Case(
            variant: .minbase, packages: ["ca-certificates"], megabytes: 50...120,
            has: ["usr/bin/bash", "usr/bin/apt-get", "etc/ssl/certs/ca-certificates.crt", "etc/apt/sources.list.d/debian.sources"],
            lacks: ["etc/hostname", "etc/resolv.conf", "dev/null", "usr/share/man/man1/ls.1.gz", "var/lib/dpkg/status-old"]),
        Case(
            variant: .distroless, packages: ["libc6", "ca-certificates"], megabytes: 5...25,
            has: ["etc/ssl/certs/ca-certificates.crt", "etc/passwd", "etc/os-release", "var/lib/dpkg/status.d/libc6", "tmp", "bin"],
            lacks: ["usr/bin/sh", "usr/bin/dash", "usr/bin/dpkg", "usr/bin/openssl", "usr/bin/perl", "var/lib/dpkg/status"]),
        Case(variant: .busybox, packages: [], megabytes: 1...5, has: ["usr/bin/busybox", "usr/bin/sh", "usr/bin/env"], lacks: ["usr/bin/bash"]),
    ]

    @Test(arguments: cases) func theSamePackagesMakeTheSameImage(_ one: Case) async throws {
        let root = try TemporaryDirectory(prefix: "jettison-base-test-")
        let environment = BaseEnvironment(searchPath: ["/usr/sbin", "/usr/bin"], variables: [:], isRoot: true)
        let builder = BaseBuilder(root: root.path, environment: environment)
        let first = try await builder.create(
            BaseRequest(reference: Reference(parsing: "first"), variant: one.variant, packages: one.packages)) { _ in }
        // Both at once on one root.
        async let second = builder.create(
            BaseRequest(reference: Reference(parsing: "second"), variant: one.variant, packages: one.packages)) { _ in }
        async let third = builder.create(
            BaseRequest(reference: Reference(parsing: "third"), variant: one.variant, packages: one.packages)) { _ in }
        #expect(try await second.manifest == first.manifest)
        #expect(try await third.manifest == first.manifest)
        #expect(one.megabytes.contains(first.unpackedBytes / 1_000_000))
        #expect(first.packages.allSatisfy { !$0.version.isEmpty })
        #expect(try ImageStore(root: root.path).target(of: Reference(parsing: "third")) == first.manifest)

        let paths = try pathsInLayer(of: first, ContentStore(root: root.path))
        for path in one.has { #expect(paths.contains(path), "\(path) is missing") }
        for path in one.lacks { #expect(!paths.contains(path), "\(path) should not be there") }
        let left = try Directory(opening: root.path.appending("tmp")).entries().filter { $0.kind == .directory }
        #expect(left.isEmpty)
    }

    @Test func theEpochIsTheNewestTime() async throws {
        let root = try TemporaryDirectory(prefix: "jettison-base-test-")
        let environment = BaseEnvironment(searchPath: ["/usr/sbin", "/usr/bin"], variables: [:], isRoot: true)
        var request = BaseRequest(reference: try Reference(parsing: "old"), variant: .busybox)
        request.sourceDateEpoch = 1_000_000_000
        let report = try await BaseBuilder(root: root.path, environment: environment).create(request) { _ in }
        let content = ContentStore(root: root.path)
        let manifest = try content.document(report.manifest, as: Manifest.self).value
        #expect(try content.document(manifest.config, as: ImageConfig.self).value.created == "2001-09-09T01:46:40Z")
        var tar = TarReader(DecompressingReader(try FileByteReader(File(opening: content.path(of: manifest.layers[0].digest)))))
        while let entry = try tar.next() { #expect(entry.modified.seconds <= 1_000_000_000) }
    }

    @Test func unknownPackagesAreToldWithANearName() async throws {
        let root = try TemporaryDirectory(prefix: "jettison-base-test-")
        let environment = BaseEnvironment(searchPath: ["/usr/sbin", "/usr/bin"], variables: [:], isRoot: true)
        for variant in [BaseRequest.Variant.minbase, .distroless] {
            let request = BaseRequest(reference: try Reference(parsing: "x"), variant: variant, packages: ["golang-goo"])
            await #expect(throws: BaseError.unknownPackage("golang-goo", near: "golang-go")) {
                try await BaseBuilder(root: root.path, environment: environment).create(request) { _ in }
            }
        }
    }

    private func pathsInLayer(of report: BaseReport, _ content: ContentStore) throws -> Set<String> {
        let manifest = try content.document(report.manifest, as: Manifest.self).value
        let layer = try #require(manifest.layers.first)
        var tar = TarReader(DecompressingReader(try FileByteReader(File(opening: content.path(of: layer.digest)))))
        var paths: Set<String> = []
        while let entry = try tar.next() { paths.insert(entry.path.string) }
        return paths
    }
}
