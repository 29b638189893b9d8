/// A state in one or two words, whose meaning is not carried by its colour alone.
struct Badge: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case good
        case neutral
        case warning
        case bad
    }

    let kind: Kind
    let word: HTML

    init(_ kind: Kind, _ word: HTML) {
        self.kind = kind
        self.word = word
    }

    var html: HTML { "<span class=\"badge \(kind.rawValue)\">\(word)</span>" }
}
