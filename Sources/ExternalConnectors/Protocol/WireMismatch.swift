import PSACore

/// A part of a message that violates the specification; it names the member and contains nothing of its value.
struct WireMismatch: Error, Sendable, Hashable {
    /// What was expected.
    enum Wanted: Sendable, Hashable {
        case text, identifier, wholeNumber, number, flag, list, object, timestamp, json
        /// One of these values.
        case oneOf([String])
        /// A string of this form, by its name in the specification.
        case form(Form)
    }

    /// Forms a string can have.
    enum Form: Sendable, Hashable {
        case connectorName, settingKey, anchor, notEmpty, unique, base64
        case acceptedBySetting, valueOfKind
    }

    /// The path, such as `items[3].name`.
    let path: String
    /// What was expected.
    let wanted: Wanted
}

extension WireMismatch: LocalizedMessage {
    var values: [String: MessageValue] {
        var values: [String: MessageValue] = ["path": .verbatim(path.isEmpty ? "the value" : path)]
        if case .oneOf(let words) = wanted { values["words"] = .list(words.map(MessageValue.verbatim)) }
        return values
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: "“{path}” " + wanted.english + "."
        case .german: "„{path}“ " + wanted.german + "."
        }
    }
}

extension WireMismatch.Wanted {
    fileprivate var english: String {
        switch self {
        case .text: "is missing or no text"
        case .identifier: "is missing or not an id: at most 200 characters, without spaces at its ends"
        case .wholeNumber: "is missing or no whole number"
        case .number: "is missing or no number"
        case .flag: "is neither true nor false"
        case .list: "is missing or no list"
        case .object: "is missing or no object"
        case .timestamp: "is no date and time such as 2026-11-01T08:00:00Z"
        case .json: "is not JSON"
        case .oneOf: "is none of {words}"
        case .form(.connectorName): "is not lower-case words joined by hyphens"
        case .form(.settingKey): "is no setting key: letters and digits, the first in lower case"
        case .form(.anchor): "is no anchor: lower-case words and digits joined by hyphens"
        case .form(.notEmpty): "is empty"
        case .form(.unique): "is there twice"
        case .form(.base64): "is not base64"
        case .form(.acceptedBySetting): "is no value that the setting itself accepts"
        case .form(.valueOfKind): "is no value of the field's kind"
        }
    }

    fileprivate var german: String {
        switch self {
        case .text: "fehlt oder ist kein Text"
        case .identifier: "fehlt oder ist keine ID: höchstens 200 Zeichen, ohne Leerzeichen am Anfang und Ende"
        case .wholeNumber: "fehlt oder ist keine ganze Zahl"
        case .number: "fehlt oder ist keine Zahl"
        case .flag: "ist weder true noch false"
        case .list: "fehlt oder ist keine Liste"
        case .object: "fehlt oder ist kein Objekt"
        case .timestamp: "ist kein Zeitpunkt wie 2026-11-01T08:00:00Z"
        case .json: "ist kein JSON"
        case .oneOf: "ist keines von {words}"
        case .form(.connectorName): "besteht nicht aus kleingeschriebenen Wörtern mit Bindestrichen"
        case .form(.settingKey): "ist kein Schlüssel: Buchstaben und Ziffern, der erste Buchstabe klein"
        case .form(.anchor): "ist kein Anker: kleingeschriebene Wörter und Ziffern mit Bindestrichen"
        case .form(.notEmpty): "ist leer"
        case .form(.unique): "steht zweimal da"
        case .form(.base64): "ist kein Base64"
        case .form(.acceptedBySetting): "ist kein Wert, den die Einstellung selbst annimmt"
        case .form(.valueOfKind): "ist kein Wert von der Art des Felds"
        }
    }
}
