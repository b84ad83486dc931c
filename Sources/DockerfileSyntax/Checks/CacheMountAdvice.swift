/// Where package managers keep what they downloaded: the directory that a cache mount belongs on.
struct CacheMountAdvice {
    /// Two words that stand side by side in the command, or one.
    var command: String
    var target: String

    static let all = [
        CacheMountAdvice(command: "pip install", target: "/root/.cache/pip"),
        CacheMountAdvice(command: "pip3 install", target: "/root/.cache/pip"),
        CacheMountAdvice(command: "uv sync", target: "/root/.cache/uv"),
        CacheMountAdvice(command: "poetry install", target: "/root/.cache/pypoetry"),
        CacheMountAdvice(command: "npm ci", target: "/root/.npm"),
        CacheMountAdvice(command: "npm install", target: "/root/.npm"),
        CacheMountAdvice(command: "yarn install", target: "/usr/local/share/.cache/yarn"),
        CacheMountAdvice(command: "pnpm install", target: "/root/.local/share/pnpm/store"),
        CacheMountAdvice(command: "go mod", target: "/go/pkg/mod"),
        CacheMountAdvice(command: "go build", target: "/root/.cache/go-build"),
        CacheMountAdvice(command: "cargo build", target: "/usr/local/cargo/registry"),
        CacheMountAdvice(command: "mvn", target: "/root/.m2"),
        CacheMountAdvice(command: "gradle", target: "/root/.gradle"),
        CacheMountAdvice(command: "dotnet restore", target: "/root/.nuget/packages"),
        CacheMountAdvice(command: "dotnet publish", target: "/root/.nuget/packages"),
        CacheMountAdvice(command: "bundle install", target: "/usr/local/bundle/cache"),
        CacheMountAdvice(command: "composer install", target: "/root/.composer/cache"),
        CacheMountAdvice(command: "apk add", target: "/var/cache/apk"),
        // apt takes one lock for all of its cache.
        CacheMountAdvice(command: "apt-get install", target: "/var/cache/apt,sharing=locked"),
    ]

    /// The flag for the first package manager that a command calls.
    static func flag(for command: String) -> String? {
        let words = command.split(whereSeparator: \.isWhitespace)
        for (position, word) in words.enumerated() {
            // A program may be called by its path: /opt/venv/bin/pip.
            let name = word.split(separator: "/").last ?? word
            let pair = position + 1 < words.count ? "\(name) \(words[position + 1])" : String(name)
            if let advice = all.first(where: { $0.command == pair || $0.command == name }) {
                return "--mount=type=cache,target=\(advice.target)"
            }
        }
        return nil
    }
}
