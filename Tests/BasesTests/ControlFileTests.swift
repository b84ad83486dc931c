import Testing

@testable import ImageBuild

@Suite struct ControlFileTests {
    struct Case: Sendable {
        var text: String
        var paragraphs: [[String: String]]
    }

    static let cases = [
        Case(text: "", paragraphs: []),
        Case(text: "\n\n\n", paragraphs: []),
        Case(text: "Package: a\nVersion: 1\n", paragraphs: [["Package": "a", "Version": "1"]]),
        Case(text: "Package: a\n\n\nPackage: b", paragraphs: [["Package": "a"], ["Package": "b"]]),
        Case(text: "# a comment\nTypes: deb\n# inside\nURIs: x\n", paragraphs: [["Types": "deb", "URIs": "x"]]),
        Case(text: "Description: short\n long one\n .\n end\n", paragraphs: [["Description": "short\nlong one\n\nend"]]),
        Case(text: "  folded before any field\nA:  spaced \t\n", paragraphs: [["A": "spaced"]]),
        Case(text: "no colon\nA: b:c\n", paragraphs: [["A": "b:c"]]),
        Case(text: "A:\n b\n", paragraphs: [["A": "\nb"]]),
    ]

    @Test(arguments: cases) func parses(_ one: Case) {
        let found = ControlFile.parse(one.text).map { paragraph in
            Dictionary(uniqueKeysWithValues: paragraph.fields.map { ($0.name, $0.value) })
        }
        #expect(found == one.paragraphs)
    }

    @Test func textReadsBackTheSame() {
        let text = "Types: deb\nSigned-By:\n -----BEGIN-----\n .\n abc\nSuites: a b\n"
        let paragraphs = ControlFile.parse(text)
        #expect(paragraphs.map(\.text) == [text])
        #expect(ControlFile.parse(paragraphs[0].text) == paragraphs)
    }

    @Test func namesOfFieldsHaveNoCase() {
        var paragraph = ControlParagraph([.init(name: "Signed-By", value: "/k")])
        #expect(paragraph["signed-by"] == "/k")
        paragraph["SIGNED-BY"] = "/l"
        #expect(paragraph.fields == [.init(name: "Signed-By", value: "/l")])
        paragraph["signed-by"] = nil
        #expect(paragraph.fields.isEmpty)
    }

    @Test func installedPackagesAreThoseThatAreInstalled() {
        let status = """
            Package: bash
            Status: install ok installed
            Installed-Size: 7164
            Version: 5.2

            Package: gone
            Status: deinstall ok config-files
            Version: 1

            Package: small
            Version: 2
            """
        #expect(
            ControlFile.parse(status).compactMap { InstalledPackage($0) }.sorted(by: InstalledPackage.isLarger) == [
                InstalledPackage(name: "bash", version: "5.2", installedBytes: 7_335_936),
                InstalledPackage(name: "small", version: "2", installedBytes: 0),
            ])
    }
}
