import PSACore

/// What was seen of the form of a setting.
enum HaloShapeMessage: LocalizedMessage, Hashable {
    /// Which of the two values.
    enum Value: Hashable, Sendable { case id, secret }
    /// What stands around or inside a value that would be right without it.
    enum Wrapping: Hashable, Sendable { case quotes, brackets, spaces, dashes, words }

    case length(Value, Int)
    case wrapped(Value, Wrapping)
    case swapped(idLength: Int, secretLength: Int)
    case sameTwice
    case mask
    case separator
    case quotesAroundScope
    case noScope
    case nearScope(String, known: String)
    case unknownScope(String)

    var values: [String: MessageValue] {
        switch self {
        case .length(_, let count): ["count": .verbatim(String(count))]
        case .swapped(let id, let secret): ["id": .verbatim(String(id)), "secret": .verbatim(String(secret))]
        case .nearScope(let word, let known): ["word": .verbatim(word), "known": .verbatim(known)]
        case .unknownScope(let word): ["word": .verbatim(word)]
        case .wrapped, .sameTwice, .mask, .separator, .quotesAroundScope, .noScope: [:]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    private var english: String {
        switch self {
        case .length(.secret, _): "The secret has {count} characters; HaloPSA's have 73, two GUIDs joined by a hyphen."
        case .length(.id, _): "The client ID has {count} characters and is no GUID; HaloPSA's are GUIDs of 36 characters."
        case .wrapped(.secret, .quotes): "Without the quotation marks, the secret would look like one of HaloPSA's."
        case .wrapped(.secret, .brackets): "Without the brackets, the secret would look like one of HaloPSA's."
        case .wrapped(.secret, .spaces): "Without the spaces in it, the secret would look like one of HaloPSA's."
        case .wrapped(.secret, .dashes): "The secret holds typographic dashes in place of hyphens."
        case .wrapped(.secret, .words): "The secret holds something that looks like one of HaloPSA's, and more text around it."
        case .wrapped(.id, .quotes): "Without the quotation marks, the client ID would look like one of HaloPSA's."
        case .wrapped(.id, .brackets): "Without the brackets, the client ID would look like one of HaloPSA's."
        case .wrapped(.id, .spaces): "Without the spaces in it, the client ID would look like one of HaloPSA's."
        case .wrapped(.id, .dashes): "The client ID holds typographic dashes in place of hyphens."
        case .wrapped(.id, .words): "The client ID holds something that looks like one of HaloPSA's, and more text around it."
        case .swapped: "The client ID has {id} characters, as a secret of HaloPSA has; the secret has {secret}."
        case .sameTwice: "The client ID and the secret are the same."
        case .mask: "The secret consists of the dots or stars that are shown in its place."
        case .separator: "The scopes are separated by commas or other marks; HaloPSA expects spaces between them."
        case .quotesAroundScope: "There are quotation marks in the scope."
        case .noScope: "The scope holds a word that can't be one."
        case .nearScope: "“{word}” is no scope of HaloPSA; “{known}” is one."
        case .unknownScope: "“{word}” is no known scope of HaloPSA."
        }
    }

    private var german: String {
        switch self {
        case .length(.secret, _): "Das Secret hat {count} Zeichen; die von HaloPSA haben 73, zwei GUIDs mit Bindestrich dazwischen."
        case .length(.id, _): "Die Client ID hat {count} Zeichen und ist keine GUID; die von HaloPSA sind GUIDs mit 36 Zeichen."
        case .wrapped(.secret, .quotes): "Ohne die Anführungszeichen sähe das Secret wie eines von HaloPSA aus."
        case .wrapped(.secret, .brackets): "Ohne die Klammern sähe das Secret wie eines von HaloPSA aus."
        case .wrapped(.secret, .spaces): "Ohne die Leerzeichen darin sähe das Secret wie eines von HaloPSA aus."
        case .wrapped(.secret, .dashes): "Das Secret enthält typografische Striche anstelle von Bindestrichen."
        case .wrapped(.secret, .words): "Das Secret enthält etwas, das wie eines von HaloPSA aussieht, und weiteren Text."
        case .wrapped(.id, .quotes): "Ohne die Anführungszeichen sähe die Client ID wie eine von HaloPSA aus."
        case .wrapped(.id, .brackets): "Ohne die Klammern sähe die Client ID wie eine von HaloPSA aus."
        case .wrapped(.id, .spaces): "Ohne die Leerzeichen darin sähe die Client ID wie eine von HaloPSA aus."
        case .wrapped(.id, .dashes): "Die Client ID enthält typografische Striche anstelle von Bindestrichen."
        case .wrapped(.id, .words): "Die Client ID enthält etwas, das wie eine von HaloPSA aussieht, und weiteren Text."
        case .swapped: "Die Client ID hat {id} Zeichen wie ein Secret von HaloPSA; das Secret hat {secret}."
        case .sameTwice: "Client ID und Secret sind gleich."
        case .mask: "Das Secret besteht aus den Punkten oder Sternen, die an seiner Stelle angezeigt werden."
        case .separator: "Die Scopes sind durch Kommas oder andere Zeichen getrennt; HaloPSA erwartet Leerzeichen dazwischen."
        case .quotesAroundScope: "Im Scope stehen Anführungszeichen."
        case .noScope: "Im Scope steht ein Wort, das keiner sein kann."
        case .nearScope: "„{word}“ ist kein Scope von HaloPSA; „{known}“ ist einer."
        case .unknownScope: "„{word}“ ist kein bekannter Scope von HaloPSA."
        }
    }
}
