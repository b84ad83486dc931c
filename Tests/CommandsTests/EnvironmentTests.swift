import ArgumentParser
import SystemPackage
import Testing

@testable import Commands

struct EnvironmentTests {
    struct RootCase: Sendable {
        var variables: [String: String]
        var isRoot = false
        var option: String?
        var root: String
    }

    @Test(arguments: [
        RootCase(variables: [:], isRoot: true, root: "/var/lib/jettison"),
        RootCase(variables: ["JETTISON_ROOT": "/r"], isRoot: true, root: "/r"),
        RootCase(variables: ["JETTISON_ROOT": ""], isRoot: true, root: "/var/lib/jettison"),
        RootCase(variables: ["JETTISON_ROOT": "/r"], option: "/o", root: "/o"),
        RootCase(variables: ["XDG_DATA_HOME": "/x", "HOME": "/h"], root: "/x/jettison"),
        // The specification ignores relative ones.
        RootCase(variables: ["XDG_DATA_HOME": "x", "HOME": "/h"], root: "/h/.local/share/jettison"),
        RootCase(variables: [:], root: "/tmp/.local/share/jettison"),
    ]) func defaultRoot(_ item: RootCase) {
        let environment = ProcessEnvironment(variables: item.variables, isRoot: item.isRoot, rootOption: item.option)
        #expect(environment.defaultRoot == item.root)
    }

    @Test func colours() {
        func allows(_ variables: [String: String]) -> Bool {
            ProcessEnvironment(variables: variables, isRoot: false).allowsColour
        }
        #expect(allows([:]))
        #expect(allows(["NO_COLOR": ""]))
        #expect(!allows(["NO_COLOR": "1"]))
        #expect(!allows(["TERM": "dumb"]))
    }

    @Test(arguments: [
        ("buidl", "did you mean \"build\"?"), ("versoin", "did you mean \"version\"?"),
        ("qqqqqq", "\"jettison --help\" lists them"),
    ]) func unknownCommands(word: String, help: String) {
        let error = #expect(throws: UsageError.self) { try UnknownCommand.check([word]) }
        #expect(error?.help == help)
    }

    @Test(arguments: [[], ["build", "."], ["--version"], ["help", "x"], ["run", "qqq", "x"], ["context", "why", "x"]])
    func knownCommands(words: [String]) throws { try UnknownCommand.check(words) }
}

struct GlobalOptionsTests {
    @Test func aRelativeRootStartsAtTheWorkingDirectory() throws {
        let options = try GlobalOptions.parse(["--root", "store/../s"])
        #expect(options.root.isAbsolute)
        #expect(options.root.string == ProcessEnvironment.currentDirectory + "/s")
        #expect(try GlobalOptions.parse(["--root=/x"]).root.string == "/x")
        #expect(throws: (any Error).self) { try GlobalOptions.parse(["--root", ""]) }
    }
}
