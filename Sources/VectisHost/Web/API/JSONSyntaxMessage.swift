import PSACore

/// Why a body can't be read, in words.
enum JSONSyntaxMessage: LocalizedMessage, Hashable {
    /// It is no JSON.
    case syntax(JSONSyntaxError.Reason)
    /// It holds what is no text.
    case text(TextIssue.Kind)

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.text(.notUTF8), .english): "bytes that are no UTF-8"
        case (.text(.notUTF8), .german): "Bytes, die kein UTF-8 sind"
        case (.text(.loneSurrogate), .english): "half of a surrogate pair, which is no character"
        case (.text(.loneSurrogate), .german): "ein halbes Surrogatpaar, das kein Zeichen ist"
        case (.syntax(let reason), let language): Self.pattern(reason, in: language)
        }
    }

    private static func pattern(_ reason: JSONSyntaxError.Reason, in language: Language) -> String {
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
