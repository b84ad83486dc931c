package import OCI
package import PathPatterns

/// What a node does. Data, not behaviour: everything that influences the result is in it, fully expanded.
package enum BuildOperation: Hashable, Sendable {
    /// The layers of an image.
    case base(BaseOperation)
    /// The files the user offered.
    case context
    /// Files of a named context, by its key.
    case namedContext(String)
    /// Files that are somewhere else.
    case fetch(RemoteSource)
    case copy(CopyOperation)
    case run(RunOperation)
    case workdir(WorkdirOperation)
}

/// The root filesystem of a base image, named by what it is made of.
package struct BaseOperation: Hashable, Sendable {
    package var reference: Reference
    package var manifest: Descriptor
    package var layers: [Descriptor]
    package var diffIDs: [DiffID]

    package init(reference: Reference, manifest: Descriptor, layers: [Descriptor], diffIDs: [DiffID]) {
        self.reference = reference
        self.manifest = manifest
        self.layers = layers
        self.diffIDs = diffIDs
    }
    /// nil for an image without layers.
    package var chainID: ChainID? { diffIDs.reduce(nil) { ChainID($0, $1) } }
}

/// COPY, and ADD of local files.
package struct CopyOperation: Hashable, Sendable {
    /// A file whose bytes are in the Dockerfile itself.
    package struct InlineFile: Hashable, Sendable {
        package var name: String
        package var content: String
        package init(name: String, content: String) {
            self.name = name
            self.content = content
        }
    }

    /// Which files, in the tree of the `.files` input. Empty when only inline files are copied.
    package var selection: FileSelection
    package var inlineFiles: [InlineFile]
    /// Absolute, cleaned, without a trailing slash (but `/`).
    package var destination: String
    /// The destination was written with a trailing slash, or has several sources: it is a directory.
    package var destinationIsDirectory: Bool
    /// `user[:group]`, by name or number, resolved in the destination's root; nil: as the source has it.
    package var owner: String?
    /// Octal permission bits; nil: as the source has it.
    package var mode: UInt32?
    /// ADD: archives are unpacked in place of being copied.
    package var unpacksArchives: Bool
    /// ADD --unpack: the same for what is fetched, which is copied as it is otherwise.
    package var unpacksFetchedArchives = false

    package init(
        selection: FileSelection, inlineFiles: [InlineFile] = [], destination: String, destinationIsDirectory: Bool,
        owner: String? = nil, mode: UInt32? = nil, unpacksArchives: Bool = false
    ) {
        self.selection = selection
        self.inlineFiles = inlineFiles
        self.destination = destination
        self.destinationIsDirectory = destinationIsDirectory
        self.owner = owner
        self.mode = mode
        self.unpacksArchives = unpacksArchives
    }
}

/// RUN.
package struct RunOperation: Hashable, Sendable {
    package var arguments: [String]
    /// `K=V`, in order: ENV, and the build arguments in force.
    package var environment: [String]
    /// `K=V` that the process sees and the key does not: the predefined proxy arguments.
    package var unkeyedEnvironment: [String]
    package var workingDirectory: String
    package var user: String
    package var network: String
    /// In the order they are written.
    package var mounts: [PlannedMount] = []
    /// `HOST:IP`: lines of /etc/hosts.
    package var extraHosts: [String] = []

    package init(
        arguments: [String], environment: [String], unkeyedEnvironment: [String] = [], workingDirectory: String,
        user: String, network: String
    ) {
        self.arguments = arguments
        self.environment = environment
        self.unkeyedEnvironment = unkeyedEnvironment
        self.workingDirectory = workingDirectory
        self.user = user
        self.network = network
    }
}

/// WORKDIR: the directory exists afterwards.
package struct WorkdirOperation: Hashable, Sendable {
    /// Absolute and cleaned.
    package var path: String
    /// Who owns it when it has to be made; empty: root.
    package var owner: String
    package init(path: String, owner: String) {
        self.path = path
        self.owner = owner
    }
}
