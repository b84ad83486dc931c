import HostSystem
import SystemPackage
import TestSupport
import Testing

/// Contexts and Dockerfiles from everywhere: streams, URLs, repositories, and names that stand for others.
@Suite(.enabled(if: Needs.containers, "these need root and overlay mounts"))
struct ContextKindTests {
    private static let contents = "find out -type f -printf '%P ' -exec cat {} \\; | LC_ALL=C sort"

    /// A server for the files of the workspace's directory `site`.
    private func site(_ workspace: Workspace) async throws -> ScriptedServer {
        let path = workspace.path
        return try await ScriptedServer { request, _ in
            guard let body = try? File(opening: FilePath(path + "/site" + request.path)).readAll() else { return .init(404) }
            return .init(body: body)
        }
    }

    @Test(arguments: ["cat", "gzip", "bzip2", "xz", "zstd -q"])
    func archivesOfEveryCompression(_ compressor: String) async throws {
        let workspace = try await Workspace()
        let server = try await site(workspace)
        let output = try await workspace.run(
            """
            mkdir -p t/sub site; printf 'FROM scratch\\nCOPY . /\\n' > t/Dockerfile; echo one > t/sub/f; echo skip > t/no.txt; echo '*.txt' > t/.dockerignore
            tar -C t -cf - . | \(compressor) > site/c
            jettison build -q -o out - < site/c >&2; \(Self.contents); rm -rf out
            jettison build -q -o out \(server.url)/c >&2; \(Self.contents)
            """)
        #expect(output.split(separator: "\n").filter { $0.hasPrefix("sub/f one") }.count == 2, "\(output)")
        #expect(!output.contains("skip"), "\(output)")
    }

    @Test func dockerfilesFromElsewhere() async throws {
        let workspace = try await Workspace()
        let server = try await site(workspace)
        let output = try await workspace.run(
            """
            mkdir -p c site away; echo here > c/f; echo secret > c/s
            printf 'FROM scratch\\nCOPY . /d/\\n' > away/My.Dockerfile; echo s > away/My.Dockerfile.dockerignore
            printf 'FROM scratch\\nCOPY f /url\\n' > site/Dockerfile
            jettison build -q -o out -f away/My.Dockerfile c >&2; \(Self.contents); rm -rf out
            jettison build -q -o out -f \(server.url)/Dockerfile c >&2; \(Self.contents); rm -rf out
            printf 'FROM scratch\\nCOPY f /stdin\\n' | jettison build -q -o out -f - c >&2; \(Self.contents); rm -rf out
            printf 'FROM scratch\\nCOPY <<EOF /x\\nalone\\nEOF\\n' > site/alone; jettison build -q -o out \(server.url)/alone >&2; \(Self.contents)
            """)
        #expect(output == "d/f here\nurl here\nstdin here\nx alone\n")
    }

    @Test(arguments: ["Dockerfile", "dockerfile", "Containerfile", "containerfile"])
    func theFourNames(_ name: String) async throws {
        let workspace = try await Workspace()
        let output = try await workspace.run(
            "mkdir c; printf 'FROM scratch\\nCOPY <<EOF /x\\nfound\\nEOF\\n' > c/\(name); jettison build -q -o out c >&2; cat out/x")
        #expect(output == "found\n")
    }

    @Test func whatIsNoContextIsExplained() async throws {
        let workspace = try await Workspace()
        let server = try await site(workspace)
        let output = try await workspace.shell(
            """
            mkdir site; head -c 3000 /dev/urandom | gzip > site/noise; t() { jettison build --progress plain "$@" >/dev/null; echo "$?"; }
            t \(server.url)/none; t \(server.url)/noise; t -f \(server.url)/none .; t http://joe:pw@no-such.invalid/x.tar; t http:///x
            """)
        #expect(output.text == "1\n1\n1\n1\n1\n", "\(output.standardError)")
        for words in [
            "/none: the server answers 404 (Not Found)", "the context on \(server.url)/noise is not a usable tar archive",
            "http://xxxxx@no-such.invalid/x.tar: there is no host named", "\"http:///x\" is not a whole address",
        ] {
            #expect(output.standardError.contains(words), "\(words)\n\(output.standardError)")
        }
        #expect(!output.standardError.contains("joe"))
    }

