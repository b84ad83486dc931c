import TestSupport
import Testing

/// What runs again after which edit, and what an unchanged build must not do.
@Suite(.enabled(if: Needs.containers, "rebuilds need root and overlay mounts"))
struct RebuildTests {
    private static let dockerfile = """
        FROM base:test AS builder
        WORKDIR /src
        COPY go.mod ./
        RUN echo deps > /deps
        COPY . .
        RUN cat main.txt > /out
        FROM scratch
        COPY --from=builder /out /out
        """

    private func workspace() async throws -> Workspace {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write(Self.dockerfile, to: "c/Dockerfile")
        try await workspace.write("module", to: "c/go.mod")
        try await workspace.write("hello", to: "c/main.txt")
        try await workspace.write("Dockerfile\n*.md\n", to: "c/.dockerignore")
        return workspace
    }

    /// Titles of the steps that ran, from the machine-readable progress.
    private static let build = #"""
        jettison build --progress rawjson -t app c 2>log >id; s=$?
        jq -r 'select(.event=="step" and .status=="done") | .title' log
        exit $s
        """#

    @Test func anUnchangedBuildRunsNothingAndMakesTheSameImage() async throws {
        let workspace = try await workspace()
        let first = try await workspace.run(Self.build)
        #expect(first.split(separator: "\n").count == 6, "\(first)")
        let image = try await workspace.run("cat id")
        #expect(try await workspace.run(Self.build).isEmpty)
        #expect(try await workspace.run("cat id") == image)
    }

    /// No file in the store is new or replaced, but those a running process keeps there for itself. (A blob that is
    /// found is dated anew, for the collector.)
    @Test func anUnchangedBuildWritesNothing() async throws {
        let workspace = try await workspace()
        try await workspace.run(Self.build)
        // A content memo is written anew while files are so young that a change could go unnoticed.
        try await workspace.run("sleep 2.2;" + Self.build)
        let listing = #"find "$JETTISON_ROOT" -type f ! -path '*/leases/*' ! -path '*/runs/*' -printf '%P %i\n' | sort"#
        let before = try await workspace.run(listing)
        try await workspace.run(Self.build)
        #expect(try await workspace.run(listing) == before)
    }

    @Test func ofTwoBuildsThatMissTheSameStepOneRunsIt() async throws {
        let workspace = try await workspace()
        try await workspace.write("FROM base:test\nRUN sleep 1; cat /proc/sys/kernel/random/uuid > /once\n", to: "d/Dockerfile")
        let build = "jettison build -q -t"
        try await workspace.run("\(build) one d >/dev/null & \(build) two d >/dev/null & wait %1 && wait %2")
        #expect(try await workspace.run("jettison run --rm one cat /once") == workspace.run("jettison run --rm two cat /once"))
    }

    @Test func touchingAFileAndEditingAnIgnoredOneRunsNothing() async throws {
        let workspace = try await workspace()
        try await workspace.run(Self.build)
        try await workspace.run("touch c/main.txt; echo more > c/README.md")
        #expect(try await workspace.run(Self.build).isEmpty)
    }

    @Test func anEditRunsWhatDependsOnItAndNoMore() async throws {
        let workspace = try await workspace()
        try await workspace.run(Self.build)
        try await workspace.run("echo other > c/main.txt")
        let ran = try await workspace.run(Self.build)
        #expect(ran == "COPY . .\nRUN cat main.txt > /out\nCOPY --from=builder /out /out\n")
    }

    /// The early cut-off: the builder ran again, what it hands over is the same.
    @Test func theSameResultLeavesTheNextStageCached() async throws {
        let workspace = try await workspace()
        try await workspace.run(Self.build)
        try await workspace.run("echo x > c/unrelated.txt")
        let ran = try await workspace.run(Self.build)
        #expect(ran == "COPY . .\nRUN cat main.txt > /out\n")
    }

    @Test func aChangedModeIsAChange() async throws {
        let workspace = try await workspace()
        try await workspace.run(Self.build)
        try await workspace.run("chmod 600 c/main.txt")
        #expect(try await workspace.run(Self.build).hasPrefix("COPY . ."))
    }

    @Test func unneededStagesAreSkippedAndSaid() async throws {
        let workspace = try await workspace()
        let text = try await workspace.run(
            #"jettison build --progress rawjson --target builder c 2>&1 >/dev/null | jq -r 'select(.status=="skipped") | .title'"#)
        #expect(text == "FROM scratch\nCOPY --from=builder /out /out\n")
    }

    @Test func noCacheRunsEverythingAndCopyOnlyLayersAreTheSame() async throws {
        let workspace = try await Workspace(ownStore: true)
        try await workspace.write("FROM scratch\nWORKDIR /app\nCOPY . .\nCOPY a /deep/er/\n", to: "c/Dockerfile")
        try await workspace.write("1", to: "c/a")
        try await workspace.write("2", to: "c/sub/b")
        let layers = "jettison build -q --no-cache c >id && jettison inspect --format '{{json .RootFS.Layers}}' $(cat id)"
        let first = try await workspace.run(layers)
        try await workspace.run("sleep 1.1")
        #expect(try await workspace.run(layers) == first)
        let dated = "SOURCE_DATE_EPOCH=1700000000 jettison build -q --no-cache c"
        let image = try await workspace.run(dated)
        try await workspace.run("sleep 1.1")
        #expect(try await workspace.run(dated) == image)
    }

    /// A cold process, nothing to do: no mount, no child process, no layer opened.
    @Test(.enabled(if: Needs.program("strace"), "needs strace"))
    func anUnchangedBuildMountsAndStartsNothing() async throws {
        let workspace = try await workspace()
        try await workspace.run(Self.build)
        let calls = try await workspace.run(
            """
            strace -f -qq -e trace=mount,fsopen,fsmount,fsconfig,move_mount,execve,clone,clone3,fork,vfork \
              -o calls jettison build -q -t app c >/dev/null
            # Threads are clones that share the address space and are no processes.
            grep -v CLONE_THREAD calls | grep -vE 'execve\\(.*jettison' | grep -v '+++' || true
            """)
        #expect(calls.isEmpty, "\(calls)")
    }
}
