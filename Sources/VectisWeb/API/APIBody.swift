import FoundationEssentials
package import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// Reads the members of a JSON body, and collects all issues.
///
/// A member with an issue reads as empty; ``finish()`` throws before it can be used. A null is a member of the wrong type, unless it is
/// declared to stand for a missing one: it must not become a default by mistake.
struct APIBody {
    private let members: [(name: String, value: JSONView)]
    private let nullable: Set<String>
    private var asked: [String] = []
    private var problems: [BodyError] = []

    /// The default maximum length of a string, in bytes.
    static let maxTextLength = 4_096
    /// The maximum number of reported issues; a body may have a hundred thousand.
    private static let maxProblems = 50

    /// Parses the body of a request.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - nullable: The members that may be null, which means the same as leaving them out.
    /// - Throws: ``APIError`` if it is not a JSON object.
    init(_ request: WebRequest, nullable: Set<String> = []) throws {
        self.nullable = nullable
        let type = request.headers["Content-Type"].map { $0.prefix { $0 != ";" }.filter { $0 != " " }.lowercased() }
        guard type == "application/json" else { throw APIError(.wrongMediaType, APIMessage.noJSONType) }
        do {
            let root = try JSONDocument(request.body).root
            // The document replaces invalid UTF-8 with U+FFFD, for vendors; here two different ids would become one.
            if let issue = TextIssue.first(in: request.body) { throw Self.malformed(.text(issue.kind), at: issue.offset, request.body) }
            guard root.isObject else { throw APIError(.malformed, APIMessage.noObject) }
            members = root.members
        } catch let error as JSONSyntaxError {
            throw Self.malformed(.syntax(error.reason), at: error.offset, request.body)
        }
        var seen: Set<String> = []
        for member in members where !seen.insert(member.name).inserted { problems.append(BodyError(member.name, .duplicate)) }
    }

    private static func malformed(_ issue: JSONSyntaxMessage, at offset: Int, _ body: [UInt8]) -> APIError {
        let before = body.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
        return APIError(.malformed, APIMessage.notJSON(issue, line: line, column: column))
    }

    /// A required string.
    mutating func text(_ name: String, upTo limit: Int = maxTextLength) -> String {
        required(name, optionalText(name, upTo: limit)) ?? ""
    }

    /// An optional string; nil where it is missing.
    mutating func optionalText(_ name: String, upTo limit: Int = maxTextLength) -> String? {
        guard let view = value(name) else { return nil }
        return text(view.string, name, .text, upTo: limit)
    }

    /// Whether the body has a member, even as null; it counts as known then.
    mutating func has(_ name: String) -> Bool {
        asked.append(name)
        return members.contains { $0.name == name }
    }

    /// A member as the body has it, which may be a null that is not allowed; nil where it is missing.
    mutating func view(_ name: String) -> JSONView? { value(name) }

    /// An optional object; nil where it is missing.
    mutating func object(_ name: String) -> JSONView? {
        value(name).flatMap { view in view.isObject ? view : problem(name, .wrongType(.object)) }
    }

    /// An id as a string or a whole number; empty where it is missing.
    mutating func id(_ name: String) -> String {
        guard let view = value(name) else { return "" }
        return text(view.textOrWholeNumber, name, .textOrNumber) ?? ""
    }

    /// A required whole number.
    mutating func integer(_ name: String) -> Int { required(name, optionalInteger(name)) ?? 0 }

    /// An optional whole number; nil where it is missing.
    mutating func optionalInteger(_ name: String) -> Int? {
        value(name).flatMap { view in view.wholeNumber ?? problem(name, .wrongType(.wholeNumber)) }
    }

    /// A required Boolean.
    mutating func flag(_ name: String) -> Bool { required(name, optionalFlag(name)) ?? false }

    /// An optional Boolean; nil where it is missing.
    mutating func optionalFlag(_ name: String) -> Bool? {
        value(name).flatMap { view in view.strictBool ?? problem(name, .wrongType(.flag)) }
    }

