import HostSystem
import SystemPackage
import TestSupport
import Testing

/// ADD of git repositories: over git's own protocol, and over http from a server that knows nothing of git.
@Suite(.enabled(if: Needs.containers && Needs.program("git"), "these need root, overlay mounts and git"))
struct GitSourceTests {
    /// A repository with branches, tags, a submodule and a server for it, for the time of the script. `$G` is its address.
    static func repository(_ script: String) -> String {
        let port = Int.random(in: 21000...60000)
        return """
            set -e; export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
            g() { git -c user.name=n -c user.email=e -c init.defaultBranch=main -c protocol.file.allow=always "$@"; }
            mkdir src repos; g init -q src; cd src
            mkdir sub; echo one > sub/f; echo top > top; printf '#!/bin/sh\\n' > x.sh; chmod +x x.sh; ln -s sub/f link; printf '*.txt export-ignore\\n' > .gitattributes
            echo out > left.txt
            g add .; GIT_COMMITTER_DATE=@1600000000 GIT_AUTHOR_DATE=@1500000000 g commit -qm one; g tag -a v1 -m v1
            g checkout -q -b feature; echo two > top; g commit -qam two; g checkout -q main; cd ..
            g clone -q --bare src repos/r.git
            G=git://127.0.0.1:\(port)/r.git
            git daemon --reuseaddr --listen=127.0.0.1 --port=\(port) --base-path="$PWD/repos" --export-all --detach --pid-file="$PWD/pid"
            trap 'kill $(cat '"$PWD"'/pid)' EXIT
            i=0; until git ls-remote "$G" >/dev/null 2>&1; do i=$((i+1)); [ $i -lt 100 ]; sleep 0.05; done
            mkdir c

            """ + script
    }

    private func run(_ script: String, ownStore: Bool = false) async throws -> ShellCommand.Output {
        let workspace = try await Workspace(ownStore: ownStore)
        return try await workspace.shell(Self.repository(script))
    }

    @Test func takesBranchTagCommitAndSubdirectory() async throws {
        let output = try await run(
            """
            cat > c/Dockerfile <<EOF
            FROM scratch
            ADD $G /d/head
            ADD $G#feature /d/branch
            ADD $G#v1:sub /d/tag/
            ADD $G#$(g -C src rev-parse feature) /d/commit
            ADD --exclude=*.txt --chown=3:4 $G?branch=main /d/some
            EOF
            umask 077; jettison build -q -o out c >&2; cd out
            find d -printf '%M %U:%G %p %l\\n' | LC_ALL=C sort -k3; cat d/branch/top d/commit/top d/head/top
            """)
        #expect(output.status == 0, "\(output.standardError)")
        func tree(_ name: String, _ owner: String = "0:0", without: String? = nil) -> String {
            [
                "drwxr-xr-x \(owner) d/\(name) ", "-rw-r--r-- \(owner) d/\(name)/.gitattributes ", "-rw-r--r-- \(owner) d/\(name)/left.txt ",
                "lrwxrwxrwx \(owner) d/\(name)/link sub/f", "drwxr-xr-x \(owner) d/\(name)/sub ", "-rw-r--r-- \(owner) d/\(name)/sub/f ",
                "-rw-r--r-- \(owner) d/\(name)/top ", "-rwxr-xr-x \(owner) d/\(name)/x.sh ",
            ].filter { without.map($0.contains) != true }.joined(separator: "\n") + "\n"
        }
        let expected =
            "drwxr-xr-x 0:0 d \n" + tree("branch") + tree("commit") + tree("head") + tree("some", "3:4", without: "left.txt")
            + "drwxr-xr-x 0:0 d/tag \n-rw-r--r-- 0:0 d/tag/f \ntwo\ntwo\ntop\n"
        #expect(output.text == expected)
    }

    @Test func keepsTheGitDirectoryWhenAsked() async throws {
        let output = try await run(
            """
            printf 'FROM scratch\\nADD --keep-git-dir %s#v1 /d\\nADD %s?keep-git-dir=1 /e\\n' "$G" "$G" > c/Dockerfile
            jettison build -q -o out c >&2; cd out/d; git config --global --add safe.directory '*'
            git log --format=%s; git describe; git status --porcelain; git remote get-url origin | sed 's/:[0-9][0-9]*//'; git -C ../e rev-parse --verify -q main >/dev/null && echo named
            """)
        #expect(output.text == "one\nv1\ngit://127.0.0.1/r.git\nnamed\n", "\(output.text)\(output.standardError)")
    }

