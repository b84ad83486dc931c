#!/usr/bin/env python3
"""COPY and ADD against buildah: random trees x random ignore files x random instructions.

Each round makes a context, an ignore file and a Dockerfile with some thirty COPY and ADD instructions, builds it with
jettison and with buildah, and compares the two file trees (path, type, mode, owner, content, link target) and which
instructions are errors. A disagreement has to be recognised by one of the EXPLANATIONS below, each of which says why the
peer is the one that is wrong; any other is printed with what reproduces it, and the exit code is 1.

    copy-fuzz.py --jettison PATH [--rounds N] [--seed S] [--keep DIRECTORY] [--verbose]

The same seed gives the same rounds. Needs buildah and root.
"""
import argparse, hashlib, json, os, random, re, shutil, stat, subprocess, sys, tarfile, tempfile

NAMES = ["a", "b", "c", "dd", "e.txt", "f.txt", "g.md", ".h", "i j", "k[l]", "m*n", "\u00fc", "o", "p.q"]
BYTE_NAMES = [b"\xff\xfe", b"new\nline"]
FILE_MODES = [0o644, 0o644, 0o755, 0o600, 0o444, 0o640, 0o4755, 0o2755, 0o111, 0o666]
DIRECTORY_MODES = [0o755, 0o755, 0o700, 0o775, 0o1777, 0o2755, 0o555]
OWNERS = [None] * 6 + ["1:2", "7", "0:0", "daemon", "daemon:bin", "3:daemon", "root"]
MODES = [None] * 7 + ["644", "0755", "4711", "700", "000"]


class Tree:
    """What is in a directory that a round copies from."""

    def __init__(self, rng, root):
        self.rng, self.root = rng, os.fsencode(root)
        self.files, self.directories, self.links = [], [b""], []

    def fill(self):
        rng = self.rng
        for _ in range(rng.randint(4, 9)):
            parent = rng.choice(self.directories)
            if parent.count(b"/") >= 3:
                continue
            path = self.new(parent)
            if path is not None:
                os.mkdir(os.path.join(self.root, path))
                self.directories.append(path)
        for _ in range(rng.randint(6, 18)):
            path = self.new(rng.choice(self.directories))
            if path is None:
                continue
            full = os.path.join(self.root, path)
            kind = rng.random()
            if kind < 0.08 and self.files:
                os.link(os.path.join(self.root, rng.choice(self.files)), full)
                self.files.append(path)
            elif kind < 0.30:
                os.symlink(self.target(path), full)
                self.links.append(path)
            elif kind < 0.33:
                os.mkfifo(full)
            elif kind < 0.39:
                self.archive(full)
                self.files.append(path)
            else:
                with open(full, "wb") as file:
                    file.write(rng.choice([b"", b"one\n", path, b"\0" * 5000]))
                os.chmod(full, rng.choice(FILE_MODES))
                self.files.append(path)
        for path in self.directories[1:]:
            os.chmod(os.path.join(self.root, path), rng.choice(DIRECTORY_MODES))

    def new(self, parent):
        name = self.rng.choice(BYTE_NAMES) if self.rng.random() < 0.04 else self.rng.choice(NAMES).encode()
        path = os.path.join(parent, name) if parent else name
        return None if os.path.lexists(os.path.join(self.root, path)) else path

    def target(self, path):
        rng = self.rng
        choice = rng.random()
        up = b"../" * path.count(b"/")
        if choice < 0.40 and self.files:
            return up + rng.choice(self.files)
        if choice < 0.65 and len(self.directories) > 1:
            return up + rng.choice(self.directories[1:])
        if choice < 0.80:
            return b"/" + rng.choice(self.files + self.directories[1:] + [b"none"])
        return rng.choice([b"none", b"../../../../a", b".", os.path.basename(path)])

    def archive(self, full):
        mode = self.rng.choice(["w:", "w:gz", "w:bz2", "w:xz"])
        with tarfile.open(full, mode) as archive:
            for name, owner in [("in", (3, 4)), ("in/x", (5, 6)), (self.rng.choice(NAMES), (0, 0))]:
                entry = tarfile.TarInfo(name)
                entry.uid, entry.gid = owner
                if name == "in":
                    entry.type, entry.mode = tarfile.DIRTYPE, 0o750
                else:
                    entry.mode = 0o640
                archive.addfile(entry)


