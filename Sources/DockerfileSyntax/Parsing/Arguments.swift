import Diagnostics

// The kinds of arguments that several instructions share.

/// What COPY and ADD copy, and where to.
struct SourcesAndDestination {
    var sources: [Word]
    var heredocs: [Heredoc]
    var destination: Word
}

extension Statement {
    /// The whole rest as one word, for instructions with one argument.
    mutating func singleArgument(_ what: String, example: String) -> Word? {
        guard !rest.isEmpty else {
            reportMissingArguments(what, help: "write \(example)")
            return nil
        }
        _ = checkTrailingComment(bytes.plainWords(in: rest))
        return wholeRest()
    }

    /// The last word is the destination, what comes before it are sources.
    mutating func sourcesAndDestination() -> SourcesAndDestination? {
        let problems = diagnostics.count
        var words: [(word: Word, range: Range<Int>)]
        if let strings = execForm(in: rest) {
            arguments = strings.map(\.value)
            words = strings.map { (word($0), $0.range) }
            // What is not a string was reported.
            if words.isEmpty, diagnostics.count > problems { return nil }
        } else {
            let ranges = plainWords()
            checkMisplacedFlags(ranges)
            _ = checkTrailingComment(ranges)
            words = ranges.map { (word($0), $0) }
        }
        guard words.count >= 2, let destination = words.popLast() else {
            reportMissingPaths(words.first?.range)
            return nil
        }
        if let spaced = heredocs.first(where: { bytes.plainWords(in: $0.word).count > 1 }) {
            error(
                "heredoc-space", "A heredoc of \(keyword) has no blank after \"<<\"", at: place(spaced.word),
                "read as two paths", help: "write \(text.text(spaced.word).filter { !$0.isWhitespace })")
            return nil
        }
        if heredocs.contains(where: { $0.word == destination.range }) {
            error(
                "heredoc-destination", "A heredoc cannot be the destination of \(keyword)", at: destination.word.range,
                help: "write the path of the file to make after it")
            return nil
        }
        if words.count > 1, !hasErrors, !beginsWithDash(words[0].range) { checkDestination(destination.word, sources: words.map(\.word)) }
        return SourcesAndDestination(
            sources: words.filter { source in !heredocs.contains { $0.word == source.range } }.map(\.word),
            heredocs: heredocs.map(\.heredoc), destination: destination.word)
    }

    private mutating func reportMissingPaths(_ only: Range<Int>?) {
        guard !hasErrors, let only else {
            reportMissingArguments("a source and a destination", help: "write \(keyword) src/ /app/src/")
            return
        }
        error(
            "missing-arguments", "\(keyword) needs a source and a destination", at: place(only), "only one path",
            help: "write the destination after it: \(keyword) \(text.text(only)) ./")
    }

    /// A typographic dash where a flag should be: the typography check says all there is to say.
    func beginsWithDash(_ word: Range<Int>) -> Bool {
        Typography.sign(among: Typography.dashes, bytes, at: word.lowerBound) != nil
    }

    /// Several sources need a directory. What ends in a variable is judged when its value is known.
    private mutating func checkDestination(_ destination: Word, sources: [Word]) {
        let path = destination.raw.filter { $0 != "\"" && $0 != "'" }
        let last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        guard !path.hasSuffix("/"), last != ".", last != "..", !last.contains("$") else { return }
        report(
            Diagnostic(
                .error, "destination-not-directory", "\(keyword) of several sources needs a directory as its destination",
                at: destination.range, "does not end in \"/\"",
                also: [Diagnostic.Label(sources[0].range.through(sources[sources.count - 1].range), "\(sources.count) sources")],
                help: "write \(path)/",
                fix: [
                    Diagnostic.TextEdit(
                        SourceRange(
                            file: text.file, bytes: destination.range.bytes.upperBound..<destination.range.bytes.upperBound),
                        "/")
                ]))
    }