    /// A required value out of a closed set.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type) -> Choice? {
        let word = text(name)
        if let choice = Choice(rawValue: word) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        if !hasProblem(name) { note(name, .noChoice(known: known)) }
        return nil
    }

    /// An optional RFC 3339 timestamp; nil where it is missing.
    mutating func timestamp(_ name: String) -> Date? {
        guard let text = optionalText(name)?.trimmingSpaces else { return nil }
        if let date = InternetTime.timestamp(text) { return date }
        if !hasProblem(name) { note(name, .invalidTimestamp) }
        return nil
    }

    /// Whether a member has an issue already.
    func hasProblem(_ name: String) -> Bool { problems.contains { $0.member == name } }

    /// Adds an issue that a caller found.
    mutating func note(_ name: String, _ issue: BodyError.Issue) { problems.append(BodyError(name, issue)) }

    /// Strings or whole numbers by name, in an object; empty where it is missing.
    mutating func texts(_ name: String) -> [String: String] {
        guard let view = value(name) else { return [:] }
        guard view.isObject else { return problem(name, .wrongType(.object)) ?? [:] }
        var texts: [String: String] = [:]
        for member in view.members {
            let path = "\(name).\(member.name)"
            if texts[member.name] != nil { problems.append(BodyError(path, .duplicate)) }
            texts[member.name] = text(member.value.textOrWholeNumber, path, .textOrNumber) ?? ""
        }
        return texts
    }

    /// Ends the reading.
    ///
    /// - Throws: ``APIError`` with all issues, unknown members among them.
    mutating func finish() throws {
        for name in Set(members.map(\.name)).subtracting(asked).sorted().prefix(Self.maxProblems) {
            problems.append(BodyError(name, .unknown(nearest: NearestName.of(name, in: asked), known: asked)))
        }
        guard problems.isEmpty else { throw APIError(Array(problems.prefix(Self.maxProblems))) }
    }

    private mutating func value(_ name: String) -> JSONView? {
        asked.append(name)
        guard let member = members.first(where: { $0.name == name }), !member.value.isNull || !nullable.contains(name) else { return nil }
        return member.value
    }

    private mutating func required<Value>(_ name: String, _ value: Value?) -> Value? {
        if value == nil, !problems.contains(where: { $0.member == name }) { problems.append(BodyError(name, .missing)) }
        return value
    }

    private mutating func text(
        _ text: String?, _ name: String, _ kind: BodyError.MemberKind, upTo limit: Int = maxTextLength
    ) -> String? {
        guard let text else { return problem(name, .wrongType(kind)) }
        return text.utf8.count <= limit ? text : problem(name, .tooLong(limit: limit))
    }

    private mutating func problem<Value>(_ name: String, _ issue: BodyError.Issue) -> Value? {
        problems.append(BodyError(name, issue))
        return nil
    }
}

/// Stricter accessors than those for vendors' responses.
extension JSONView {
    fileprivate var wholeNumber: Int? { string == nil ? text.flatMap { Int($0) } : nil }
    fileprivate var textOrWholeNumber: String? { string ?? wholeNumber.map { String($0) } }
    fileprivate var strictBool: Bool? { string == nil && text == nil ? bool : nil }
}

/// An issue of one member of a body, or one field of a query.
struct BodyError: LocalizedMessage, Hashable {
    /// The kinds of issues; each has a stable code.
    enum Issue: Hashable {
        case missing
        /// A name that is not known, with the one that it resembles, or else all that are.
        case unknown(nearest: String?, known: [String])
        case duplicate
        case wrongType(MemberKind)
        case tooLong(limit: Int)
        case outOfRange(ClosedRange<Int>)
        case noChoice(known: String)
        case invalidTimestamp
        /// A JSON number that can be no company's id.
        case noCompanyNumber
        /// A control character or the end of a line, where one line is expected.
        case controlCharacter
        case noCompanyID
        case noSuchCompany
        case noBase64
        /// The message of the service that checked it, in English.
        case invalid(String)
    }

    /// The expected type of a member.
    enum MemberKind: Hashable {
        case text
        case textOrNumber
        case wholeNumber
        case flag
        case object
        case array
    }

    /// The member, with that of the object around it: `settings.tenantURL`.
    let member: String
    let issue: Issue

    init(_ member: String, _ issue: Issue) {
        self.member = String(member.prefix(80))
        self.issue = issue
    }

    func json(in renderer: TextRenderer) -> JSONValue {
        ["member": .string(member), "code": .string(issue.code), "message": .string(renderer.text(self))]
    }

    var values: [String: MessageValue] {
        let name = MessageValue.verbatim(member)
        return switch issue {
        case .missing, .duplicate, .invalidTimestamp, .controlCharacter, .noCompanyID, .noSuchCompany, .noBase64:
            ["name": name]
        case .noCompanyNumber: ["name": name, "largest": .verbatim(String(CompanyIDText.largestNumber))]
        case .noChoice(let known): ["name": name, "known": .verbatim(known)]
        case .unknown(let nearest, let known):
            ["name": name, "nearest": .verbatim(nearest ?? ""), "known": .verbatim(Self.list(known))]
        case .wrongType(let kind): ["name": name, "kind": .phrase(kind)]
        case .tooLong(let limit): ["name": name, "limit": .verbatim(String(limit))]
        case .outOfRange(let range):
            ["name": name, "lowest": .verbatim(String(range.lowerBound)), "highest": .verbatim(String(range.upperBound))]
        case .invalid(let sentence): ["sentence": .verbatim(sentence)]
        }
    }

