import BuildPlan
import Testing

struct FileModeChangeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var change: String
        /// What becomes of a file of mode 0644, a program of mode 0755, a directory of mode 0750 and one of mode 06711.
        var file, program, directory, special: UInt32
        var testDescription: String { change }
        init(_ change: String, _ file: UInt32, _ program: UInt32, _ directory: UInt32, _ special: UInt32) {
            self.change = change
            self.file = file
            self.program = program
            self.directory = directory
            self.special = special
        }
    }

    /// By chmod(1) with an empty umask; checked against it for those that do not name set-id bits.
    @Test(arguments: [
        Case("755", 0o755, 0o755, 0o755, 0o755), Case("0", 0, 0, 0, 0), Case("07777", 0o7777, 0o7777, 0o7777, 0o7777),
        Case("+x", 0o755, 0o755, 0o751, 0o6711), Case("a-w", 0o444, 0o555, 0o550, 0o6511),
        Case("u=rwX,go=rX", 0o644, 0o755, 0o755, 0o755), Case("go=", 0o600, 0o700, 0o700, 0o4700),
        Case("g=u", 0o664, 0o775, 0o770, 0o6771), Case("go=u-w", 0o644, 0o755, 0o755, 0o6755),
        Case("u+s", 0o4644, 0o4755, 0o4750, 0o6711), Case("g+s,o+t", 0o2644, 0o2755, 0o2750, 0o6711),
        Case("+t", 0o1644, 0o1755, 0o1750, 0o7711), Case("o+s", 0o644, 0o755, 0o750, 0o6711),
        Case("a+X", 0o644, 0o755, 0o751, 0o6711), Case("=", 0, 0, 0, 0), Case("=rw,+X", 0o666, 0o777, 0o777, 0o777),
        Case("u+w-x", 0o644, 0o655, 0o650, 0o6611), Case("ug+rw,o-rwx", 0o660, 0o770, 0o770, 0o6770),
        Case("o=g", 0o644, 0o755, 0o755, 0o6711), Case("a=r", 0o444, 0o444, 0o444, 0o444),
    ])
    func changes(_ test: Case) throws {
        let change = try FileModeChange(parsing: test.change)
        #expect(change.applied(to: 0o644, isDirectory: false) == test.file)
        #expect(change.applied(to: 0o755, isDirectory: false) == test.program)
        #expect(change.applied(to: 0o750, isDirectory: true) == test.directory)
        #expect(change.applied(to: 0o6711, isDirectory: true) == test.special)
        #expect(change.description == test.change)
    }

    @Test(arguments: [("8", 0), ("75x", 2), ("10000", 0), ("u", 1), ("u?r", 1), ("+x,", 3), ("rwx", 0), ("u=rwZ", 4), ("+7", 1)])
    func whatCannotBeReadIsPointedAt(_ text: String, _ offset: Int) {
        let problem = #expect(throws: FileModeProblem.self) { try FileModeChange(parsing: text) }
        #expect(problem?.offset == offset)
    }

    @Test func onlyAnOctalModeIsForNewDirectories() throws {
        #expect(try FileModeChange(parsing: "700").forNewDirectories == 0o700)
        #expect(try FileModeChange(parsing: "go=").forNewDirectories == 0o755)
    }
}
