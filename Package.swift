// swift-tools-version: 6.2
import PackageDescription

// The rooms of the house, level by level: an arrow (a dependency) may only go down, never sideways.
// `Tests/HouseRulesTests` reads this table; the map is drawn in Documentation.docc/TheHouse.md.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// Glibc hides statx, openat2 and their kin without it.
let gnu: [CSetting] = [.define("_GNU_SOURCE")]

extension Target.Dependency {
    static let system = product(name: "SystemPackage", package: "swift-system")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let httpClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let nio = product(name: "NIOCore", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioHTTP = product(name: "NIOHTTP1", package: "swift-nio")
    static let subprocess = product(name: "Subprocess", package: "swift-subprocess")
    static let arguments = product(name: "ArgumentParser", package: "swift-argument-parser")
}

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, cSettings: gnu, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, cSettings: gnu, swiftSettings: settings)
}

let package = Package(
    name: "jettison",
    products: [
        .executable(name: "jettison", targets: ["jettison"]),
        .library(name: "ImageBuild", targets: ["ImageBuild"]),
        .library(name: "OCI", targets: ["OCI"]),
        .library(name: "DockerfileSyntax", targets: ["DockerfileSyntax"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    ],
    targets: [
        // L0: leaves
        room("Diagnostics"),
        room("OCI", [.crypto, .system]),
        room("HostSystem", ["CHost", .system]),
        // L1
        room("DockerfileSyntax", ["Diagnostics"]),
        room("PathPatterns", ["Diagnostics"]),
        room("Archives", ["OCI", "HostSystem", "CZlib", "CZstd", "CDeflate", "CBzip2", "CLzma", .system]),
        // L2
        room("BuildPlan", ["DockerfileSyntax", "PathPatterns", "OCI", "Diagnostics"]),
        room("BuildContext", ["PathPatterns", "Archives", "OCI", "HostSystem", "Diagnostics", .system]),
        room("Snapshots", ["Archives", "OCI", "HostSystem", .system]),
        room("Execution", ["OCI", "HostSystem", .system]),
        room("ContentStorage", ["Archives", "OCI", "HostSystem", .system]),
        room("ImageAnalysis", ["Archives", "OCI", "HostSystem", .system]),
        // The only room with an event loop in it.
        room("Distribution", ["OCI", .httpClient, .nio, .nioHTTP, .nioPosix, .nioSSL]),
        // L3
        room(
            "BuildSolver",
            [
                "BuildPlan", "BuildContext", "Snapshots", "Execution", "PathPatterns", "Archives", "OCI",
                "HostSystem", "Diagnostics", .system,
            ]),
        // L4
        room(
            "ImageBuild",
            [
                "BuildSolver", "BuildPlan", "BuildContext", "Snapshots", "Execution", "ContentStorage",
                "Distribution", "Archives", "DockerfileSyntax", "PathPatterns", "OCI", "HostSystem", "Diagnostics", .system,
            ]),
        // L5
        room(
            "Commands",
            [
                "ImageBuild", "ImageAnalysis", "ContentStorage", "DockerfileSyntax", "PathPatterns", "BuildContext", "BuildSolver",
                "BuildPlan", "Execution", "Snapshots", "OCI", "HostSystem", "Diagnostics", "Archives",
                .arguments, .system,
            ]),
        .executableTarget(name: "jettison", dependencies: ["Commands"], swiftSettings: settings),
        .target(
            name: "TestSupport",
            dependencies: [
                "Diagnostics", "OCI", "HostSystem", "Archives", "Execution", "BuildSolver", "Snapshots", "ContentStorage", .system,
                .subprocess, .nio, .nioPosix, .nioSSL,
            ],
            cSettings: gnu, swiftSettings: settings),

        // Shims
        .target(name: "CHost", cSettings: gnu),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CDeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CBzip2", providers: [.apt(["libbz2-dev"])]),
        .systemLibrary(name: "CLzma", providers: [.apt(["liblzma-dev"])]),

        // Tests
        tests(
            "BasesTests",
            ["ImageBuild", "Commands", "ContentStorage", "Archives", "OCI", "HostSystem", "Diagnostics", .arguments, .system],
            exclude: ["Fixtures"]),
        tests(
            "CommandsTests",
            [
                "Commands", "ImageBuild", "BuildSolver", "ContentStorage", "Execution", "OCI", "HostSystem",
                "Diagnostics", "jettison", .arguments, .subprocess, .system,
            ],
            exclude: ["Goldens"]),
        tests("ContractTests", ["Snapshots", "Archives", "OCI", "HostSystem", .system]),
        tests("HostSystemTests", ["HostSystem", .system]),
        tests("PathPatternsTests", ["PathPatterns", "Diagnostics"]),
        tests(
            "BuildContextTests",
            ["BuildContext", "Archives", "PathPatterns", "HostSystem", "OCI", "Diagnostics", .system]),
        tests("ContentStorageTests", ["ContentStorage", "Archives", "OCI", "HostSystem", "TestSupport", .system]),
        tests(
            "ImageCommandsTests",
            ["Commands", "ContentStorage", "Archives", "OCI", "HostSystem", "TestSupport", .arguments, .system],
            exclude: ["Fixtures"]),
        tests("OCITests", ["OCI"]),
        tests("ImageAnalysisTests", ["ImageAnalysis", "Archives", "OCI", "HostSystem", .system]),
        tests("DistributionTests", ["Distribution", "OCI", "HostSystem", "TestSupport", .system]),
        tests("ExecutionTests", ["Execution", "HostSystem", "OCI", "TestSupport", .system]),
        tests("HouseRulesTests", ["HostSystem", .system]),
        tests(
            "BuildPlanTests",
            ["BuildPlan", "DockerfileSyntax", "PathPatterns", "OCI", "Diagnostics", "TestSupport"], exclude: ["Fixtures"]),
        tests(
            "BuildSolverTests",
            [
                "BuildSolver", "BuildPlan", "BuildContext", "PathPatterns", "Snapshots", "Execution", "OCI",
                "HostSystem", "Diagnostics", "TestSupport", .system,
            ]),
        tests("DiagnosticsTests", ["Diagnostics", "TestSupport"]),
        tests("DockerfileSyntaxTests", ["DockerfileSyntax", "Diagnostics", "TestSupport"], exclude: ["Fixtures"]),
        tests("ArchivesTests", ["Archives", "OCI", "HostSystem", "TestSupport", .system]),
        tests(
            "EndToEndTests",
            ["jettison", "DockerfileSyntax", "Diagnostics", "HostSystem", "OCI", "TestSupport", .system], exclude: [
                "Cases", "Bases", "README.md", "COVERAGE.md", "Tutorials/Cases", "Tutorials/Fragments", "Tutorials/Ignore",
                "Tutorials/Projects", "Tutorials/StandIns", "Tutorials/README.md",
            ]),
    ]
)
