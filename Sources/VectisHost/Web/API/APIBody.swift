import FoundationEssentials
import PSACore
import WebServer

/// Reads the members of a JSON body, and collects all that is wrong with them.
///
/// A member with a problem reads as empty; ``finish()`` throws before anybody can use it.
struct APIBody {
    private let members: [(name: String, value: JSONView)]
    private var asked: [String] = []
    private var problems: [BodyError] = []

    /// The longest text that is taken where nothing else is said, in bytes.
    static let maxTextLength = 4_096
    /// How many problems are told at most; a body may hold a hundred thousand.
    private static let maxProblems = 50

    /// Takes the body of a request.
    ///
    /// - Throws: ``APIError`` if it is not a JSON object.
    init(_ request: WebRequest) throws {
        let type = request.headers["Content-Type"].map { $0.prefix { $0 != ";" }.filter { $0 != " " }.lowercased() }
        guard type == "application/json" else { throw APIError(.wrongMediaType, APIMessage.noJSONType) }
        do {
            let root = try JSONDocument(request.body).root
            // The document reads what is no text as U+FFFD, for vendors; here two different ids would become one.
            if let flaw = TextIssue.first(in: request.body) { throw Self.malformed(.text(flaw.kind), at: flaw.offset, request.body) }
            guard root.isObject else { throw APIError(.malformed, APIMessage.noObject) }
            members = root.members
        } catch let error as JSONSyntaxError {
            throw Self.malformed(.syntax(error.reason), at: error.offset, request.body)
        }
        var seen: Set<String> = []
        for member in members where !seen.insert(member.name).inserted { problems.append(BodyError(member.name, .twice)) }
    }

    private static func malformed(_ flaw: JSONSyntaxMessage, at offset: Int, _ body: [UInt8]) -> APIError {
        let before = body.prefix(offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
        return APIError(.malformed, APIMessage.notJSON(flaw, line: line, column: column))
    }

    /// A text that has to be there.
    mutating func text(_ name: String, upTo limit: Int = maxTextLength) -> String { required(name, optionalText(name, upTo: limit)) ?? "" }

    /// A text; nil where it is missing or null.
    mutating func optionalText(_ name: String, upTo limit: Int = maxTextLength) -> String? {
        guard let view = value(name) else { return nil }
        return text(view.string, name, .text, upTo: limit)
    }

    /// Whether a member stands in the body, even as null.
    func has(_ name: String) -> Bool { members.contains { $0.name == name } }

    /// A member as it stands in the body; nil where it is missing or null.
    mutating func view(_ name: String) -> JSONView? { value(name) }

    /// An id as a text or a whole number; empty where it is missing or null.
    mutating func id(_ name: String) -> String {
        guard let view = value(name) else { return "" }
        return text(view.textOrWholeNumber, name, .textOrNumber) ?? ""
    }

    /// A whole number that has to be there.
    mutating func integer(_ name: String) -> Int {
        let number = value(name).flatMap { view in view.wholeNumber ?? problem(name, .wrongType(.wholeNumber)) }
        return required(name, number) ?? 0
    }

    /// A flag; false where it is missing or null.
    mutating func flag(_ name: String) -> Bool {
        value(name).flatMap { view in view.strictBool ?? problem(name, .wrongType(.flag)) } ?? false
    }

    /// One of a closed set of words that has to be there.
    mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ type: Choice.Type) -> Choice? {
        let word = text(name)
        if let choice = Choice(rawValue: word) { return choice }
        let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
        if !hasProblem(name) { note(name, .noChoice(known: known)) }
        return nil
    }

    /// A moment by RFC 3339; nil where it is missing or null.
    mutating func moment(_ name: String) -> Date? {
        guard let text = optionalText(name)?.trimmingSpaces else { return nil }
        if let date = InternetTime.moment(text) { return date }
        if !hasProblem(name) { note(name, .noMoment) }
        return nil
    }

    /// Whether something is wrong with a member already.
    func hasProblem(_ name: String) -> Bool { problems.contains { $0.member == name } }

    /// Adds what a caller found.
    mutating func note(_ name: String, _ flaw: BodyError.Flaw) { problems.append(BodyError(name, flaw)) }

    /// Texts or whole numbers by name, in an object; nothing where it is missing or null.
    mutating func texts(_ name: String) -> [String: String] {
        guard let view = value(name) else { return [:] }
        guard view.isObject else { return problem(name, .wrongType(.object)) ?? [:] }
        var texts: [String: String] = [:]
        for member in view.members {
            let path = "\(name).\(member.name)"
            if texts[member.name] != nil { problems.append(BodyError(path, .twice)) }
            texts[member.name] = text(member.value.textOrWholeNumber, path, .textOrNumber) ?? ""
        }
        return texts
    }

    /// Ends the reading.
    ///
    /// - Throws: ``APIError`` with all problems, members that nobody asked for among them.
    mutating func finish() throws {
        for name in Set(members.map(\.name)).subtracting(asked).sorted().prefix(Self.maxProblems) {
            problems.append(BodyError(name, .unknown(nearest: NearestName.of(name, in: asked))))
        }
        guard problems.isEmpty else { throw APIError(Array(problems.prefix(Self.maxProblems))) }
    }

    private mutating func value(_ name: String) -> JSONView? {
        asked.append(name)
        return members.first { $0.name == name }.flatMap { $0.value.isNull ? nil : $0.value }
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

    private mutating func problem<Value>(_ name: String, _ flaw: BodyError.Flaw) -> Value? {
        problems.append(BodyError(name, flaw))
        return nil
    }
}

/// Stricter readings than those for vendors, who are known to be loose.
extension JSONView {
    fileprivate var wholeNumber: Int? { string == nil ? text.flatMap { Int($0) } : nil }
    fileprivate var textOrWholeNumber: String? { string ?? wholeNumber.map { String($0) } }
    fileprivate var strictBool: Bool? { string == nil && text == nil ? bool : nil }
}
