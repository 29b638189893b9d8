/// One row of the fault table: what the fault is called, what it takes and what it does.
struct FaultEntry: Sendable {
    let kind: HaloFault.Kind
    let argument: Argument
    let summary: String
    let effect: Effect

    init(_ kind: HaloFault.Kind, takes argument: Argument = .none, _ summary: String, _ effect: Effect) {
        self.kind = kind
        self.argument = argument
        self.summary = summary
        self.effect = effect
    }

    enum Effect: Sendable {
        /// This instead of the real answer, wherever the stage says.
        case answer(Stage, CannedAnswer)
        /// The real answer, changed on its way out.
        case reshape(Reshaping)
        /// The part of the stand-in that it concerns asks for it.
        case consulted
    }

    /// Where a canned answer replaces the real one.
    enum Stage: Sendable {
        case token
        case api
        /// Routes below `/api` after the token was accepted, for the resource in the argument.
        case resource
        case everywhere
        /// The first so many API calls, the argument counts them.
        case firstCalls
        /// The first so many API GETs.
        case firstReads
        /// A POST that creates, before or after it is stored; the argument names the resource, by default tickets.
        case beforeCreate
        case afterCreate
    }

    enum Reshaping: Sendable {
        case cutBody
        case cutConnection
        case contentType(String)
        case byteOrderMark
        case contentEncoding(String)
        case endlessBody
        case dripping
        case garbage
        case identifiers(IdentifierSpelling)
        case nullRows
        case bareRows
        case noRows
        case noRecordCount
        case wrappedRecord
    }

    enum Argument: Sendable {
        case none
        case number(String, standard: Int)
        case neededNumber(String)
        case resource
        case optionalResource
        case optionalText(String)
        case choice([String])
        /// An argument of a form of its own: how it is shown, and what is wrong with one.
        case form(String, @Sendable (String?) -> String?)

        var hint: String? {
            switch self {
            case .none: nil
            case .number(let word, _): "[\(word)]"
            case .neededNumber(let word): word
            case .resource: "RESOURCE"
            case .optionalResource: "[RESOURCE]"
            case .optionalText(let word): "[\(word)]"
            case .choice(let words): words.joined(separator: "|")
            case .form(let hint, _): hint
            }
        }

        func problem(with text: String?) -> String? {
            switch (self, text) {
            case (.none, nil), (.number, nil), (.optionalResource, nil), (.optionalText, nil): nil
            case (.none, _): "takes no argument"
            case (.number(let word, _), let text?), (.neededNumber(let word), let text?):
                Int32(text).map { $0 >= 0 } == true ? nil : "takes a number of \(word), not '\(text)'"
            case (.neededNumber(let word), nil): "needs a number behind a colon: \(word)"
            case (.resource, nil): "needs the name of a resource behind a colon, such as tickets or contracts"
            case (.resource, let text?), (.optionalResource, let text?):
                Resource.named(text).isEmpty ? "does not know the resource '\(text)'; there are \(Resource.words)" : nil
            case (.optionalText(let word), let text?): text.isEmpty ? "takes a \(word.lowercased()), not an empty text" : nil
            case (.form(_, let problem), let text): problem(text)
            case (.choice(let words), let text):
                text.map(words.contains) == true ? nil : "needs one of \(words.joined(separator: ", ")) behind a colon"
            }
        }
    }

    /// Whether it can be kept to writes that contain a text.
    var isOfOneWrite: Bool {
        switch kind {
        case .createStatus, .createStatusStored, .createLostReply, .create504Stored, .create500Stored, .createLostRequest, .subject,
            .details,
            .thirdPartyDropped, .poison, .errorShape, .ticketTypeRequired, .forbiddenOutcome:
            true
        default: false
        }
    }

    static func of(_ kind: HaloFault.Kind) -> FaultEntry { byKind[kind] ?? FaultEntry(kind, "", .consulted) }

    private static let byKind = [HaloFault.Kind: FaultEntry](all.map { ($0.kind, $0) }) { first, _ in first }
}
