import Execution
import HostSystem
import SystemPackage
import Testing

@Suite(.enabled(if: Host.canRun, Host.whyNot))
struct ContainerRunTests {
    @Test(
        .enabled(
            if: Host.installed.count == RuntimeFlavor.allCases.count,
            "one runtime is missing: apt-get install crun runc"))
    func bothRuntimesAreTested() async throws {
        for flavor in RuntimeFlavor.allCases {
            let host = try ContainerHost(ContainerCase(flavor, .directory))
            #expect(try await host.runtime.flavor().flavor == flavor)
        }
    }

    @Test(arguments: Host.cases)
    func passesExitsOn(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which)
        let cases: [(String, ProcessExit)] = [
            ("true", .exited(0)), ("exit 3", .exited(3)), ("exit 127", .exited(127)), ("exit 255", .exited(255)),
            ("sh -c 'kill -SEGV $$'; exit $?", .signaled(11)), ("sh -c 'kill -KILL $$'; exit $?", .signaled(9)),
        ]
        for (script, expected) in cases {
            #expect(try await host.shell(script).exit == expected, "\(script)")
        }
    }

    @Test(arguments: Host.cases)
    func streamsOutputInOrder(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which)
        let shared = try host.temporary.directory.createDirectories(at: "shared")
        // Goes on only when its first word has been heard.
        let script = """
            echo one; n=0
            while ! test -e /shared/heard; do n=$((n+1)); test $n -lt 600 || exit 9; sleep 0.05; done
            echo two >&2; sleep 0.2; printf three
            """
        let path = host.temporary.path.appending("shared").string
        let result = try await host.command(["/bin/sh", "-c", script]) {
            $0.mounts = [.init(target: "/shared", kind: .bind(source: path, readOnly: true))]
        } whenWritten: { piece in
            if piece.bytes == Array("one\n".utf8) { _ = try? shared.createFile(at: "heard") }
        }
        #expect(result.exit == .exited(0))
        #expect(result.pieces.map { String(decoding: $0.bytes, as: UTF8.self) } == ["one\n", "two\n", "three"])
        #expect(result.pieces.map(\.stream) == [.stdout, .stderr, .stdout])
        #expect(try !host.written().exists("shared"))
    }

    @Test(arguments: Host.cases)
    func carriesMuchOutput(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which)
        let result = try await host.shell("head -c 5000000 /dev/zero; head -c 300000 /dev/zero >&2")
        #expect(result.exit == .exited(0))
        #expect(result.stdout.utf8.count == 5_000_000)
        #expect(result.stderr.utf8.count == 300_000)
    }

    @Test(arguments: Host.cases)
    func givesEnvironmentDirectoryAndStandardInput(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which)
        let result = try await host.shell("echo \"$GREETING\"; echo $HOME; pwd; hostname; cat; umask; ulimit -n") {
            $0.workingDirectory = "/work"
            $0.hostname = "elsewhere"
        }
        let hard = try #require(HostFacts.openFiles?.hard)
        let soft = try #require(HostFacts.openFiles?.soft)
        #expect(result.stdout == "hello world\n/root\n/work\nelsewhere\n0022\n\(min(hard, max(soft, 65536)))\n")
        #expect(result.stderr == "")
    }

    struct UserCase: Sendable {
        var user: String
        var expected: String
    }
    @Test(
        arguments: Host.cases,
        [
            UserCase(user: "", expected: "0 0 0 10 /root"),
            UserCase(user: "app", expected: "1000 1001 1001 10 20 /home/app"),
            UserCase(user: "app:wheel", expected: "1000 10 10 /home/app"),
            UserCase(user: "4321", expected: "4321 0 0 /"),
            UserCase(user: "4321:8765", expected: "4321 8765 8765 /"),
            UserCase(user: "1000", expected: "1000 1001 1001 10 20 /home/app"),
        ])
    func runsAsTheUser(_ which: ContainerCase, _ user: UserCase) async throws {
        let host = try ContainerHost(which)
        let result = try await host.shell("echo $(id -u) $(id -g) $(id -G) $HOME; cat /proc/self/status") {
            $0.user = user.user
        }
        #expect(result.stdout.hasPrefix(user.expected + "\n"))
        let isRoot = user.user.isEmpty
        #expect(result.stdout.contains("CapEff:\t" + (isRoot ? "00000000a80425fb" : "0000000000000000")))
        #expect(result.stdout.contains("CapBnd:\t00000000a80425fb"))
    }

    @Test(arguments: Host.cases)
    func networkIsTheHostsOrNone(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which)
        let script = "tail -n +3 /proc/net/dev | tr -d ' ' | awk -F: '{print $1}'"
        let none = try await host.shell(script) { $0.network = .none }
        #expect(none.stdout == "lo\n")
        let shared = try await host.shell(script)
        let mine = try File(opening: "/proc/net/dev").readAll(limit: 1 << 20)
        #expect(shared.stdout.split(separator: "\n").count == mine.split(separator: 10).count - 2)
    }

    @Test(arguments: Host.cases)
    func bringsItsOwnNameFiles(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which)
        let script = "cat /etc/resolv.conf; echo ---; cat /etc/hosts; echo no > /etc/hosts"
        let result = try await host.shell(script) { $0.extraHosts = ["mirror:10.1.2.3", "six=[::2]"] }
        let parts = result.stdout.split(separator: "---\n", omittingEmptySubsequences: false)
        let mine = (try? File(opening: "/etc/resolv.conf").readAll()) ?? []
        #expect(parts.first.map { Array($0.utf8) } == mine)
        #expect(parts.last?.contains("127.0.0.1\tlocalhost build\n") == true)
        #expect(parts.last?.contains("10.1.2.3\tmirror\n::2\tsix\n") == true)
        #expect(result.exit == .exited(1), "a step may not write there")
    }

    @Test(arguments: Host.cases, [true, false])
    func leavesNoTraceInTheRoot(_ which: ContainerCase, _ isBare: Bool) async throws {
        let host = try ContainerHost(which, isBare: isBare)
        let before = try host.written().listing()
        let result = try await host.shell("test -e /etc/resolv.conf && test -d /proc/self && test -c /dev/null")
        #expect(result.exit == .exited(0))
        #expect(try host.written().listing() == before)
    }

    @Test(arguments: Host.cases)
    func keepsWhatAStepChangesBesideStubs(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which, isBare: true)
        let result = try await host.shell(
            "echo mine > /etc/mine; touch -d @1234567890 /etc/mine; mkdir /var; chmod 700 /bin")
        #expect(result.exit == .exited(0), "\(result.stderr)")
        let names = try host.written().listing().map(\.path)
        #expect(names.filter { !$0.hasPrefix("/bin/") } == ["", "/bin", "/etc", "/etc/mine", "/var"])
        #expect(try host.written().metadata(at: "bin").mode == 0o700)
    }

    @Test(arguments: Host.cases)
    func confines(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which)
        let result = try await host.shell(
            """
            cat /proc/self/status
            head -c 1 /proc/kcore | wc -c; ls /proc/acpi /sys/firmware 2>/dev/null | grep -v : | wc -w
            echo 1 > /proc/sys/kernel/hostname || echo read-only proc; touch /sys/x || echo read-only sys
            unshare -n true || echo no namespaces
            echo $$; echo $(ls /dev | grep -v core)
            mknod /tmp/disk b 7 0 && head -c 1 /tmp/disk >/dev/null || echo no disk
            """)
        #expect(result.stdout.contains("CapEff:\t00000000a80425fb\n"))
        #expect(result.stdout.contains("CapPrm:\t00000000a80425fb\n"))
        #expect(result.stdout.contains("CapInh:\t0000000000000000\n"))
        #expect(result.stdout.contains("CapAmb:\t0000000000000000\n"))
        #expect(result.stdout.contains("NoNewPrivs:\t0\n"))
        #expect(result.stdout.contains("Seccomp:\t2\n"))
        let end = result.stdout.split(separator: "\n").suffix(8).map(String.init)
        #expect(
            end == [
                "0", "0", "read-only proc", "read-only sys", "no namespaces", "1",
                "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero", "no disk",
            ])
    }

    @Test(arguments: Host.cases)
    func mountsWhatItIsTold(_ which: ContainerCase) async throws {
        let host = try ContainerHost(which)
        try host.temporary.directory.writeFile(Array("from the host".utf8), at: "file")
        try host.temporary.directory.createDirectory(at: "cache", mode: 0o777)
        let at = host.temporary.path
        let script = """
            cat /run/deep/file; echo; echo kept > /cache/new; echo x > /run/deep/file || echo read-only
            stat -c %a /scratch; grep ' /scratch ' /proc/mounts; touch /rooted || echo read-only root
            grep ' /dev/shm ' /proc/mounts
            """
        let result = try await host.shell(script) {
            $0.mounts = [
                .init(target: "/run/deep/file", kind: .bind(source: at.appending("file").string, readOnly: true)),
                .init(target: "/cache", kind: .bind(source: at.appending("cache").string, readOnly: false)),
                .init(target: "/scratch", kind: .tmpfs(sizeBytes: 1 << 20, mode: 0o1777)),
            ]
            $0.readOnlyRoot = true
            $0.sharedMemoryBytes = 1 << 20
        }
        let lines = result.stdout.split(separator: "\n").map(String.init)
        #expect(lines.prefix(3) == ["from the host", "read-only", "1777"])
        #expect(lines.contains { $0.hasPrefix("tmpfs /scratch tmpfs") && $0.contains("size=1024k") })
        #expect(lines.contains("read-only root"))
        #expect(lines.contains { $0.hasPrefix("shm /dev/shm tmpfs") && $0.contains("size=1024k") })
        #expect(try host.temporary.directory.readFile(at: "cache/new") == Array("kept\n".utf8))
        #expect(try !host.written().exists("run"))
        #expect(try !host.written().exists("scratch"))
    }

    @Test(arguments: Host.installed)
    func runsOnAReadOnlyOverlay(_ flavor: RuntimeFlavor) async throws {
        let host = try ContainerHost(ContainerCase(flavor, .overlay), isBare: true)
        guard case .overlay(var layout) = host.root else { return }
        layout.upper = nil
        layout.work = nil
        let exit = try await host.runtime.run(
            ContainerProcess(arguments: ["/bin/busybox", "touch", "/made"], environment: []), in: .overlay(layout)
        ) { _ in }
        #expect(exit == .exited(0))
        #expect(!host.temporary.directory.exists("base/made"))
    }

    @Test(.enabled(if: Host.canLimitMemory, "needs a writable memory control group"), arguments: Host.installed)
    func tellsLackOfMemoryFromOtherKills(_ flavor: RuntimeFlavor) async throws {
        let host = try ContainerHost(ContainerCase(flavor, .directory))
        let hog = "awk 'BEGIN { x = \"0123456789abcdef\"; while (1) x = x x }'"
        #expect(try await host.shell(hog) { $0.memoryLimitBytes = 48 << 20 }.exit == .outOfMemory)
        #expect(try await host.shell(hog + "; exit 5") { $0.memoryLimitBytes = 48 << 20 }.exit == .outOfMemory)
        let killed = try await host.shell("sh -c 'kill -KILL $$'; exit $?") { $0.memoryLimitBytes = 48 << 20 }
        #expect(killed.exit == .signaled(9))
        #expect(try await host.shell("true") { $0.memoryLimitBytes = 48 << 20 }.exit == .exited(0))
    }

    @Test(arguments: Host.installed)
    func manyRunAtOnce(_ flavor: RuntimeFlavor) async throws {
        let host = try ContainerHost(ContainerCase(flavor, .overlay))
        guard case .overlay(let layout) = host.root else { return }
        let at = host.temporary.path
        let exits = try await withThrowingTaskGroup(of: ProcessExit.self) { group in
            for index in 1...12 {
                for name in ["u\(index)", "w\(index)"] {
                    try host.temporary.directory.createDirectory(at: FilePath(name))
                }
                let root = OverlayLayout(
                    lowers: layout.lowers, upper: at.appending("u\(index)"), work: at.appending("w\(index)"))
                let process = ContainerProcess(arguments: ["/bin/sh", "-c", "exit \(index)"], environment: [])
                group.addTask { try await host.runtime.run(process, in: .overlay(root)) { _ in } }
            }
            return try await group.reduce(into: Set<ProcessExit>()) { $0.insert($1) }
        }
        #expect(exits == Set((1...12).map { .exited($0) }))
    }
}

extension Directory {
    struct Listed: Hashable {
        var path: String
        var metadata: String
    }

    /// All below, sorted: what a layer would show.
    func listing() throws -> [Listed] {
        var found: [Listed] = []
        func visit(_ path: FilePath) throws {
            let metadata = try metadata(at: path)
            found.append(
                Listed(
                    path: path.isEmpty ? "" : "/" + path.string,
                    metadata: "\(metadata.kind) \(metadata.mode) \(metadata.uid) \(metadata.size) \(metadata.modified)")
            )
            guard metadata.kind == .directory else { return }
            for entry in try directory(at: path).entries().sorted(by: { $0.name.string < $1.name.string }) {
                try visit(path.appending(entry.name))
            }
        }
        try visit("")
        return found
    }
}
