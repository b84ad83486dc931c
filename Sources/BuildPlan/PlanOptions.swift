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
        ArgumentScope.proxies.contains(name) || name.hasPrefix("BUILDKIT_") || name == "SOURCE_DATE_EPOCH"
            || ["TARGET", "BUILD"].contains { prefix in
                ["PLATFORM", "OS", "ARCH", "VARIANT"].contains { name == prefix + $0 }
            }
    }
}
