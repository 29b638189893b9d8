import PSACore

/// Why a body is not JSON, in words.
struct SyntaxFlaw: Phrase, Hashable {
    let reason: JSONSyntaxError.Reason

    var values: [String: PhraseValue] { [:] }

    func pattern(in language: Language) -> String {
        switch (reason, language) {
        case (.empty, .english): "there is nothing"
        case (.empty, .german): "da ist nichts"
        case (.endsEarly, .english): "it ends too early"
        case (.endsEarly, .german): "er endet zu früh"
        case (.unexpectedByte, .english): "a sign that can't stand there"
        case (.unexpectedByte, .german): "ein Zeichen, das dort nicht stehen kann"
        case (.invalidString, .english): "a text that is not valid"
        case (.invalidString, .german): "ein ungültiger Text"
        case (.invalidNumber, .english): "a number that is not valid"
        case (.invalidNumber, .german): "eine ungültige Zahl"
        case (.tooDeep, .english): "it is nested too deeply"
        case (.tooDeep, .german): "er ist zu tief verschachtelt"
        case (.tooLong, .english): "it is too long"
        case (.tooLong, .german): "er ist zu lang"
        case (.textAfterEnd, .english): "something follows its end"
        case (.textAfterEnd, .german): "nach dem Ende folgt noch etwas"
        }
    }
}
