import Diagnostics

extension [String] {
    /// `did you mean "local"?`, when one of these is near enough.
    func suggestion(for word: String) -> String? { Suggestion.question(for: word, among: self) }
}
