import FoundationEssentials

/// A folder that is a test: inputs, and the outputs they are expected to give (`*.golden`).
///
/// `UPDATE_GOLDEN=1 swift test` writes the outputs anew; where `CI` is set that is an error, so that no run there can
/// approve of itself.
package struct Fixture: Sendable, CustomStringConvertible {
    package var name: String
    package var directory: String

    package init(name: String, directory: String) {
        self.name = name
        self.directory = directory
    }

    package var description: String { name }

    /// The folders in `Fixtures/<kind>` beside the test file that asks (`#filePath`), by name.
    package static func all(_ kind: String, beside testFile: String) throws -> [Fixture] {
        let directory = "\(folder(of: testFile))/Fixtures/\(kind)"
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        let fixtures = names.filter { !$0.hasPrefix(".") }.map { Fixture(name: $0, directory: "\(directory)/\($0)") }
        guard !fixtures.isEmpty else { throw FixtureError(description: "no fixtures in \(directory)") }
        return fixtures
    }

    package func bytes(of file: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path(file)) else {
            throw FixtureError(description: "\(name) has no \(file)")
        }
        return Array(data)
    }

    package func text(of file: String) throws -> String { String(decoding: try bytes(of: file), as: UTF8.self) }

    package func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: path(file)) }

    /// Compares with a golden file, or writes it when that is asked for.
    package func expect(_ actual: String, matches file: String) throws {
        let environment = ProcessInfo.processInfo.environment
        let updates = environment["UPDATE_GOLDEN"] == "1"
        guard !updates || environment["CI"] == nil else {
            throw FixtureError(description: "UPDATE_GOLDEN is set where CI is: goldens are not updated there")
        }
        let current = exists(file) ? try text(of: file) : nil
        guard actual != current else { return }
        guard updates else {
            throw FixtureError(description: "\(name)/\(file) differs\n" + Self.difference(current ?? "", actual))
        }
        try Data(actual.utf8).write(to: URL(filePath: path(file)))
    }

    private func path(_ file: String) -> String { "\(directory)/\(file)" }

    private static func folder(of file: String) -> String {
        file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    }

    /// The lines from the first that differ to the last, with signs.
    package static func difference(_ expected: String, _ actual: String) -> String {
        var old = expected.split(separator: "\n", omittingEmptySubsequences: false)[...]
        var new = actual.split(separator: "\n", omittingEmptySubsequences: false)[...]
        var line = 1
        while let left = old.first, let right = new.first, left == right {
            old.removeFirst()
            new.removeFirst()
            line += 1
        }
        while let left = old.last, let right = new.last, left == right {
            old.removeLast()
            new.removeLast()
        }
        let rows = old.prefix(40).map { "-\($0)" } + new.prefix(40).map { "+\($0)" }
        return "from line \(line):\n" + rows.joined(separator: "\n")
    }
}

/// Why a fixture failed.
package struct FixtureError: Error, CustomStringConvertible {
    package var description: String
    package init(description: String) { self.description = description }
}