class Instruction:
    def __init__(self, number, rng, tree, staged):
        self.number, self.base = number, "/t/%d" % number
        self.keyword = "ADD" if rng.random() < 0.2 and not staged else "COPY"
        self.staged = staged
        self.owner, self.mode = rng.choice(OWNERS), rng.choice(MODES)
        count = 1 if rng.random() < 0.75 else rng.randint(2, 3)
        self.sources = [self.source(rng, tree) for _ in range(count)]
        self.destination = self.base + rng.choice(
            ["/new", "/new/", "/dir", "/dir/", "/dir/in", "/file", "/ldir", "/ldir/", "/lfile", "/dang", "/dang/x",
             "/a/b/c", "/a/b/c/", "/ldir/more/", "/full", "/full/", "/lup/y", "/dir/.", "/x/../new"])
        if rng.random() < 0.02:
            self.destination = self.base + "/file/"
        if count > 1 and not self.destination.endswith(("/", "/.")):
            self.destination += "/"

    def source(self, rng, tree):
        pool = tree.files * 2 + tree.directories * 2 + tree.links
        for _ in range(12):
            path = os.fsdecode(rng.choice(pool))
            # Names that look like patterns are for now and then.
            if not re.search(r"[*\[]", path):
                break
        shape = rng.random()
        while "\n" in path or any("\udc80" <= c <= "\udcff" for c in path):
            path = os.path.dirname(path)
        # A backslash would not get past the words of the Dockerfile.
        escaped = re.sub(r"([*?\[])", r"[\1]", path)
        if shape < 0.35 and path:
            parts = escaped.split("/")
            index = rng.randrange(len(parts))
            first = parts[index][:1]
            patterns = ["*", "*", "?" * len(parts[index])]
            if "." in parts[index]:
                patterns.append("*.*")
            if first.isalpha() and first.isascii():
                patterns += [first + "*", "[%s-z]*" % first, "[^%s]*" % ("b" if first == "a" else "a")]
            parts[index] = rng.choice(patterns)
            escaped = "/".join(parts)
        elif shape < 0.36:
            escaped = escaped + "none" if rng.random() < 0.9 else "none*"
        if self.staged:
            escaped = "s/" + escaped if escaped else "s"
        form = rng.random()
        if form < 0.15:
            return "/" + escaped
        if form < 0.25:
            return "./" + escaped
        if form < 0.32:
            return escaped + "/"
        if form < 0.36:
            return "../" + escaped
        if form < 0.40 and escaped:
            return escaped + "/."
        return escaped or "."

    @property
    def text(self):
        flags = "--from=src " if self.staged else ""
        if self.owner is not None:
            flags += "--chown=%s " % self.owner
        if self.mode is not None:
            flags += "--chmod=%s " % self.mode
        return "%s %s%s" % (self.keyword, flags, json.dumps(self.sources + [self.destination], ensure_ascii=False))

    # What it finds is there before it: made by one RUN for all.
    def scene(self):
        return (
            "mkdir -m 700 {b}; cd {b}; mkdir -p dir full/a full/b/c lup/x; chmod 750 dir; chown 8:9 dir;"
            " echo old > file; chmod 604 file; chown 8:9 file; ln -s dir ldir; ln -s file lfile; ln -s none/deep dang;"
            " echo old > full/e.txt; echo old > full/b/o; ln -s b full/dd; ln -s e.txt full/f.txt; ln -s ../dir lup/y;"
            " chmod 711 full/b; chown 8:9 full/b full/e.txt"
        ).format(b=self.base)


IGNORES = ["*", "**", "!*", "a", "*.txt", "**/*.txt", "!**/e.txt", "b/", "/c", "dd/**", "!dd/a", "# comment", "",
           "  o  ", "**/o", "i j", "k\\[l\\]", "[a-c]", "?", "../a", "./b", "*/a", "!*/a", "**/a/b", ".h", "p.*", "!p.q",
           "m\\*n", "**/.h", "a/b", "!a/b", "dd", "!dd/e.txt"]


def ignore_file(rng):
    if rng.random() < 0.4:
        return None
    lines = [rng.choice(IGNORES) for _ in range(rng.randint(1, 6))]
    # All of it away is no fun.
    if rng.random() < 0.8:
        lines = [line for line in lines if line not in ("*", "**")]
    return "\n".join(lines) + rng.choice(["\n", ""])


