import Archives
import HostSystem
import OCI
import SystemPackage
import TestSupport
import Testing

@Suite struct TarInteropTests {
    /// GNU tar in each of its formats: short, long and very long names and targets, hard links, odd bytes.
    @Test(arguments: ["v7", "oldgnu", "gnu", "ustar", "posix"]) func readsGNUTar(format: String) async throws {
        let script = """
            set -e; d=$(mktemp -d); trap 'rm -rf "$d"' EXIT; cd "$d"; mkdir a; printf hello > a/file; ln a/file a/hard
            ln -s ../target a/soft; [ $1 = v7 ] || mkfifo a/pipe; printf x > "$(printf 'a/\\377\\376')"; : > a/empty
            long=a/$(printf %0120d 1); deep=a/$(printf %090d 2)/$(printf %090d 3)
            if [ $1 != v7 ]; then mkdir -p "$deep"; printf deep > "$deep/f"; fi
            case $1 in v7|ustar) ;; *) printf long > "$long"; ln -s "$long" a/longlink;; esac
            find a -exec touch -h -d @1700000000.5 {} +; chmod 4711 a/file
            tar --format=$1 --sort=name --owner=jo:12 --group=staff:34 -cf - a
            """
        let output = try await ShellCommand.run(script, [format])
        #expect(output.standardError == "" && output.status == 0)
        let samples = try read(output.standardOutput)
        let byPath = Dictionary(uniqueKeysWithValues: samples.map { ($0.entry.path.string, $0) })
        let file = try #require(byPath["a/file"])
        #expect(file.bytes == Array("hello".utf8))
        #expect(file.entry.mode == 0o4711 && file.entry.uid == 12 && file.entry.gid == 34)
        #expect(file.entry.modified == Timestamp(seconds: 1_700_000_000, nanoseconds: format == "posix" ? 500_000_000 : 0))
        #expect(file.entry.userName == (format == "v7" ? "" : "jo"))
        #expect(byPath["a"]?.entry.kind == .directory)
        #expect(byPath["a/hard"]?.entry.kind == .hardLink("a/file"))
        #expect(byPath["a/soft"]?.entry.kind == .symlink("../target"))
        #expect(byPath["a/pipe"]?.entry.kind == (format == "v7" ? nil : .fifo))
        #expect(byPath["a/empty"]?.bytes == [])
        #expect(samples.contains { $0.entry.path == path(Array("a/".utf8) + [255, 254]) })
        let zeros = { (count: Int, last: Int) in String(repeating: "0", count: count - 1) + String(last) }
        if format != "v7" {
            #expect(byPath["a/\(zeros(90, 2))/\(zeros(90, 3))/f"]?.bytes == Array("deep".utf8))
        }
        if !["v7", "ustar"].contains(format) {
            #expect(byPath["a/\(zeros(120, 1))"]?.bytes == Array("long".utf8))
            #expect(byPath["a/longlink"]?.entry.kind == .symlink(FilePath("a/\(zeros(120, 1))")))
        }
    }

    /// Every sparse format GNU tar writes, with few pieces (in the header) and many (continued).
    @Test(arguments: ["--format=gnu", "--sparse-version=0.0", "--sparse-version=0.1", "--sparse-version=1.0"], [1, 3, 60])
    func readsSparseFiles(option: String, pieces: Int) async throws {
        let script = """
            set -e; d=$(mktemp -d); trap 'rm -rf "$d"' EXIT; cd "$d"; truncate -s 9000001 s; i=0
            while [ $i -lt $2 ]; do printf piece$i | dd of=s bs=1 seek=$((i * 131072 + 65536)) conv=notrunc status=none; i=$((i + 1)); done
            printf next > t; case $1 in --format*) f=;; *) f=--format=posix;; esac
            tar $f $1 --sparse -cf - s t
            """
        let output = try await ShellCommand.run(script, [option, String(pieces)])
        #expect(output.standardError == "" && output.status == 0)
        var expected = [UInt8](repeating: 0, count: 9_000_001)
        for piece in 0..<pieces {
            for (index, byte) in "piece\(piece)".utf8.enumerated() { expected[piece * 131072 + 65536 + index] = byte }
        }
        #expect(output.standardOutput.count < 2_000_000)
        let samples = try read(output.standardOutput)
        #expect(samples.map(\.entry.path) == ["s", "t"])
        #expect(samples.first?.entry.size == 9_000_001)
        #expect(samples.first?.bytes == expected)
        #expect(samples.last?.bytes == Array("next".utf8))
    }

