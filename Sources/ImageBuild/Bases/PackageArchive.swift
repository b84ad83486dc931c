import Archives
import HostSystem
import SystemPackage

/// A `.deb`: its control data in memory, its files where they are (deb(5)).
struct PackageArchive: Sendable {
    let file: File
    /// Where the compressed tar of the files lies in it.
    let data: Range<Int64>
    let control: ControlParagraph
    /// The control file as it is.
    let controlText: [UInt8]
    /// `md5sums`, when the package has it.
    let checksums: [UInt8]?
    /// When it was built, in seconds since 1970: dpkg-deb takes the date of the newest changelog entry.
    let built: Int64

    var name: String { control["Package"] ?? "" }

    init(opening path: FilePath) throws {
        file = try File(opening: path)
        let members = try ArMember.all(in: file)
        guard let first = members.first, first.name == "debian-binary",
            let control = members.first(where: { $0.name.hasPrefix("control.tar") }),
            let data = members.first(where: { $0.name.hasPrefix("data.tar") })
        else { throw BaseError.badArchive("\(path) is not a .deb") }
        built = first.modified
        self.data = data.range
        let files = try Self.controlFiles(file, control.range)
        guard let text = files["control"], let paragraph = ControlFile.parse(String(decoding: text, as: UTF8.self)).first,
            let name = paragraph["Package"], !name.isEmpty, !name.utf8.contains(UInt8(ascii: "/"))
        else { throw BaseError.badArchive("\(path) has no control file") }
        self.control = paragraph
        controlText = text
        checksums = files["md5sums"]
    }

    private static func controlFiles(_ file: File, _ range: Range<Int64>) throws -> [String: [UInt8]] {
        var tar = TarReader(DecompressingReader(try FileByteReader(file, range: range)))
        var files: [String: [UInt8]] = [:]
        while let entry = try tar.next() {
            guard let path = try EntryPath.normalized(entry.path), ["control", "md5sums"].contains(path.string) else { continue }
            files[path.string] = try tar.content(of: entry, limit: 16 << 20)
        }
        return files
    }

    /// The tar of the files, unpacked as it is read.
    func files() throws -> TarReader<DecompressingReader<FileByteReader>> {
        TarReader(DecompressingReader(try FileByteReader(file, range: data)))
    }
}

/// A member of a Unix archive (ar(5), the common format).
struct ArMember: Sendable, Hashable {
    var name: String
    /// Seconds since 1970.
    var modified: Int64
    var range: Range<Int64>

    static func all(in file: File) throws -> [ArMember] {
        let size = try file.metadata().size
        guard try bytes(file, at: 0, count: 8).elementsEqual("!<arch>\n".utf8) else {
            throw BaseError.badArchive("\(file.path) is not a .deb")
        }
        var members: [ArMember] = []
        var offset: Int64 = 8
        while offset + 60 <= size, members.count < 16 {
            let header = try bytes(file, at: offset, count: 60)
            guard header[58] == 0x60, header[59] == 0x0a, let length = number(header[48..<58]), let time = number(header[16..<28]),
                length <= size - offset - 60
            else { throw BaseError.badArchive("\(file.path) is cut off or damaged") }
            let name = String(decoding: header[0..<16], as: UTF8.self).prefix { $0 != " " && $0 != "/" }
            members.append(ArMember(name: String(name), modified: time, range: offset + 60..<offset + 60 + length))
            offset += 60 + length + (length & 1)
        }
        return members
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        Int64(String(decoding: digits.prefix { $0 != 32 }, as: UTF8.self)).flatMap { $0 >= 0 ? $0 : nil }
    }

    private static func bytes(_ file: File, at offset: Int64, count: Int) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        guard try buffer.withUnsafeMutableBytes({ try file.read(into: $0, at: offset) }) == count else {
            throw BaseError.badArchive("\(file.path) is cut off")
        }
        return buffer
    }
}
