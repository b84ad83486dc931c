import SystemPackage

enum Fixtures {
    /// Beside this file.
    static func path(_ name: String) -> FilePath {
        FilePath(#filePath).removingLastComponent().appending("Fixtures").appending(name)
    }
}