    @Test func holesCanBeSkipped() async throws {
        let script = """
            set -e; d=$(mktemp -d); trap 'rm -rf "$d"' EXIT; cd "$d"; truncate -s 40000000 s
            printf data | dd of=s bs=1 seek=20000000 conv=notrunc status=none; tar --sparse -cf - s
            """
        let output = try await ShellCommand.run(script)
        var reader = TarReader(MemoryReader(output.standardOutput))
        let entry = try #require(try reader.next())
        #expect(entry.size == 40_000_000)
        let first = reader.skipHole()
        #expect(first > 19_000_000 && first <= 20_000_000)
        #expect(reader.skipHole() == 0)
        var data = 0
        while reader.skipHole() == 0 {
            let count = try withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { try reader.read(into: $0) }
            if count == 0 { break }
            data += count
        }
        #expect(data < 1_000_000)
        #expect(try reader.next() == nil)
    }

    /// Python's tarfile in its three formats; numbers too large for octal digits.
    @Test(arguments: ["USTAR", "GNU", "PAX"]) func readsPython(format: String) async throws {
        let script = """
            import io, sys, tarfile
            out = tarfile.open(fileobj=sys.stdout.buffer, mode="w|", format=getattr(tarfile, sys.argv[1] + "_FORMAT"))
            def add(name, data=b"", **fields):
                info = tarfile.TarInfo(name); info.size = len(data)
                for key, value in fields.items(): setattr(info, key, value)
                out.addfile(info, io.BytesIO(data))
            add("plain", b"x" * 1000, mtime=1700000000, uid=1, gid=2, mode=0o755, uname="u", gname="g")
            add("d", type=tarfile.DIRTYPE, mode=0o1777)
            add("c", type=tarfile.CHRTYPE, devmajor=5, devminor=300)
            add("l", type=tarfile.SYMTYPE, linkname="plain")
            if sys.argv[1] != "USTAR":
                add("n" * 300, b"long", uid=5000000, mtime=2**36)
                add("k", type=tarfile.LNKTYPE, linkname="t" * 200)
            if sys.argv[1] == "PAX":
                add("x", b"y", mtime=-1.25, pax_headers={"SCHILY.xattr.user.k": "v", "comment": "ignored"})
            out.close()
            """
        let output = try await ShellCommand.run(#"python3 -c "$1" "$2""#, [script, format])
        #expect(output.standardError == "" && output.status == 0)
        let samples = try read(output.standardOutput)
        let plain = try #require(samples.first)
        #expect(plain.bytes == [UInt8](repeating: 120, count: 1000))
        #expect(plain.entry.mode == 0o755 && plain.entry.uid == 1 && plain.entry.gid == 2)
        #expect(plain.entry.userName == "u" && plain.entry.groupName == "g")
        #expect(samples[1].entry.kind == .directory && samples[1].entry.mode == 0o1777)
        #expect(samples[2].entry.kind == .characterDevice(major: 5, minor: 300))
        #expect(samples[3].entry.kind == .symlink("plain"))
        guard format != "USTAR" else { return #expect(samples.count == 4) }
        #expect(samples[4].entry.path.string == String(repeating: "n", count: 300))
        #expect(samples[4].entry.uid == 5_000_000 && samples[4].entry.modified.seconds == 1 << 36)
        #expect(samples[5].entry.kind == .hardLink(FilePath(String(repeating: "t", count: 200))))
        guard format == "PAX" else { return #expect(samples.count == 6) }
        #expect(samples[6].entry.extendedAttributes == ["user.k": Array("v".utf8)])
        #expect(samples[6].entry.modified == Timestamp(seconds: -2, nanoseconds: 750_000_000))
    }

    /// Random entries of ours through Python's tarfile: it must see the same. (Whole seconds: it keeps times as floats.)
    @Test(arguments: [21, 22]) func pythonReadsOurs(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let samples = (0..<40).map { _ in random.sample() }
        let list = """
            import hashlib, os, sys, tarfile
            archive = tarfile.open(fileobj=sys.stdin.buffer, mode="r|")
            for m in archive:
                data = hashlib.sha256(archive.extractfile(m).read()).hexdigest() if m.isreg() else "-"
                link = os.fsencode(m.linkname).hex() if m.issym() or m.islnk() else "-"
                dev = "%d,%d" % (m.devmajor, m.devminor) if m.isdev() and not m.isfifo() else "-"
                print(os.fsencode(m.name).hex(), m.type.decode(), "%o" % m.mode, m.uid, m.gid, m.size, int(m.mtime // 1), link, dev, data)
            """
        let output = try await ShellCommand.run(#"python3 -c "$1""#, [list], input: try write(samples, keepsFractions: false))
        #expect(output.standardError == "" && output.status == 0)
        let lines = output.text.split(separator: "\n").map(String.init)
        #expect(lines.count == samples.count)
        for (line, sample) in zip(lines, samples) { #expect(line == Self.line(sample)) }
    }

    private static func line(_ sample: Sample) -> String {
        let entry = sample.entry
        var type = "0"
        var link = "-"
        var device = "-"
        var data = "-"
        switch entry.kind {
        case .file: data = Digest.sha256(of: sample.bytes).hex
        case .hardLink(let target): (type, link) = ("1", hex(target))
        case .symlink(let target): (type, link) = ("2", hex(target))
        case .characterDevice(let major, let minor): (type, device) = ("3", "\(major),\(minor)")
        case .blockDevice(let major, let minor): (type, device) = ("4", "\(major),\(minor)")
        case .directory: type = "5"
        case .fifo: type = "6"
        }
        return [
            hex(entry.path), type, String(entry.mode, radix: 8), String(entry.uid), String(entry.gid), String(entry.size),
            String(entry.modified.seconds), link, device, data,
        ].joined(separator: " ")
    }

    private static func hex(_ path: FilePath) -> String {
        let bytes = path.withPlatformString { pointer in
            (0..<path.length).map { UInt8(bitPattern: pointer[$0]) }
        }
        return bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// GNU tar extracts ours, attributes and hard links included.
    @Test func gnuTarExtractsOurs() async throws {
        var file = TarEntry(path: FilePath("d/" + String(repeating: "n", count: 200)), kind: .file, mode: 0o640, size: 5)
        file.modified = Timestamp(seconds: 1_700_000_000, nanoseconds: 250_000_000)
        file.extendedAttributes = ["user.key": Array("value".utf8)]
        let samples = [
            Sample(entry: TarEntry(path: "d", kind: .directory, mode: 0o755)),
            Sample(entry: file, bytes: Array("hello".utf8)),
            Sample(entry: TarEntry(path: "d/h", kind: .hardLink(file.path), mode: 0o640)),
            Sample(entry: TarEntry(path: "d/s", kind: .symlink("h"), mode: 0o777)),
        ]
        let script = """
            set -e; d=$(mktemp -d); trap 'rm -rf "$d"' EXIT; cd "$d"; tar --xattrs --xattrs-include='*' --no-same-owner -xf -
            cat d/s; echo; stat -c '%a %h %.2Y' d/h; readlink d/s; tar --xattrs -cf - d/h | tar --xattrs -tvvf - | sed -n 's/^ *x: *//p'
            """
        let output = try await ShellCommand.run(script, input: try write(samples))
        #expect(output.standardError == "" && output.status == 0)
        #expect(output.text == "hello\n640 2 1700000000.25\nh\n5 user.key\n")
    }
}