def listing(root):
    found = {}
    root = os.fsencode(root)
    for folder, directories, files in os.walk(root):
        for name in directories + files:
            full = os.path.join(folder, name)
            info = os.lstat(full)
            kind, extra = stat.S_IFMT(info.st_mode), ""
            mode = stat.S_IMODE(info.st_mode)
            if stat.S_ISLNK(info.st_mode):
                mode, extra = 0o777, os.fsdecode(os.readlink(full))
            elif stat.S_ISREG(info.st_mode):
                with open(full, "rb") as file:
                    extra = hashlib.sha256(file.read()).hexdigest()[:12]
            found[os.fsdecode(os.path.relpath(full, root))] = (kind, mode, info.st_uid, info.st_gid, extra)
    return found


class Builder:
    def __init__(self, work):
        self.work, self.builds = work, 0

    def run(self, *command):
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=self.work)


class Jettison(Builder):
    def __init__(self, work, program):
        super().__init__(work)
        self.command = [program, "--root", os.path.join(work, "store")]
        made = self.run(*self.command, "base", "create", "--variant", "busybox", "-t", "base:test")
        if made.returncode:
            sys.exit(made.stdout.decode())
        self.run(*self.command, "save", "-o", "base.tar", "base:test")

    def build(self, context, dockerfile, out):
        """The number of the line that failed, or None and the tree in `out`."""
        self.builds += 1
        done = self.run(*self.command, "build", "-q", "-f", dockerfile, "-o", "type=local,dest=" + out, context)
        if done.returncode == 0:
            return None, ""
        text = done.stdout.decode("utf-8", "replace")
        place = re.search(r"-> \S*Dockerfile:(\d+):", text)
        if not place:
            sys.exit("jettison: " + text)
        return int(place.group(1)), text

    def forget(self):
        self.run(*self.command, "builder", "prune", "-a", "-f")


class Buildah(Builder):
    def __init__(self, work):
        super().__init__(work)
        self.command = ["buildah", "--root", os.path.join(work, "bh"), "--runroot", os.path.join(work, "bhrun"),
                        "--storage-driver", "vfs"]
        pulled = self.run(*self.command, "pull", "docker-archive:base.tar")
        if pulled.returncode:
            sys.exit(pulled.stdout.decode())

    def build(self, context, dockerfile, out):
        self.builds += 1
        done = self.run(*self.command, "build", "--isolation", "chroot", "--layers=false", "--format", "oci", "-t", "out",
                        "--ignorefile", os.path.join(self.work, "ignore"), "-f", dockerfile, context)
        text = done.stdout.decode("utf-8", "replace")
        if done.returncode:
            steps = re.findall(r"^(?:\[\d/\d\] )?STEP \d+/\d+: (.*)$", text, re.M)
            lines = open(dockerfile, encoding="utf-8", errors="surrogateescape").read().split("\n")
            if not steps or steps[-1] not in lines:
                sys.exit("buildah: " + text)
            return lines.index(steps[-1]) + 1, text
        container = self.run(*self.command, "from", "--pull-never", "localhost/out").stdout.decode().strip()
        mount = self.run(*self.command, "mount", container).stdout.decode().strip()
        subprocess.run(["cp", "-a", os.path.join(mount, "t"), out], check=True)
        self.run(*self.command, "rm", container)
        self.run(*self.command, "rmi", "-f", "localhost/out")
        return None, ""


class Disagreement:
    """One path, or one instruction that is an error for one of the two only."""

    def __init__(self, instruction, path, ours, theirs, round_):
        self.instruction, self.path, self.ours, self.theirs, self.round = instruction, path, ours, theirs, round_

    def __str__(self):
        def show(entry):
            if entry is None or isinstance(entry, str):
                return str(entry)
            return "%o %o %d:%d %s" % entry
        return "%s\n    %s: ours %s, theirs %s" % (self.instruction.text, self.path, show(self.ours), show(self.theirs))


EXPLANATIONS = []


def explanation(function):
    EXPLANATIONS.append(function)
    return function


def wildcard(source):
    return re.search(r"[*?\[]", re.sub(r"\\.", "", source)) is not None


