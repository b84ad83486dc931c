/// How a listing is printed: what `--format` asks for, else a table of its own.
package struct ListFormat: Sendable {
    private enum Kind {
        case table(GoTemplate)
        case lines(GoTemplate)
        case json
    }
    private let kind: Kind

    /// `format` as the user wrote it (nil or `table`: the listing's own columns; `json`; `table TEMPLATE`; TEMPLATE).
    package init(_ format: String?, table columns: String) throws(TemplateError) {
        let format = format ?? "table"
        if format == "json" {
            kind = .json
        } else if format == "table" {
            kind = .table(try GoTemplate(parsing: columns))
        } else if format.hasPrefix("table"), let after = format.dropFirst(5).first,
            after == " " || after == "\t" || after == "\\"
        {
            kind = .table(try GoTemplate(parsing: String(format.dropFirst(after == "\\" ? 5 : 6))))
        } else {
            kind = .lines(try GoTemplate(parsing: format))
        }
    }

    /// `rows` are records with the same fields; `titles` gives a field's column another title than its own name in capitals.
    package func render(_ rows: [TemplateValue], titles: [String: String], fields: [String]) throws(TemplateError)
        -> String
    {
        switch kind {
        case .json:
            return rows.isEmpty ? "[]\n" : TemplateValue.list(rows).prettyJSON + "\n"
        case .lines(let template):
            // Says what is wrong with the template even when there are no rows.
            _ = try template.renderHeader(.record(Self.header(titles, fields)))
            var text = ""
            for row in rows { text += try template.render(row) + "\n" }
            return text
        case .table(let template):
            var text = try template.renderHeader(.record(Self.header(titles, fields))) + "\n"
            for row in rows { text += try template.render(row) + "\n" }
            return Table.aligned(text)
        }
    }

    private static func header(_ titles: [String: String], _ fields: [String]) -> TemplateValue.Fields {
        var header = TemplateValue.Fields()
        for field in fields { header[field] = .string(titles[field] ?? title(of: field)) }
        return header
    }

    /// `CreatedSince` is `CREATED SINCE`.
    private static func title(of field: String) -> String {
        var title = ""
        var previous: Character?
        for character in field {
            if character.isUppercase, previous?.isLowercase == true { title += " " }
            title += character.uppercased()
            previous = character
        }
        return title
    }
}