    /// The most names that are listed.
    private static let maxNames = 40

    /// Names in the order in which they are read, each once.
    private static func list(_ names: [String]) -> String {
        var listed: [String] = []
        for name in names where !listed.contains(name) && listed.count < maxNames { listed.append(name) }
        return listed.joined(separator: ", ")
    }

    func pattern(in language: Language) -> String {
        switch (issue, language) {
        case (.missing, .english): "“{name}” is missing."
        case (.missing, .german): "„{name}“ fehlt."
        case (.unknown(nil, known: []), .english): "“{name}” is not known here."
        case (.unknown(nil, known: []), .german): "„{name}“ ist hier nicht bekannt."
        case (.unknown(nil, _), .english): "“{name}” is not known here. What is known: {known}."
        case (.unknown(nil, _), .german): "„{name}“ ist hier nicht bekannt. Bekannt sind: {known}."
        case (.unknown, .english): "“{name}” is not known here. Did you mean “{nearest}”?"
        case (.unknown, .german): "„{name}“ ist hier nicht bekannt. Gemeint ist vielleicht „{nearest}“."
        case (.duplicate, .english): "“{name}” was given twice."
        case (.duplicate, .german): "„{name}“ wurde zweimal angegeben."
        case (.wrongType, .english): "“{name}” has to be {kind}."
        case (.wrongType, .german): "„{name}“: Erwartet wird {kind}."
        case (.tooLong, .english): "“{name}” has more than {limit} bytes."
        case (.tooLong, .german): "„{name}“ hat mehr als {limit} Bytes."
        case (.outOfRange, .english): "“{name}” has to be a whole number from {lowest} to {highest}."
        case (.outOfRange, .german): "„{name}“ muss eine ganze Zahl von {lowest} bis {highest} sein."
        case (.noChoice, .english): "“{name}” has to be one of: {known}."
        case (.noChoice, .german): "„{name}“ muss eines von diesen sein: {known}."
        case (.invalidTimestamp, .english): "“{name}” has to be a valid timestamp with its zone, such as 2026-11-24T08:00:00Z."
        case (.invalidTimestamp, .german): "„{name}“ muss ein Zeitpunkt sein, den es gibt, mit Zeitzone, etwa 2026-11-24T08:00:00Z."
        case (.controlCharacter, .english): "“{name}” holds a control character or the end of a line."
        case (.controlCharacter, .german): "„{name}“ enthält ein Steuerzeichen oder ein Zeilenende."
        case (.noCompanyID, .english):
            "“{name}” has to be the company's id in the PSA: a whole number, or a text of 1 to 200 characters without line breaks."
        case (.noCompanyID, .german):
            "„{name}“ muss die ID der Firma im PSA-System sein: eine ganze Zahl oder ein Text mit 1 bis 200 Zeichen ohne Zeilenumbrüche."
        case (.noCompanyNumber, .english):
            "“{name}” as a number has to be a whole one from -{largest} to {largest}, without exponent or decimals. Send any other id as a text."
        case (.noCompanyNumber, .german):
            "„{name}“ als Zahl muss ganz sein und von -{largest} bis {largest} reichen, ohne Exponent und Nachkommastellen. Jede andere ID als Text senden."
        case (.noSuchCompany, .english): "“{name}”: The PSA has no company of this id."
        case (.noSuchCompany, .german): "„{name}“: Das PSA-System hat kein Unternehmen mit dieser ID."
        case (.noBase64, .english): "“{name}” has to be Base64 with padding, without line breaks."
        case (.noBase64, .german): "„{name}“ muss Base64 mit Füllzeichen und ohne Zeilenumbrüche sein."
        case (.invalid, _): "{sentence}"
        }
    }
}

extension BodyError.Issue {
    /// The stable code of the issue.
    var code: String {
        switch self {
        case .missing: "missing"
        case .unknown: "unknown"
        case .duplicate: "twice"
        case .wrongType: "wrong_type"
        case .tooLong: "too_long"
        case .outOfRange: "out_of_range"
        case .noChoice, .invalidTimestamp, .controlCharacter, .noCompanyID, .noCompanyNumber, .noSuchCompany, .noBase64: "invalid"
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
        case (.array, .english): "an array"
        case (.array, .german): "ein Array"
        }
    }
}

extension APIError {
    /// The failure of a body or query, with all its issues.
    init(_ problems: [BodyError]) {
        self.init(.invalid, APIMessage.problems(problems.count)) { renderer in
            [("problems", .array(problems.map { $0.json(in: renderer) }))]
        }
    }
}