@explanation
def wildcard_of_nothing(d):
    """BuildKit copies nothing when a pattern matches nothing (AllowEmptyWildcard); buildah wants a match."""
    return d.path == "error" and d.ours is None and "no such file" in d.theirs and any(map(wildcard, d.instruction.sources))


def both(d, kind):
    return isinstance(d.ours, tuple) and isinstance(d.theirs, tuple) and d.ours[0] == d.theirs[0] == kind


@explanation
def set_id_of_directory(d):
    """BuildKit keeps set-user-id and set-group-id bits of directories; buildah drops them."""
    return both(d, stat.S_IFDIR) and d.ours[1] & 0o6000 and d.ours[1] & ~0o6000 == d.theirs[1] and d.ours[2:] == d.theirs[2:]


@explanation
def set_id_of_context_file(d):
    """Docker's first builder dropped these bits of files of the context, and buildah does; BuildKit sends modes whole.
    What a stage has was copied from the context too."""
    return (both(d, stat.S_IFREG) and d.ours[1] & 0o6000
            and d.ours[1] & ~0o6000 == d.theirs[1] and d.ours[2:] == d.theirs[2:])


@explanation
def chmod_of_new_directory(d):
    """An octal --chmod is also the mode of the directories that are made to hold what is copied (buildkit#4945 and
    #6801); buildah gives them 0755."""
    if not both(d, stat.S_IFDIR) or d.instruction.mode is None:
        return False
    return d.ours[1] == int(d.instruction.mode, 8) and d.theirs[1] == 0o755 and d.ours[2:] == d.theirs[2:]


def at(d, *names):
    return d.path in tuple("t/%d/%s" % (d.instruction.number, name) for name in names)


@explanation
def file_over_link(d):
    """A destination that is a symbolic link is followed by BuildKit (RootPath of the whole destination), so that the file
    it leads to is replaced; buildah replaces the link."""
    return d.instruction.destination.endswith("/lfile") and d.path != "error" and at(d, "lfile", "file")


@explanation
def directory_over_file(d):
    """A directory of the source where the destination has a file is an error in BuildKit (fsutil: "cannot copy to
    non-directory"); buildah replaces the file."""
    return d.path == "error" and d.theirs is None and "[not-a-directory]" in (d.ours or "")


@explanation
def file_at_dangling_link(d):
    """A destination that is a link to nothing is followed by BuildKit to where a file is to be; buildah makes a directory
    there and puts the file into it."""
    if not d.instruction.destination.endswith("/dang") or not isinstance(d.path, str):
        return False
    prefix = "t/%d/none/deep" % d.instruction.number
    ours = d.round.ours_tree.get(prefix)
    theirs = d.round.theirs_tree.get(prefix)
    return (d.path == prefix or d.path.startswith(prefix + "/")) and ours and theirs and (
        ours[0] != stat.S_IFDIR and theirs[0] == stat.S_IFDIR)