    @Test func datesFilesByTheCommitWhenAsked() async throws {
        let output = try await run(
            """
            printf 'FROM scratch\\nADD %s?mtime=commit /d/\\n' "$G" > c/Dockerfile
            jettison build -q -o out c >&2; stat -c %Y out/d/top out/d/sub out/d/sub/f
            """)
        #expect(output.text == "1600000000\n1600000000\n1600000000\n", "\(output.standardError)")
    }

    @Test func takesSubmodules() async throws {
        let output = try await run(
            """
            cd src; g submodule --quiet add "$G" mod; g commit -qam sub; cd ..; g clone -q --bare src repos/s.git
            S=${G%r.git}s.git
            printf 'FROM scratch\\nADD %s /with\\nADD %s?submodules=0 /without\\n' "$S" "$S" > c/Dockerfile
            jettison build -q -o out c >&2; cat out/with/mod/top; find out -name .git | wc -l; ls out/without/mod | wc -l
            """)
        #expect(output.text == "top\n0\n0\n", "\(output.text)\(output.standardError)")
    }

    @Test func aCommitIsTheKey() async throws {
        let output = try await run(
            """
            printf 'FROM scratch\\nADD %s /d\\n' "$G" > c/Dockerfile
            b() { jettison build --progress plain c 2>&1 | grep -c 'ADD .* cached' || true; }
            b; b
            cd src; echo new > new; g add new; g commit -qm new; g push -q ../repos/r.git main; cd ..
            jettison build --plan c | grep -A1 'run.*ADD' | tail -1
            b; b
            """, ownStore: true)
        #expect(output.text.hasPrefix("0\n1\n           because: what it fetches changed"), "\(output.text)\(output.standardError)")
        #expect(output.text.hasSuffix("0\n1\n"), "\(output.text)")
    }

    @Test func worksFromAServerOfPlainFiles() async throws {
        let workspace = try await Workspace()
        let path = workspace.path
        let server = try await ScriptedServer { request, _ in
            guard request.path.hasPrefix("/r.git/"), !request.path.contains(".."),
                let body = try? File(opening: FilePath(path + "/repos" + request.path.prefix { $0 != "?" })).readAll()
            else { return .init(404) }
            return .init(body: body)
        }
        let output = try await workspace.shell(
            Self.repository(
                """
                g -C repos/r.git update-server-info
                printf 'FROM scratch\\nADD \(server.url)/r.git#feature /d\\nADD \(server.url)/r.git#v1 /e\\n' > c/Dockerfile
                jettison build -q -o out c >&2; cat out/d/top out/e/top
                """))
        #expect(output.text == "two\ntop\n", "\(output.standardError)")
    }

    /// BuildKit's predefined secrets, from a file and from a variable; for ADD and for contexts. Nothing keeps them.
    @Test(arguments: [
        ("GIT_AUTH_TOKEN", "s3cr3t-token", "Basic eC1hY2Nlc3MtdG9rZW46czNjcjN0LXRva2Vu"),
        ("GIT_AUTH_TOKEN.127.0.0.1", "s3cr3t-token", "Basic eC1hY2Nlc3MtdG9rZW46czNjcjN0LXRva2Vu"),
        ("GIT_AUTH_HEADER", "Bearer s3cr3t-token", "Bearer s3cr3t-token"),
    ])
    func secretsProveWhoAsks(_ id: String, _ value: String, _ header: String) async throws {
        let workspace = try await Workspace(ownStore: true)
        let path = workspace.path
        let server = try await ScriptedServer { request, _ in
            guard request.headers["authorization"] == header else { return .init(401, ["WWW-Authenticate": "Basic"]) }
            guard request.path.hasPrefix("/r.git/"), !request.path.contains(".."),
                let body = try? File(opening: FilePath(path + "/repos" + request.path.prefix { $0 != "?" })).readAll()
            else { return .init(404) }
            return .init(body: body)
        }
        let output = try await workspace.shell(
            Self.repository(
                """
                g -C repos/r.git update-server-info
                printf 'FROM scratch\\nADD \(server.url)/r.git#feature /d\\n' > c/Dockerfile
                jettison build -q c >/dev/null 2>&1 && echo 'without it'
                export TOKEN='\(value)'; echo "$TOKEN" > token
                jettison build --progress rawjson --secret id=\(id),src=token -o out c >log 2>&1; cat out/d/top
                printf 'FROM scratch\\nCOPY top /\\n' > f
                jettison build --progress plain --secret id=\(id),env=TOKEN -f - -o out2 '\(server.url)/r.git#feature' <f >>log 2>&1; cat out2/top
                grep -rlaF s3cr3t "$JETTISON_ROOT" log; grep -rlaF "\(header.split(separator: " ")[1])" "$JETTISON_ROOT" log; true
                """))
        #expect(output.text == "two\ntwo\n", "\(output.text)\(output.standardError)")
    }

