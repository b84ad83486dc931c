package import Diagnostics

/// Who runs what follows, in the build and in containers.
package struct User: InstructionSyntax {
    package static let keyword = "USER"
    package var range: SourceRange
    package var original: String
    package var user: Word

    package init(range: SourceRange, original: String, user: Word) {
        self.range = range
        self.original = original
        self.user = user
    }
}

extension User {
    static func parse(_ statement: inout Statement) -> User? {
        _ = statement.readFlags()
        guard let user = statement.singleArgument("a user", example: "USER app:app") else { return nil }
        return User(range: statement.range, original: statement.original, user: user)
    }
}