class Round:
    def __init__(self, number, seed, work, ours, theirs, arguments):
        self.number, self.work, self.ours, self.theirs = number, work, ours, theirs
        self.rng = rng = random.Random("%s/%d" % (seed, number))
        self.context = os.path.join(work, "context")
        shutil.rmtree(self.context, ignore_errors=True)
        os.mkdir(self.context)
        self.tree = Tree(rng, self.context)
        self.tree.fill()
        self.ignore = ignore_file(rng)
        with open(os.path.join(work, "ignore"), "w") as file:
            file.write(self.ignore or "")
        if self.ignore is not None:
            with open(os.path.join(self.context, ".dockerignore"), "w") as file:
                file.write(self.ignore)
        self.instructions = [
            Instruction(n, rng, self.tree, rng.random() < 0.25) for n in range(arguments.instructions)]
        self.failures = {}

    def dockerfile(self, instructions, name, scenes=None):
        lines = ["FROM localhost/base:test AS src" if name == "theirs" else "FROM base:test AS src",
                 "COPY / /s/",
                 "RUN cd /s && for f in *; do case $f in [ab]*) chown -h 11:12 \"$f\";; esac; done; true",
                 lines_from(name)]
        scene = "RUN mkdir /t; " + "; ".join("(%s)" % i.scene() for i in scenes or self.instructions)
        lines.append(scene)
        lines += [i.text for i in instructions]
        path = os.path.join(self.work, name + ".Dockerfile")
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write("\n".join(lines) + "\n")
        return path, len(lines) - len(instructions)

    def settle(self):
        """What jettison makes of it: builds, leaving out what fails, until it succeeds."""
        remaining = list(self.instructions)
        self.failed = {}
        while True:
            out = self.fresh("ours")
            dockerfile, first = self.dockerfile(remaining, "ours")
            line, text = self.ours.build(self.context, dockerfile, out)
            if line is None:
                return remaining, listing(out)
            if line <= first:
                sys.exit("round %d: %s" % (self.number, text))
            self.failed[remaining[line - first - 1].number] = text
            del remaining[line - first - 1]

    def fresh(self, name):
        out = os.path.join(self.work, name)
        shutil.rmtree(out, ignore_errors=True)
        os.mkdir(out)
        return out

    def run(self):
        good, ours = self.settle()
        found = []
        # What is an error here has to be one there. Each costs a build of theirs: a few of them will do.
        bad = [i for i in self.instructions if i.number in self.failed]
        self.checked = self.rng.sample(bad, min(len(bad), 3))
        for instruction in self.checked:
            dockerfile, first = self.dockerfile([instruction], "theirs", [instruction])
            line, text = self.theirs.build(self.context, dockerfile, self.fresh("theirs"))
            if line is None:
                found.append(Disagreement(instruction, "error", last_line(self.failed[instruction.number]), None, self))
            elif line <= first:
                sys.exit("round %d: %s" % (self.number, text))
        # And what is none here must be none there.
        while True:
            out = self.fresh("theirs")
            dockerfile, first = self.dockerfile(good, "theirs")
            line, text = self.theirs.build(self.context, dockerfile, out)
            if line is None:
                break
            if line <= first:
                sys.exit("round %d: %s" % (self.number, text))
            found.append(Disagreement(good[line - first - 1], "error", None, last_line(text), self))
            del good[line - first - 1]
        theirs = listing(out)
        self.ours_tree, self.theirs_tree = ours, theirs
        for instruction in good:
            prefix = "t/%d" % instruction.number
            paths = {p for p in list(ours) + list(theirs) if p == prefix or p.startswith(prefix + "/")}
            for path in sorted(paths):
                if ours.get(path) != theirs.get(path):
                    found.append(Disagreement(instruction, path, ours.get(path), theirs.get(path), self))
        return found


def lines_from(name):
    return "FROM localhost/base:test" if name == "theirs" else "FROM base:test"


def last_line(text):
    if text is None:
        return None
    lines = [line for line in text.strip().split("\n") if line]
    error = [line for line in lines if line.lower().startswith("error")]
    return "error: " + (error or lines)[0 if error else -1][:3000]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jettison", required=True)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--instructions", type=int, default=30)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--keep")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    work = arguments.keep or tempfile.mkdtemp(prefix="jettison-fuzz-")
    os.makedirs(work, exist_ok=True)
    program = os.path.abspath(arguments.jettison)
    ours, theirs = Jettison(work, program), None
    theirs = Buildah(work)
    explained, unexplained, errors, instructions = {}, 0, 0, 0
    try:
        for number in range(arguments.first, arguments.first + arguments.rounds):
            round_ = Round(number, arguments.seed, work, ours, theirs, arguments)
            disagreements = round_.run()
            instructions += len(round_.instructions)
            errors += len(round_.checked)
            shown = False
            for disagreement in disagreements:
                reason = next((e.__name__ for e in EXPLANATIONS if e(disagreement)), None)
                if reason:
                    explained[reason] = explained.get(reason, 0) + 1
                    if arguments.verbose:
                        print("explained by %s: %s" % (reason, disagreement))
                    continue
                unexplained += 1
                if not shown:
                    print("seed %s round %d, ignore file %r" % (arguments.seed, number, round_.ignore))
                    shown = True
                print("  " + str(disagreement))
            sys.stdout.flush()
            if number % 20 == 19:
                ours.forget()
    finally:
        if not arguments.keep:
            shutil.rmtree(work, ignore_errors=True)
    print("%d instructions in %d rounds (seed %s), %d of them errors; %d + %d builds; explained: %s; unexplained: %d" % (
        instructions, arguments.rounds, arguments.seed, errors, ours.builds, theirs.builds,
        ", ".join("%s %d" % item for item in sorted(explained.items())) or "none", unexplained))
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