    /// Quotes do not keep spaces together where words end at every blank. True when that was tried.
    mutating func reportQuotedSpaces() -> Bool {
        guard ["COPY", "ADD", "VOLUME", "EXPOSE", "FROM"].contains(keyword), form == .plain, !rest.isEmpty else {
            return false
        }
        let quoted = bytes.quotedWords(in: rest, escape: escape)
        guard
            let broken = quoted.first(where: { word in
                bytes.plainWords(in: word).count > 1
                    && ([.quote, .apostrophe].contains(bytes[word.upperBound - 1]) || bytes[word.lowerBound] == .quote)
                    && self.word(word).syntaxProblem() == nil
            })
        else { return false }
        let strings = quoted.map { "\"\(text.text($0).filter { $0 != "\"" && $0 != "'" })\"" }.joined(separator: ", ")
        error(
            "quoted-space", "\(keyword) splits its arguments at every space, quoted or not", at: place(broken),
            "read as \(bytes.plainWords(in: broken).count) words",
            help: keyword == "FROM" || keyword == "EXPOSE"
                ? "write it without spaces" : "write the JSON form: \(keyword) [\(strings)]")
        return true
    }

    /// Flags behind the arguments are read as arguments.
    mutating func checkMisplacedFlags(_ words: [Range<Int>]) {
        let known = FlagTable.flags(of: keyword)
        for (position, word) in words.enumerated() where bytes[word.lowerBound] == .hyphen {
            let hyphens = bytes[word].prefix { $0 == .hyphen }.count
            let name = String(text.text(word).drop { $0 == "-" }.prefix { $0 != "=" })
            guard known[name] != nil else { continue }
            if hyphens == 1 {
                let sign = place(word.lowerBound..<word.lowerBound + 1)
                report(
                    Diagnostic(
                        .error, "single-hyphen-flag", "Flags of \(keyword) begin with two hyphens", at: place(word),
                        "read as \(keyword == "FROM" ? "an image" : "a path")", help: "write -\(text.text(word))",
                        fix: [Diagnostic.TextEdit(sign, "--")]))
            } else if position > 0 {
                error(
                    "misplaced-flag", "Flags of \(keyword) stand before its arguments", at: place(word),
                    "read as \(keyword == "FROM" ? "a word of FROM" : "a path")",
                    help: "write \(keyword) \(text.text(word)) first, then the rest")
            }
        }
    }

    /// The pairs of ENV and LABEL: `key=value …`, or one `key value` in the old form.
    mutating func keyValuePairs(example: String) -> [KeyValue]? {
        let words = quotedWords()
        guard let first = words.first else {
            reportMissingArguments("a name and a value", help: "write \(example)")
            return nil
        }
        guard bytes[first].contains(.equals) else { return legacyPair(first, words, example: example) }
        let hasComment = checkTrailingComment(words)
        var pairs: [KeyValue] = []
        for (position, word) in words.enumerated() {
            guard bytes[word].contains(.equals) else {
                if !hasComment { reportMissingEquals(word, after: position > 0 ? words[position - 1] : word) }
                return pairs
            }
            let pair = keyValue(word)
            if pair.key.raw.isEmpty {
                error(
                    "empty-name", "A \(keyword == "ENV" ? "variable" : "label") needs a name", at: place(word),
                    "nothing before \"=\"", help: "write \(example), without spaces around \"=\"")
            }
            pairs.append(pair)
        }
        return pairs
    }

    /// A word cut at its first `=`.
    func keyValue(_ range: Range<Int>) -> KeyValue {
        guard let equals = range.first(where: { bytes[$0] == .equals }) else { return KeyValue(key: word(range), value: nil) }
        return KeyValue(key: word(range.lowerBound..<equals), value: word(equals + 1..<range.upperBound))
    }

    private mutating func legacyPair(_ first: Range<Int>, _ words: [Range<Int>], example: String) -> [KeyValue]? {
        // The old form cuts at the first blank, whatever quotes stand there.
        let key = rest.lowerBound..<(rest.first { bytes[$0].isBlank } ?? rest.upperBound)
        let value = bytes.trimmed(key.upperBound..<rest.upperBound)
        guard !value.isEmpty else {
            error(
                "missing-arguments", "\(keyword) needs a name and a value", at: place(first), "no value",
                help: "write \(text.text(first))=VALUE, or \(text.text(first))= for an empty one")
            return nil
        }
        arguments = [text.text(key), text.text(value)]
        let following = bytes.plainWords(in: value)
        if bytes[value.lowerBound] == .equals {
            let shown = bytes.trimmed(value.lowerBound + 1..<value.upperBound)
            report(
                Diagnostic(
                    .warning, "spaces-around-equals",
                    "\(keyword) takes no spaces around \"=\"", at: place(value),
                    "this whole text, \"=\" included, becomes the value of \(text.text(key))",
                    help: "write \(keyword) \(text.text(key))=\(text.text(shown))",
                    fix: [Diagnostic.TextEdit(
                        SourceRange(file: text.file, bytes: place(key).bytes.upperBound..<place(shown).bytes.lowerBound), "=")]))
        } else if !((words.count > 2 || following.count > 1) && checkTrailingComment([key] + following, isLegacyPair: true)) {
            reportLegacyPair(key, value)
        }
        return [KeyValue(key: word(key), value: word(value))]
    }

    private mutating func reportLegacyPair(_ key: Range<Int>, _ value: Range<Int>) {
        let written = text.text(value)
        // Quotes and escapes in the old form's value do not all mean the same in the new one.
        let isPlain = !written.contains { "\"'\\`".contains($0) }
        let needsQuotes = bytes[value].contains { !($0.isLetter || $0.isDigit || "_-./:,+@%${}".utf8.contains($0)) }
        let shown = needsQuotes ? "\"\(written)\"" : written
        let between = SourceRange(file: text.file, bytes: place(key).bytes.upperBound..<place(value).bytes.upperBound)
        report(
            Diagnostic(
                .warning, "LegacyKeyValueFormat", "\(keyword) with a space in place of \"=\" is the old form",
                at: place(key.lowerBound..<value.upperBound),
                help: isPlain ? "write \(keyword) \(text.text(key))=\(shown)" : "write \(keyword) \(text.text(key))=VALUE, quoted if it holds spaces",
                fix: isPlain && !text.range(value).text.contains("\n") ? [Diagnostic.TextEdit(between, "=" + shown)] : []))
    }

    private mutating func reportMissingEquals(_ word: Range<Int>, after previous: Range<Int>) {
        let written = text.text(word)
        let label = "\(keyword) NAME=VALUE needs \"=\" in every word"
        // Half of a value in curly quotes: the typography check says so.
        if let value = keyValue(previous).value, let first = value.raw.unicodeScalars.first,
            Typography.quotes.contains(where: { $0.scalar == first })
        {
            needsPlainQuotes = true
            return
        }
        let wasOpen = bytes[previous].last.map { ![.quote, .apostrophe].contains($0) } ?? false
        let before = keyValue(previous)
        if wasOpen, previous != word, let value = before.value, !value.raw.isEmpty {
            error(
                "missing-equals", "There is no \"=\" in \"\(written)\"", at: place(word), label,
                help: "if it belongs to \(before.key.raw), quote the value: \(before.key.raw)=\"\(value.raw) \(written)\"")
        } else {
            error(
                "missing-equals", "There is no \"=\" in \"\(written)\"", at: place(word), label,
                help: "write \(written)=VALUE, or quote a value that holds spaces")
        }
    }
}
