import Testing

/// The architecture, checked: what the compiler cannot refuse, these tests do.
struct HouseRulesTests {
    @Test func arrowsOnlyGoDown() throws {
        let rooms = try House.rooms()
        #expect(rooms.count >= 14, "Package.swift was not understood")
        let levels = Dictionary(rooms.map { ($0.name, $0.level) }, uniquingKeysWith: { $1 })
        for room in rooms {
            for arrow in room.arrows {
                guard let below = levels[arrow] else { continue }
                #expect(below < room.level, "\(room.name) (L\(room.level)) imports \(arrow) (L\(below))")
            }
        }
    }

    @Test func onlyHostSystemTalksToTheKernel() throws {
        for source in try House.sources() where source.room != "HostSystem" {
            for line in source.lines {
                let isImport = ["Glibc", "Musl", "CHost", "Darwin"].contains { line.hasSuffix("import " + $0) }
                #expect(!isImport, "\(source.path): \(line)")
            }
        }
    }

    @Test func cryptoIsImportedInOneFile() throws {
        let importers = try House.sources().filter { $0.lines.contains { $0.hasSuffix("import Crypto") } }.map(\.path)
        #expect(importers == ["Sources/OCI/Digest+SHA256.swift"])
    }

    @Test func librariesNeitherPrintNorExitNorReadTheEnvironment() throws {
        let words = ["print(", "exit(", "fatalError(", "getenv(", "ProcessInfo", "CommandLine.arguments"]
        for source in try House.sources() where !["Commands", "jettison", "TestSupport"].contains(source.room) {
            for (number, line) in source.lines.enumerated() {
                let code = line.drop { $0 == " " }
                guard !code.hasPrefix("//") else { continue }
                for word in words {
                    let found = code.ranges(of: word).contains { range in
                        guard let before = code[..<range.lowerBound].last else { return true }
                        return !(before.isLetter || before.isNumber || before == "_" || before == ".")
                    }
                    #expect(!found, "\(source.path):\(number + 1): \(code)")
                }
            }
        }
    }

    @Test func nobodyUsesFoundationAsAWhole() throws {
        for source in try House.sources() {
            let lines = source.lines
            for (number, line) in lines.enumerated() where line.hasSuffix("import Foundation") {
                let guarded = number > 0 && lines[..<number].last { !$0.isEmpty }?.contains("#else") == true
                #expect(guarded, "\(source.path):\(number + 1)")
            }
            #expect(!source.text.contains("URLSession"), "\(source.path)")
        }
    }

    @Test func unstructuredTasksAndUncheckedSendableExplainThemselves() throws {
        for source in try House.sources() where source.room != "Commands" {
            for (number, line) in source.lines.enumerated() {
                let code = line.drop { $0 == " " }
                guard !code.hasPrefix("//"), code.contains("@unchecked Sendable") || (code.contains("Task {") && !code.contains("addTask {"))
                    || code.contains("Task.detached") || code.contains("nonisolated(unsafe)") else { continue }
                let above = source.lines[max(0, number - 6)..<number]
                let explained = above.contains { $0.drop { $0 == " " }.hasPrefix("//") }
                #expect(explained, "\(source.path):\(number + 1): \(code)")
            }
        }
    }

    /// Tables of facts may be long; everything else is cut before a newcomer gets lost in it.
    @Test func filesStayShort() throws {
        let cap = 500
        for source in try House.sources() {
            #expect(source.lines.count <= cap, "\(source.path) has \(source.lines.count) lines")
        }
    }

    @Test func drawersHaveNoPlace() throws {
        for source in try House.sources() {
            for name in ["Utils", "Util", "Helpers", "Helper", "Common", "Extras", "Misc"] {
                #expect(!source.path.contains("/\(name).swift") && !source.path.contains("/\(name)/"), "\(source.path)")
            }
        }
    }

    @Test func everyRoomSaysWhatItIs() throws {
        for room in try House.rooms() {
            let page = try? House.text("Sources/\(room.name)/\(room.name).docc/\(room.name).md")
            #expect(page != nil, "\(room.name) has no \(room.name).docc/\(room.name).md")
        }
    }
}
