package import OCI

/// What the user asked for beside the file.
package struct PlanOptions: Sendable {
    package var target: String?
    /// In command line order; the last of a name wins. A nil value means unset.
    package var buildArguments: [(name: String, value: String?)]
    package var labels: [(name: String, value: String)]
    package var platform: Platform
    package var buildPlatform: Platform
    /// `host` or `none`: what `default` means on this host.
    package var network: String
    /// `HOST:IP`, for /etc/hosts of every RUN.
    package var extraHosts: [String]
    /// What names of the file stand for instead of what they would; the last of a name wins.
    package var contexts: [NamedContext] = []

    package init(platform: Platform) {
        buildArguments = []
        labels = []
        self.platform = platform
        buildPlatform = platform
        network = "host"
        extraHosts = []
    }
}

extension PlanOptions {
    /// Arguments every build knows without an ARG.
    package static func isPredefined(argument name: String) -> Bool {
        ArgumentScope.proxies.contains(name) || BuilderArgument(rawValue: name) != nil
            || ["TARGET", "BUILD"].contains { prefix in
                ["PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT"].contains { name == prefix + $0 }
            } || name == "TARGETSTAGE"
    }

    /// The value of an argument that speaks to the builder; the last of a name counts.
    package func value(of argument: BuilderArgument) -> String? {
        buildArguments.last { $0.name == argument.rawValue }?.value
    }
}

/// Build arguments that speak to the builder and not to the Dockerfile (Dockerfile reference, "BuildKit built-in build
/// args").
package enum BuilderArgument: String, CaseIterable, Sendable {
    case buildName = "BUILDKIT_BUILD_NAME"
    case cacheMountNamespace = "BUILDKIT_CACHE_MOUNT_NS"
    case keepGitDirectory = "BUILDKIT_CONTEXT_KEEP_GIT_DIR"
    case checks = "BUILDKIT_DOCKERFILE_CHECK"
    case inlineCache = "BUILDKIT_INLINE_CACHE"
    case multiPlatform = "BUILDKIT_MULTI_PLATFORM"
    case sandboxHostname = "BUILDKIT_SANDBOX_HOSTNAME"
    case scanContext = "BUILDKIT_SBOM_SCAN_CONTEXT"
    case scanStage = "BUILDKIT_SBOM_SCAN_STAGE"
    case syntax = "BUILDKIT_SYNTAX"
    case sourceDateEpoch = "SOURCE_DATE_EPOCH"

    /// Whether this builder acts on it. A name only shown by BuildKit is no loss.
    package var hasEffect: Bool {
        switch self {
        case .buildName, .cacheMountNamespace, .keepGitDirectory, .checks, .syntax, .sourceDateEpoch: true
        case .inlineCache, .multiPlatform, .sandboxHostname, .scanContext, .scanStage: false
        }
    }
}