    @Test func anArchiveCanBeLookedAt() async throws {
        let workspace = try await Workspace()
        let server = try await site(workspace)
        let output = try await workspace.shell(
            """
            mkdir -p t/sub site; echo one > t/sub/f; echo skip > t/no.txt; echo '*.txt' > t/.dockerignore; tar -C t -czf site/c.tgz .
            jettison --root "$PWD/fresh" context ls --format json - < site/c.tgz | jq -c '[.files[].path], [.excluded[].path]'
            jettison context why no.txt \(server.url)/c.tgz; jettison context ls --format json \(server.url)/none; echo "$?"
            """)
        #expect(
            output.text == """
                [".dockerignore","sub","sub/f"]
                ["no.txt"]
                no.txt is excluded by .dockerignore:1 "*.txt"
                1

                """, "\(output.standardError)")
        #expect(output.standardError.contains("/none: the server answers 404"), "\(output.standardError)")
    }

    @Test(.enabled(if: Needs.program("git"))) func repositories() async throws {
        let workspace = try await Workspace()
        let output = try await workspace.shell(
            GitSourceTests.repository(
                """
                cd src; printf 'FROM scratch\\nCOPY . /\\n' > Dockerfile; printf 'FROM scratch\\nCOPY f /only\\n' > sub/Dockerfile; printf '*.txt\\n' > .dockerignore
                g add .; g commit -qm d; g push -q ../repos/r.git main; cd ..
                jettison build -q -o out "$G" >&2; ls -A out | tr '\\n' ' '; echo; rm -rf out
                jettison build -q -o out --build-arg BUILDKIT_CONTEXT_KEEP_GIT_DIR=1 "$G" >&2; ls -Ad out/.git; rm -rf out
                jettison build -q -o out "$G#main:sub" >&2; cat out/only; rm -rf out
                jettison build --check "$G"
                jettison context why left.txt "$G"
                jettison build "$G#v1" || true
                jettison build "$G#mian" || true
                """))
        #expect(output.text == ".dockerignore .gitattributes Dockerfile link sub top x.sh \nout/.git\none\nDockerfile: no problems found\nleft.txt is excluded by .dockerignore:1 \"*.txt\"\n", "\(output.standardError)")
        #expect(output.standardError.contains("there is no Dockerfile in"), "\(output.standardError)")
        #expect(output.standardError.contains("did you mean \"main\"?"), "\(output.standardError)")
    }

    @Test func namesThatStandForOthers() async throws {
        let workspace = try await Workspace()
        let server = try await site(workspace)
        let output = try await workspace.shell(
            """
            set -e; mkdir -p c assets site t; echo a > assets/a; echo b > assets/b.skip; echo '*.skip' > assets/.dockerignore
            echo in > t/inner; tar -C t -czf site/a.tgz inner; echo raw > site/raw
            printf 'FROM base:test\\n' | jettison build -q -o type=oci,dest=layout,tar=false - >/dev/null
            cat > c/Dockerfile <<EOF
            FROM nowhere/image:1 AS tools
            FROM broken AS build
            RUN this never runs
            FROM scratch
            COPY --from=tools /bin/busybox /d/busybox
            COPY --from=build a* b* /d/
            COPY --from=archive / /d/archive/
            COPY --from=raw / /d/raw/
            EOF
            b() { jettison build --progress plain "$@" --build-context nowhere/image:1=oci-layout://layout --build-context build=assets --build-context archive=\(server.url)/a.tgz --build-context raw=\(server.url)/raw c; }
            b -o out >&2; cd out; find d -type f | LC_ALL=C sort; cd ..
            b 2>&1 | grep -c '· cached'
            echo more >> assets/a; b 2>&1 | grep 'COPY.*build' -A1 | grep -o 'the copied files changed'
            """)
        #expect(
            output.text == """
                d/a
                d/archive/inner
                d/busybox
                d/raw/context
                6
                the copied files changed

                """, "\(output.standardError)")
    }

    @Test func aDirectoryAsBase() async throws {
        let workspace = try await Workspace()
        let output = try await workspace.run(
            """
            mkdir -p c root/etc; echo 1 > root/etc/x; printf 'FROM img AS one\\nFROM one\\nCOPY <<EOF /y\\n2\\nEOF\\n' > c/Dockerfile
            jettison build -q --build-context img=root --iidfile iid -o out -o type=image c >&2; \(Self.contents)
            jettison history --no-trunc --format '{{.CreatedBy}}' "$(cat iid)"; jettison inspect "$(cat iid)" | jq '.[0].RootFS.Layers | length'
            """)
        #expect(output == "etc/x 1\ny 2\nCOPY <<EOF /y\nFROM context img\n2\n")
    }

    @Test func namesThatStandForNothing() async throws {
        let workspace = try await Workspace()
        let output = try await workspace.shell(
            """
            mkdir -p c; printf 'FROM scratch\\nCOPY --from=assets a /\\n' > c/Dockerfile; t() { jettison build --progress plain "$@" c >/dev/null; echo "$?"; }
            t --build-context asets=c --build-context assets=c/none; t --build-context assets=c; t --build-context assets=oci-layout://c
            t --build-context x; touch f; t --build-context assets=f
            """)
        #expect(output.text == "1\n1\n1\n64\n1\n", "\(output.standardError)")
        for words in [
            "the directory \"c/none\" of the context \"assets\" does not exist", "\"a\" is not in context \"assets\"",
            "c is no image archive", "'--build-context' is NAME=SOURCE", "\"f\", the context \"assets\", is a file, not a directory",
        ] {
            #expect(output.standardError.contains(words), "\(words)\n\(output.standardError)")
        }
    }
}
