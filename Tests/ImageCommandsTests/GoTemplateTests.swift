import Testing

@testable import Commands

struct GoTemplateTests {
    static let value = TemplateValue.record([
        "Name": "app", "Count": 3, "Big": 12_345_678_901, "On": true, "Off": false, "Empty": "", "Share": .number(0.5),
        "List": .strings(["a", "b", "c"]), "NoList": .noList, "None": .list([]),
        "Config": .record(["User": "me", "Env": .strings(["A=1", "B=<2>"]), "Missing": .noRecord]),
        "Labels": .map(["z": "26", "a.b/c": "x y"]),
        "Items": .list([.record(["Id": 1]), .record(["Id": 2])]),
        "Text": "two words, it's \"quoted\"\n",
    ])

    struct Case: Sendable, CustomTestStringConvertible {
        var template: String
        var text: String
        init(_ template: String, _ text: String) {
            self.template = template
            self.text = text
        }
        var testDescription: String { template }
    }

    static let cases = [
        Case("", ""), Case("plain } text {", "plain } text {"), Case("{{.Name}}", "app"),
        Case("{{ .Name }}:{{.Count}}", "app:3"),
        Case(#"{{.Name}}\t{{.Count}}\n"#, "app\t3\n"), Case(#"a\xb\\t"#, "a\\xb\\\t"), Case("{{.Config.User}}", "me"),
        Case("{{.Big}} {{.Share}} {{.On}}", "12345678901 0.5 true"),
        Case("{{.List}}", "[a b c]"), Case("{{.Labels}}", "map[a.b/c:x y z:26]"), Case("{{.NoList}}", "[]"),
        Case("{{.Config.Missing}}", "<nil>"), Case("{{.Config.Missing.Test}}", "<no value>"),
        Case("{{.Labels.z}} {{.Labels.nope}}", "26 <no value>"),
        Case("{{json .List}}", #"["a","b","c"]"#),
        Case("{{json .Config}}", #"{"User":"me","Env":["A=1","B=<2>"],"Missing":null}"#),
        Case("{{json .Text}}", #""two words, it's \"quoted\"\n""#), Case("{{json .Name | len}}", "5"),
        Case("{{.Config.Env | json}}", #"["A=1","B=<2>"]"#),
        Case("{{len .List}} {{len .Name}} {{len .Labels}} {{len .NoList}}", "3 3 2 0"),
        Case(#"{{join .List ", "}}"#, "a, b, c"), Case(#"{{join .NoList ","}}|"#, "|"),
        Case("{{join .Config.Env `|`}}", "A=1|B=<2>"),
        Case("{{range .List}}<{{.}}>{{end}}", "<a><b><c>"), Case("{{range .None}}x{{else}}none{{end}}", "none"),
        Case("{{range .NoList}}x{{end}}", ""),
        Case("{{range $i, $e := .List}}{{if $i}},{{end}}{{$i}}={{$e}}{{end}}", "0=a,1=b,2=c"),
        Case("{{range $e := .List}}{{$e}}{{$.Name}}{{end}}", "aappbappcapp"),
        Case("{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a.b/c=x y;z=26;"),
        Case("{{range .Items}}{{.Id}} {{end}}", "1 2 "),
        Case("{{range .List}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac"),
        Case("{{range .List}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a"),
        Case("{{if .On}}yes{{else}}no{{end}}", "yes"), Case("{{if .Empty}}yes{{else}}no{{end}}", "no"),
        Case("{{if .Off}}a{{else if .Count}}b{{else}}c{{end}}", "b"),
        Case("{{if and .On .Name}}both{{end}}{{if or .Off .Empty}}x{{end}}{{if not .Off}}!{{end}}", "both!"),
        Case("{{if .Config.Missing}}x{{else}}none{{end}}", "none"),
        Case("{{with .Config}}{{.User}}{{end}}{{with .Empty}}x{{else}}-{{end}}", "me-"),
        Case(
            "{{index .Labels \"a.b/c\"}}|{{index .Labels \"nope\"}}|{{index .List 1}}|{{index .Items 1 | json}}",
            "x y||b|{\"Id\":2}"), Case("{{(index .Items 0).Id}}", "1"),
        Case("{{upper .Name}} {{lower \"ABC\"}} {{title \"hello big world\"}}", "APP abc Hello Big World"),
        Case("{{println .Name .Count}}", "app 3\n"),
        Case("{{print .Name \"-\" .Count}} {{print 1 2}}", "app-3 1 2"),
        Case("{{printf \"%-5s|%3d|%q|%v%%\" .Name .Count .Name .On}}", "app  |  3|\"app\"|true%"),
        Case("{{.Count | printf \"%03d\"}}", "003"),
        Case("{{truncate .Text 3}} {{split \"a,b\" \",\"}} {{pad .Name 1 2}}|", "two [a b]  app  |"),
        Case("{{slice .Name 1}} {{slice .List 0 2}}", "pp [a b]"),
        Case(
            "{{eq .Count 3}} {{ne .Name \"x\"}} {{lt 1 2}} {{ge \"a\" \"b\"}} {{eq .Name \"x\" \"app\"}}",
            "true true true false true"),
        Case("a  {{- .Name -}}  b", "aappb"), Case("{{/* a comment */}}x{{- /* another */ -}}  y", "xy"),
        Case("{{$x := .Name}}{{$x}}{{$x = \"new\"}}{{$x}}", "appnew"),
        Case(#"{{"tab\tquote\"A\u0041"}} {{'a'}}"#, "tab\tquote\"AA 97"), Case("{{- .Count}}{{-3}}", "3-3"),
        Case("{{.Config.Env | len | printf \"%d env\"}}", "2 env"),
        Case("{{json .}}", value.json), Case("{{(.Config).User}}", "me"),
    ]

    @Test(arguments: cases) func itSaysWhatGoSays(_ example: Case) throws {
        #expect(try GoTemplate(parsing: example.template).render(Self.value) == example.text)
    }

    static let wrong = [
        Case("{{.Nmae}}", "the template names .Nmae, which is not a field here"),
        Case("{{.Config.Usr}}", ".Usr, which is not a field"), Case("{{.Name.X}}", "asks for .X of a string"),
        Case("{{.Name", "\"}}\" is missing"), Case("{{", "\"}}\" is missing"), Case("{{.}", "unexpected \"}\""),
        Case("{{if .On}}x", "{{if}} without {{end}}"), Case("{{end}}", "{{end}} without"),
        Case("{{range .List}}", "{{range}} without {{end}}"),
        Case("{{nope .Name}}", "\"nope\", which is not a function"), Case("{{json}}", "json needs one value"),
        Case("{{join .List}}", "join needs 2 values"),
        Case("{{index .List 3}}", "an index below 3, not 3"), Case("{{index .List -1}}", "an index below 3"),
        Case("{{\"open}}", "a \" without its second"), Case("{{`open}}", "a ` without its second"),
        Case("{{/* open}}", "comment without"),
        Case("{{(.Name}}", "\"(\" without \")\""), Case("{{.Name)}}", "unexpected \")\""),
        Case("{{|}}", "a pipe without a value"), Case("{{.Name |}}", "a pipe without a value"),
        Case("{{$x}}", "no variable $x"),
        Case("{{range .Count}}{{end}}{{range .Name}}{{end}}", "ranges over a string"),
        Case("{{.Name .Count}}", "arguments to something that is not a function"),
        Case("{{template \"x\"}}", "not part of docker's"),
        Case("{{1x}}", "where a number should be"), Case("{{\"\\q\"}}", "unknown escape"),
        Case("{{printf \"%s\"}}", "lacks a value for %s"),
        Case("{{printf \"%d\" .Name}}", "cannot write a string with %d"),
        Case("{{upper .Count}}", "upper needs a string, not a number"), Case("{{slice .Name 2 1}}", "bounds in order"),
        Case("{{slice .Name 9}}", "bounds between 0 and 3"), Case("{{lt .Name 1}}", "two numbers or two strings"),
        Case(String(repeating: "{{if 1}}", count: 200), "nested more than"),
        Case("{{" + String(repeating: "(", count: 5000), "is missing"),
        Case("{{" + String(repeating: "(", count: 5000) + "}}", "nested more than"),
        Case(String(repeating: "{{if 0}}{{else}}", count: 200), "nested more than"),
        Case("{{if 0}}" + String(repeating: "{{else if 0}}", count: 200) + "{{end}}", "nested more than"),
    ]

    @Test(arguments: wrong) func itSaysWhatIsWrong(_ example: Case) {
        let error = #expect(throws: TemplateError.self) { try GoTemplate(parsing: example.template).render(Self.value) }
        #expect(error?.message.contains(example.text) == true, "\(error?.message ?? "")")
    }

    @Test func anUnknownFieldNamesTheOthers() {
        let error = #expect(throws: TemplateError.self) {
            try GoTemplate(parsing: "{{.Config.Uesr}}").render(Self.value)
        }
        #expect(error?.help == "did you mean \"User\"? Fields are .User, .Env, .Missing")
    }

    @Test func noTextCrashesIt() {
        var generator = SystemRandomNumberGenerator()
        let parts = [
            "{{", "}}", ".Name", "(", ")", "|", "\"", "`", "if ", "else", "end", "range ", "$x", ":=", ",", "-", " ",
            "json ", "\\", "9", "'", "/*", "*/", "é", "with .Config", "index .List 1",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...14, using: &generator)).map { _ in
                parts.randomElement(using: &generator) ?? ""
            }.joined()
            _ = try? GoTemplate(parsing: text).render(Self.value)
        }
    }
}

struct ListFormatTests {
    private let rows: [TemplateValue] = [
        .record(["ID": "1", "CreatedSince": "now", "Labels": "a=b"]),
        .record(["ID": "22", "CreatedSince": "then", "Labels": ""]),
    ]
    private func render(_ format: String?, _ rows: [TemplateValue]? = nil) throws -> String {
        try ListFormat(format, table: "{{.ID}}\t{{.CreatedSince}}").render(
            rows ?? self.rows, titles: ["CreatedSince": "CREATED"], fields: ["ID", "CreatedSince", "Labels"])
    }

    @Test func tablesHaveHeaders() throws {
        #expect(try render(nil) == "ID        CREATED\n1         now\n22        then\n")
        #expect(try render("table") == render(nil))
        #expect(
            try render(#"table {{.Labels}}\t{{upper .CreatedSince}}\t{{json .ID}}"#)
                == "LABELS    CREATED   ID\na=b       NOW       \"1\"\n          THEN      \"22\"\n")
        #expect(try render("table {{.ID}}", []) == "ID\n")
    }
    @Test func templatesHaveNone() throws {
        #expect(try render("{{.ID}}") == "1\n22\n")
        #expect(try render("x", []) == "")
    }
    @Test func jsonIsOneDocument() throws {
        #expect(try render("json", []) == "[]\n")
        #expect(try render("json").hasPrefix("[\n    {\n        \"ID\": \"1\",\n"))
    }
    @Test(arguments: ["{{.Lables}}", "table {{.Lables}}"]) func unknownFieldsAreErrorsEvenWithoutRows(_ format: String)
    {
        let error = #expect(throws: TemplateError.self) { try render(format, []) }
        #expect(error?.help?.hasPrefix("did you mean \"Labels\"?") == true)
    }
}
