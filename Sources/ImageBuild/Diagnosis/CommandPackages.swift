/// Which package brings a command, by the names of Debian and of Alpine. The ones that builds miss most.
enum CommandPackages {
    static let packages: [String: (apt: String, apk: String)] = [
        "bash": ("bash", "bash"), "bzip2": ("bzip2", "bzip2"), "cargo": ("cargo", "cargo"), "cc": ("gcc", "gcc musl-dev"),
        "cmake": ("cmake", "cmake"), "curl": ("curl", "curl"), "dig": ("dnsutils", "bind-tools"),
        "file": ("file", "file"), "g++": ("g++", "g++"), "gcc": ("gcc libc6-dev", "gcc musl-dev"), "git": ("git", "git"),
        "go": ("golang-go", "go"), "gpg": ("gnupg", "gnupg"), "groupadd": ("passwd", "shadow"), "java": ("default-jre-headless", "openjdk21-jre"),
        "jq": ("jq", "jq"), "less": ("less", "less"), "locale-gen": ("locales", "musl-locales"), "make": ("make", "make"),
        "mvn": ("maven", "maven"), "nano": ("nano", "nano"), "nc": ("netcat-openbsd", "netcat-openbsd"), "node": ("nodejs", "nodejs"),
        "npm": ("npm", "npm"), "openssl": ("openssl", "openssl"), "patch": ("patch", "patch"), "perl": ("perl", "perl"),
        "php": ("php-cli", "php"), "pip": ("python3-pip", "py3-pip"), "pip3": ("python3-pip", "py3-pip"),
        "pkg-config": ("pkg-config", "pkgconf"), "ps": ("procps", "procps"), "python": ("python-is-python3", "python3"),
        "python3": ("python3", "python3"), "rsync": ("rsync", "rsync"), "ruby": ("ruby", "ruby"), "rustc": ("rustc", "rust"),
        "setcap": ("libcap2-bin", "libcap"), "ssh": ("openssh-client", "openssh-client"), "sudo": ("sudo", "sudo"),
        "tar": ("tar", "tar"), "tini": ("tini", "tini"), "tree": ("tree", "tree"), "unzip": ("unzip", "unzip"),
        "useradd": ("passwd", "shadow"), "usermod": ("passwd", "shadow"), "vim": ("vim", "vim"), "wget": ("wget", "wget"),
        "xz": ("xz-utils", "xz"), "yarn": ("yarnpkg", "yarn"), "zip": ("zip", "zip"), "zstd": ("zstd", "zstd"),
    ]
}
