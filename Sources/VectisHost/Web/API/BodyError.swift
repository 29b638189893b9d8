import PSACore

/// What is wrong with one member of a body, or one field of a query.
struct BodyError: LocalizedMessage, Hashable {
    /// The kinds of problems; the first word of each is its stable code.
    enum Flaw: Hashable {
        case missing
        case unknown(nearest: String?)
        case twice
        case wrongType(MemberKind)
        case tooLong(limit: Int)
        case outOfRange(ClosedRange<Int>)
        case noChoice(known: String)
        case noMoment
        /// A control character or the end of a line, where one line is wanted.
        case controlCharacter
        case noCompanyID
        case noSuchCompany
        /// A sentence of the service that checked it, in English.
        case invalid(String)
    }

    /// What a member holds.
    enum MemberKind: Hashable {
        case text
        case textOrNumber
        case wholeNumber
        case flag
        case object
    }

    /// The member, with that of the object around it: `settings.tenantURL`.
    let member: String
    let flaw: Flaw

    init(_ member: String, _ flaw: Flaw) {
        self.member = String(member.prefix(80))
        self.flaw = flaw
    }

    func json(in renderer: TextRenderer) -> JSONValue {
        ["member": .string(member), "code": .string(flaw.code), "message": .string(renderer.text(self))]
    }

    var values: [String: MessageValue] {
        let name = MessageValue.verbatim(member)
        return switch flaw {
        case .missing, .twice, .noMoment, .controlCharacter, .noCompanyID, .noSuchCompany: ["name": name]
        case .noChoice(let known): ["name": name, "known": .verbatim(known)]
        case .unknown(let nearest): ["name": name, "nearest": .verbatim(nearest ?? "")]
        case .wrongType(let kind): ["name": name, "kind": .phrase(kind)]
        case .tooLong(let limit): ["name": name, "limit": .verbatim(String(limit))]
        case .outOfRange(let range):
            ["name": name, "lowest": .verbatim(String(range.lowerBound)), "highest": .verbatim(String(range.upperBound))]
        case .invalid(let sentence): ["sentence": .verbatim(sentence)]
        }
    }

    func pattern(in language: Language) -> String {
        switch (flaw, language) {
        case (.missing, .english): "“{name}” is missing."
        case (.missing, .german): "„{name}“ fehlt."
        case (.unknown(nil), .english): "“{name}” is not known here."
        case (.unknown(nil), .german): "„{name}“ ist hier nicht bekannt."
        case (.unknown, .english): "“{name}” is not known here. Did you mean “{nearest}”?"
        case (.unknown, .german): "„{name}“ ist hier nicht bekannt. Gemeint ist vielleicht „{nearest}“."
        case (.twice, .english): "“{name}” was given twice."
        case (.twice, .german): "„{name}“ wurde zweimal angegeben."
        case (.wrongType, .english): "“{name}” has to be {kind}."
        case (.wrongType, .german): "„{name}“: Erwartet wird {kind}."
        case (.tooLong, .english): "“{name}” has more than {limit} bytes."
        case (.tooLong, .german): "„{name}“ hat mehr als {limit} Bytes."
        case (.outOfRange, .english): "“{name}” has to be a whole number from {lowest} to {highest}."
        case (.outOfRange, .german): "„{name}“ muss eine ganze Zahl von {lowest} bis {highest} sein."
        case (.noChoice, .english): "“{name}” has to be one of: {known}."
        case (.noChoice, .german): "„{name}“ muss eines von diesen sein: {known}."
        case (.noMoment, .english): "“{name}” has to be a moment that exists, with its zone, such as 2026-11-24T08:00:00Z."
        case (.noMoment, .german): "„{name}“ muss ein Zeitpunkt sein, den es gibt, mit Zeitzone, etwa 2026-11-24T08:00:00Z."
        case (.controlCharacter, .english): "“{name}” holds a control character or the end of a line."
        case (.controlCharacter, .german): "„{name}“ enthält ein Steuerzeichen oder ein Zeilenende."
        case (.noCompanyID, .english):
            "“{name}” has to be the company's id in the PSA: a whole number from 1, in digits alone, or a text that is no number."
        case (.noCompanyID, .german):
            "„{name}“ muss die ID der Firma im PSA sein: eine ganze Zahl ab 1, nur in Ziffern, oder ein Text, der keine Zahl ist."
        case (.noSuchCompany, .english): "“{name}”: The PSA has no company of this id."
        case (.noSuchCompany, .german): "„{name}“: Das PSA-System hat kein Unternehmen mit dieser ID."
        case (.invalid, _): "{sentence}"
        }
    }
}

extension BodyError.Flaw {
    /// The stable name of the flaw.
    var code: String {
        switch self {
        case .missing: "missing"
        case .unknown: "unknown"
        case .twice: "twice"
        case .wrongType: "wrong_type"
        case .tooLong: "too_long"
        case .outOfRange: "out_of_range"
        case .noChoice, .noMoment, .controlCharacter, .noCompanyID, .noSuchCompany: "invalid"
        case .invalid: "invalid"
        }
    }
}

extension BodyError.MemberKind: LocalizedMessage {
    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.text, .english): "a text"
        case (.text, .german): "ein Text"
        case (.textOrNumber, .english): "a text or a whole number"
        case (.textOrNumber, .german): "ein Text oder eine ganze Zahl"
        case (.wholeNumber, .english): "a whole number"
        case (.wholeNumber, .german): "eine ganze Zahl"
        case (.flag, .english): "true or false"
        case (.flag, .german): "true oder false"
        case (.object, .english): "an object"
        case (.object, .german): "ein Objekt"
        }
    }
}

extension APIError {
    /// The failure of a body or query with problems, all of them told.
    init(_ problems: [BodyError]) {
        self.init(.invalid, APIMessage.problems(problems.count)) { renderer in
            [("problems", .array(problems.map { $0.json(in: renderer) }))]
        }
    }
}