    @Test(arguments: [
        ("#featur", "has no branch or tag \"featur\" [git-ref-not-found]", "did you mean \"feature\"?"),
        ("#main:sbu", "has no directory \"sbu\" [git-subdirectory-not-found]", "did you mean \"sub\"?"),
        ("#main:top", "\"top\" in", "is not a directory"),
        ("#0123456789012345678901234567890123456789", "has no commit 0123456789012345678901234567890123456789", "a branch or a tag leads to"),
        ("?checksum=abcdef0&ref=main", "\"main\" of", "= note: expected abcdef0"),
    ])
    func whatIsNotThereIsExplained(_ suffix: String, _ headline: String, _ more: String) async throws {
        let output = try await run("printf 'FROM scratch\\nADD %s /d\\n' \"$G\(suffix)\" > c/Dockerfile; jettison build --progress plain c || echo \"status $?\"")
        #expect(output.text == "status 1\n")
        #expect(output.standardError.contains(headline), "\(output.standardError)")
        #expect(output.standardError.contains(more), "\(output.standardError)")
        #expect(output.standardError.contains(" --> Dockerfile:2:5"), "\(output.standardError)")
    }

    @Test func failuresOfGitAreExplained() async throws {
        let output = try await run(
            """
            printf 'FROM scratch\\nADD %s /d\\n' "${G%r.git}none.git" > c/Dockerfile
            jettison build --progress plain c || true
            printf 'FROM scratch\\nADD http://joe:hunter2@127.0.0.1:9/r.git /d\\n' > c/Dockerfile
            jettison build --progress plain c || true
            """)
        #expect(output.standardError.contains("none.git cannot be reached: "), "\(output.standardError)")
        let headline = output.standardError.split(separator: "\n").last { $0.hasPrefix("error:") } ?? ""
        #expect(headline.hasPrefix("error: http://127.0.0.1:9/r.git cannot be reached: "), "\(output.standardError)")
        #expect(!headline.contains("hunter2"))
    }

    /// What runs in a repository is nobody's: no hook, no filter, no helper.
    @Test func nothingOfTheRepositoryOrTheUserIsRun() async throws {
        let output = try await run(
            """
            printf '[filter "x"]\\n smudge = touch %s/ran\\n[core]\\n hooksPath = %s/hooks\\n sshCommand = touch %s/ran\\n[url "git://127.0.0.1:1/"]\\n insteadOf = git://\\n' "$PWD" "$PWD" "$PWD" > .gitconfig
            mkdir hooks; printf '#!/bin/sh\\ntouch %s/ran\\n' "$PWD" > hooks/post-checkout; chmod +x hooks/*
            cd src; echo '* filter=x' > .gitattributes; g -c filter.x.smudge=cat commit -qam f; g push -q ../repos/r.git main; cd ..
            printf 'FROM scratch\\nADD %s /d\\nADD --keep-git-dir %s /e\\n' "$G" "$G" > c/Dockerfile
            jettison build -q c >&2; [ ! -e ran ] && echo clean
            """)
        #expect(output.text == "clean\n", "\(output.standardError)")
    }
}
