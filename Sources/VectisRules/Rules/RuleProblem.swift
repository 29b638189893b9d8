package import PSACore

/// What is wrong with a part of a rule: English for programs, and the viewer's language on pages.
package enum RuleProblem: LocalizedMessage, Hashable {
    case name
    case connection
    case eventTypes
    /// An event type that no event can have.
    case eventType
    case tooManyConditions(groups: Int, tests: Int)
    /// The number of a group without a condition, from 1.
    case emptyGroup(Int)
    case textMissing
    /// An id of a type, status or priority that can be none of any vendor.
    case id
    /// What the connector says of an id of a type, status or priority that its PSA can't have.
    case refusedID(SettingMessage)
    case textTooLong(limit: Int)
    /// A template names a value that events don't have.
    case unknownValue(String)
    /// A brace of a template that is not closed; the text from it on.
    case openBrace(String)
    /// A brace of a template that closes none; the text up to it.
    case closingBrace(String)
    case appendTime
    case limitCount
    case limitTime
    /// A field of a rule that takes no character.
    case fieldLength
    /// A field that the event and the rule's own inputs decide.
    case ownField
    case tooManyFields(limit: Int)
    case fieldsTooLarge(kibibytes: Int)
    case valueTooLarge(kibibytes: Int)
    case comparison(Condition.Field, Condition.Comparison)
    case valueMissing(Condition.Field, Condition.Comparison)
    case valueTooLong(Condition.Field, limit: Int)
    /// A value with a character that the field of no event has.
    case valueNotOnOneLine(Condition.Field)
    case severity(String)
    case yesOrNo(Condition.Field)
    case timeOfDay
    case timeZone(String)
    /// A form has something else where a number belongs.
    case number(String)
    /// A form has something else where a duration belongs.
    case duration(String)

    /// What is wrong, for programs.
    package var english: String { TextRenderer().text(self) }

    package var values: [String: MessageValue] {
        switch self {
        case .name, .connection, .eventTypes, .eventType, .textMissing, .id, .appendTime, .limitCount, .limitTime, .fieldLength, .ownField,
            .timeOfDay:
            [:]
        case .refusedID(let message): ["message": .phrase(message)]
        case .openBrace(let text): ["text": .verbatim(String(text.prefix(40)))]
        case .closingBrace(let text): ["text": .verbatim(String(text.suffix(40)))]
        case .tooManyConditions(let groups, let tests): ["groups": .verbatim(String(groups)), "tests": .verbatim(String(tests))]
        case .emptyGroup(let number): ["number": .verbatim(String(number))]
        case .textTooLong(let limit), .tooManyFields(let limit), .fieldsTooLarge(let limit), .valueTooLarge(let limit):
            ["limit": .verbatim(String(limit))]
        case .unknownValue(let name):
            [
                "name": .verbatim("{\(name.prefix(40))}"),
                "known": .verbatim(TextTemplate.Name.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")),
            ]
        case .comparison(let field, let comparison), .valueMissing(let field, let comparison):
            ["field": .phrase(field), "comparison": .phrase(comparison)]
        case .valueTooLong(let field, let limit): ["field": .phrase(field), "limit": .verbatim(String(limit))]
        case .severity(let text):
            ["text": .verbatim(text), "known": .verbatim(HostEvent.Severity.allCases.map(\.rawValue).joined(separator: ", "))]
        case .yesOrNo(let field), .valueNotOnOneLine(let field): ["field": .phrase(field)]
        case .timeZone(let text): ["text": .verbatim(String(text.prefix(40)))]
        case .number(let text), .duration(let text): ["text": .verbatim(String(text.prefix(20)))]
        }
    }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.name, .english): "A name has 1 to 100 characters."
        case (.name, .german): "Ein Name hat 1 bis 100 Zeichen."
        case (.connection, .english): "Choose one of the connections."
        case (.connection, .german): "Wählen Sie eine der Verbindungen."
        case (.eventTypes, .english): "At most 50 event types of 100 characters are possible."
        case (.eventTypes, .german): "Möglich sind höchstens 50 Ereignistypen mit je 100 Zeichen."
        case (.eventType, .english):
            "No event can have this type: a type is one line, is not empty, and has no spaces at its ends and no control characters."
        case (.eventType, .german):
            "Kein Ereignis kann diesen Typ haben: Ein Typ ist eine Zeile, nicht leer, ohne Leerzeichen an den Enden und ohne Steuerzeichen."
        case (.tooManyConditions, .english): "At most {groups} groups of {tests} conditions are possible."
        case (.tooManyConditions, .german): "Möglich sind höchstens {groups} Gruppen mit je {tests} Bedingungen."
        case (.emptyGroup, .english): "Group {number} has no condition."
        case (.emptyGroup, .german): "Gruppe {number} hat keine Bedingung."
        case (.textMissing, .english): "A text is needed."
        case (.textMissing, .german): "Hier wird ein Text gebraucht."
        case (.id, .english): "An id is 1 to 200 characters, without line breaks and without surrounding spaces."
        case (.id, .german): "Eine ID hat 1 bis 200 Zeichen, ohne Zeilenumbrüche und ohne Leerzeichen am Anfang oder Ende."
        case (.refusedID, _): "{message}"
        case (.textTooLong, .english): "The text has more than {limit} characters."
        case (.textTooLong, .german): "Der Text hat mehr als {limit} Zeichen."
        case (.unknownValue, .english): "There is no value “{name}”. Known: {known}."
        case (.unknownValue, .german): "Einen Wert „{name}“ gibt es nicht. Bekannt sind: {known}."
        case (.openBrace, .english): "The brace of “{text}” is not closed."
        case (.openBrace, .german): "Die Klammer von „{text}“ ist nicht geschlossen."
        case (.closingBrace, .english): "The brace at the end of “{text}” closes none."
        case (.closingBrace, .german): "Die Klammer am Ende von „{text}“ schließt keine."
        case (.appendTime, .english): "The time for notes is 0 to 10,080 minutes, which is 7 days."
        case (.appendTime, .german): "Die Zeit für Notizen liegt bei 0 bis 10.080 Minuten, das sind 7 Tage."
        case (.limitCount, .english): "The limit is 1 to 10,000 jobs."
        case (.limitCount, .german): "Das Limit liegt bei 1 bis 10.000 Aufträgen."
        case (.limitTime, .english): "The time of the limit is 1 to 1,440 minutes, which is 1 day."
        case (.limitTime, .german): "Die Zeit des Limits liegt bei 1 bis 1.440 Minuten, das ist 1 Tag."
        case (.ownField, .english): "The event and the other inputs of the rule decide this field; it is none of the further fields."
        case (.ownField, .german):
            "Über dieses Feld entscheiden das Ereignis und die anderen Eingaben der Regel; es ist kein weiteres Feld."
        case (.fieldLength, .english): "The field has to take 1 character at least."
        case (.fieldLength, .german): "Das Feld muss mindestens 1 Zeichen aufnehmen."
        case (.tooManyFields, .english): "A rule fills at most {limit} fields."
        case (.tooManyFields, .german): "Eine Regel füllt höchstens {limit} Felder."
        case (.fieldsTooLarge, .english): "The fields of a rule have at most {limit} KiB together."
        case (.fieldsTooLarge, .german): "Die Felder einer Regel haben zusammen höchstens {limit} KiB."
        case (.valueTooLarge, .english): "The value has more than {limit} KiB."
        case (.valueTooLarge, .german): "Der Wert hat mehr als {limit} KiB."
        case (.comparison, .english): "“{field}” can't be compared with “{comparison}”."
        case (.comparison, .german): "„{field}“ lässt sich nicht mit „{comparison}“ vergleichen."
        case (.valueMissing, .english): "“{field} {comparison}” needs a value."
        case (.valueMissing, .german): "„{field} {comparison}“ braucht einen Wert."
        case (.valueTooLong, .english): "The value for “{field}” has more than {limit} characters."
        case (.valueTooLong, .german): "Der Wert für „{field}“ hat mehr als {limit} Zeichen."
        case (.valueNotOnOneLine, .english): "“{field}” is one line: no event has a line end or a control character there."
        case (.valueNotOnOneLine, .german): "„{field}“ ist eine Zeile: Kein Ereignis hat dort ein Zeilenende oder ein Steuerzeichen."
        case (.severity, .english): "There is no severity “{text}”. Known: {known}."
        case (.severity, .german): "Einen Schweregrad „{text}“ gibt es nicht. Bekannt sind: {known}."
        case (.yesOrNo, .english): "“{field}” is compared with “yes” or “no”."
        case (.yesOrNo, .german): "„{field}“ wird mit „yes“ oder „no“ verglichen."
        case (.timeOfDay, .english): "A time of day is compared with two different times from 00:00 to 24:00, such as 18:00-07:00."
        case (.timeOfDay, .german):
            "Eine Tageszeit wird mit zwei verschiedenen Uhrzeiten von 00:00 bis 24:00 verglichen, etwa 18:00-07:00."
        case (.timeZone, .english): "There is no time zone “{text}”. An example is Europe/Berlin."
        case (.timeZone, .german): "Eine Zeitzone „{text}“ gibt es nicht. Ein Beispiel ist Europe/Berlin."
        case (.number, .english): "“{text}” is not a whole number."
        case (.number, .german): "„{text}“ ist keine ganze Zahl."
        case (.duration, .english): "“{text}” is not a duration, such as “90 minutes” or “2 days”."
        case (.duration, .german): "„{text}“ ist keine Dauer wie „90 Minuten“ oder „2 Tage“."
        }
    }
}