/// Why a body can't be parsed.
enum JSONSyntaxMessage: LocalizedMessage, Hashable {
    /// It is not JSON.
    case syntax(JSONSyntaxError.Reason)
    /// It contains invalid text.
    case text(TextIssue.Kind)

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.text(.notUTF8), .english): "bytes that are no UTF-8"
        case (.text(.notUTF8), .german): "Bytes, die kein UTF-8 sind"
        case (.text(.loneSurrogate), .english): "half of a surrogate pair, which is not a character"
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
        case (.unexpectedByte, .english): "an unexpected character"
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
        case (.tooManyValues, .english): "it has too many values"
        case (.tooManyValues, .german): "er hat zu viele Werte"
        }
    }
}

/// A position in a body with invalid Unicode; what was meant can't be known, and is not guessed.
struct TextIssue: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// Bytes that are not valid UTF-8.
        case notUTF8
        /// Half of a surrogate pair, as `\ud800` without its other half.
        case loneSurrogate
    }

    let kind: Kind
    /// Where it begins, in bytes.
    let offset: Int

    /// The first issue in a body; nil if there is none.
    ///
    /// In a body that is not JSON a backslash may be anywhere; what follows it is invalid either way.
    static func first(in body: [UInt8]) -> TextIssue? { firstNotUTF8(body) ?? firstLoneSurrogate(body) }

    private static func firstNotUTF8(_ body: [UInt8]) -> TextIssue? {
        guard String(validating: body, as: UTF8.self) == nil else { return nil }
        var (parser, rest, offset) = (Unicode.UTF8.ForwardParser(), body.makeIterator(), 0)
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let scalar): offset += scalar.count
            case .error: return TextIssue(kind: .notUTF8, offset: offset)
            case .emptyInput: return nil
            }
        }
    }

    private static func firstLoneSurrogate(_ body: [UInt8]) -> TextIssue? {
        var at = 0
        while let start = body[at...].firstIndex(of: UInt8(ascii: "\\")) {
            guard let unit = unit(body, at: start) else {
                // Another escape: the character after the backslash starts none.
                at = min(start + 2, body.count)
                continue
            }
            at = start + 6
            switch unit {
            case 0xD800...0xDBFF:
                guard let second = Self.unit(body, at: at), (0xDC00...0xDFFF).contains(second) else {
                    return TextIssue(kind: .loneSurrogate, offset: start)
                }
                at += 6
            case 0xDC00...0xDFFF: return TextIssue(kind: .loneSurrogate, offset: start)
            default: break
            }
        }
        return nil
    }

    /// The number of an escape `\uXXXX` at an offset; nil if there is none.
    private static func unit(_ body: [UInt8], at start: Int) -> UInt16? {
        guard start + 6 <= body.count, body[start] == UInt8(ascii: "\\"), body[start + 1] == UInt8(ascii: "u") else { return nil }
        let digits = body[start + 2..<start + 6]
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

extension RequestContext {
    /// Texts in the language that the request asks for.
    var renderer: TextRenderer { TextRenderer(Language(accepting: request.headers.values(of: "Accept-Language"))) }

    /// Rejects unknown fields of the query: a misspelt filter would return everything.
    ///
    /// - Throws: ``APIError``.
    func allowQuery(_ known: [String]) throws {
        var seen: Set<String> = []
        let problems = request.query.compactMap { field -> BodyError? in
            guard known.contains(field.name) else {
                return BodyError(field.name, .unknown(nearest: NearestName.of(field.name, in: known), known: known))
            }
            return seen.insert(field.name).inserted ? nil : BodyError(field.name, .duplicate)
        }
        guard problems.isEmpty else { throw APIError(problems) }
    }

    /// Who is signed in.
    ///
    /// - Throws: ``WebError`` if the request is not signed in, which the route's access has ruled out.
    func requireSignedInUser() throws -> SignedInUser {
        guard let user else { throw WebError(.signInNeeded, "Sign in first.") }
        return user
    }
}

extension Language {
    /// The supported language of `Accept-Language` with the highest weight, or English.
    package init(accepting fields: [String]) {
        let ranges = fields.joined(separator: ",").split(separator: ",").prefix(20).map { range -> (language: Language?, weight: Double) in
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            let name = parts.first?.prefix { $0 != "-" }.lowercased() ?? ""
            return (name == "*" ? .english : Language(rawValue: name), weight)
        }
        // The first of those with the same weight.
        let best = ranges.filter { $0.weight > 0 && $0.language != nil }.enumerated().max { left, right in
            (left.element.weight, -left.offset) < (right.element.weight, -right.offset)
        }
        self = best?.element.language ?? .english
    }
}
