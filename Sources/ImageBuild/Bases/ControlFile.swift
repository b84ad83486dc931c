/// One paragraph of a Debian control file: fields in order, names compared without regard to case (deb-control(5),
/// deb822(5)).
struct ControlParagraph: Sendable, Hashable {
    struct Field: Sendable, Hashable {
        var name: String
        /// Continuation lines keep their line breaks and lose their first blank.
        var value: String
    }

    var fields: [Field]

    init(_ fields: [Field] = []) { self.fields = fields }

    subscript(name: String) -> String? {
        get { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
        set {
            let index = fields.firstIndex { $0.name.lowercased() == name.lowercased() }
            switch (index, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): fields.append(Field(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// A field that is a list of words.
    func words(_ name: String) -> [String] {
        (self[name] ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
    }

    /// As it stands in a file, with a newline at the end.
    var text: String {
        fields.map { field in
            let lines = field.value.split(separator: "\n", omittingEmptySubsequences: false)
            let first = lines.first.map(String.init) ?? ""
            let rest = lines.dropFirst().map { $0.isEmpty ? "\n ." : "\n " + $0 }
            return field.name + ":" + (first.isEmpty ? "" : " " + first) + rest.joined() + "\n"
        }.joined()
    }
}

/// A Debian control file: paragraphs parted by blank lines. Never fails: what is no field is left out.
enum ControlFile {
    static func parse(_ text: String) -> [ControlParagraph] {
        var paragraphs: [ControlParagraph] = []
        var current = ControlParagraph()
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") { continue }
            if line.allSatisfy(\.isWhitespace) {
                if !current.fields.isEmpty { paragraphs.append(current) }
                current = ControlParagraph()
            } else if let first = line.first, first == " " || first == "\t" {
                guard !current.fields.isEmpty else { continue }
                let part = line.dropFirst()
                current.fields[current.fields.count - 1].value += "\n" + (part == "." ? "" : String(part))
            } else if let colon = line.firstIndex(of: ":") {
                let value = line[line.index(after: colon)...]
                current.fields.append(.init(name: String(line[..<colon]), value: trimmed(value)))
            }
        }
        if !current.fields.isEmpty { paragraphs.append(current) }
        return paragraphs
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0.isWhitespace }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
