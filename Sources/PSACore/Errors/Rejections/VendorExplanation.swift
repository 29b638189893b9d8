#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a refusing answer says, whatever form it says it in: the vendor's words, its code, and the body fields it complains about.
///
/// Understood are a JSON string; the pair `error`/`error_description` of OAuth; `detail` and `title` of RFC 9457; `message` and its relatives,
/// also inside `error` objects and `errors` lists, and below one another; a serialized .NET exception, whose inner message counts where the
/// outer one says nothing; maps from fields to complaints; XML; and plain text. An HTML page is never quoted: it is some proxy's, and may hold
/// anything. Depth and length are bounded. The words are the vendor's as they came; the caller redacts and cuts them.
public struct VendorExplanation: Sendable, Hashable {
    /// A machine-readable code, such as `invalid_client`.
    public var code: String?
    /// The words meant for people.
    public var message: String?
    /// The body fields a map of complaints names, without their index: `priority_id`.
    public var fields: [String] = []
    /// The page that explains the code, `error_uri`, which names it for machines.
    public var uri: String?

    /// Whether the words give a reason, and not only the name of a status such as “Forbidden” or “An error has occurred”.
    public var namesReason: Bool {
        guard let message else { return false }
        let sentences = message.replacing(". ", with: ".\n").split(separator: "\n")
        return sentences.contains { $0.contains(" ") && !Reading.saysNothing(String($0)) }
    }

    /// Whether a successful answer is data: JSON that is no text alone, and no object of a message without an id.
    static func isRecord(_ body: [UInt8]) -> Bool {
        guard [.jsonObject, .jsonArray].contains(BodyShape(of: body)), body.count <= maxBytes, let root = try? JSONDocument(body).root
        else { return false }
        return !root.isObject || root["id"] != nil || root.members.count > 12
            || !root.members.contains { Reading.refusals.contains($0.name.lowercased()) }
    }

    /// The largest JSON body in bytes that is read for an explanation.
    private static let maxBytes = 1 << 20

    /// Reads a body; a JSON text of more than 1 MiB explains nothing.
    public init(_ body: [UInt8]) {
        switch BodyShape(of: body) {
        case .empty: break
        case .html, .xml: message = Self.xmlText(body)
        case .other: message = Self.plainText(body)
        case .jsonObject, .jsonArray, .jsonScalar:
            guard body.count <= Self.maxBytes, let root = try? JSONDocument(body).root else { return }
            var reading = Reading()
            reading.read(root, depth: 0)
            uri = root["error_uri"]?.string
            code = reading.code
            fields = reading.fields
            message = reading.text
        }
    }

    /// Text without a form: at most a few lines of printable characters.
    private static func plainText(_ body: [UInt8]) -> String? {
        guard let text = String(validating: body.prefix(2_000), as: UTF8.self) ?? String(validating: body.prefix(1_990), as: UTF8.self)
        else {
            return nil
        }
        let isReadable = text.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0.value == 0x0A || $0.value == 0x0D || $0.value == 0x09 }
        // What begins like JSON and is none was cut off on the way; it is not a sentence.
        guard isReadable, let first = text.first(where: { !$0.isWhitespace }), first != "{", first != "[" else { return nil }
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The text of an XML document's message; nothing of a web page.
    private static func xmlText(_ body: [UInt8]) -> String? {
        let text = String(decoding: body.prefix(20_000), as: UTF8.self)
        let start = text.prefix(300).lowercased()
        guard !start.contains("<html"), !start.contains("<!doctype html"),
            start.contains("<?xml") || start.contains("<string") || start.contains("<error")
        else { return nil }
        for name in ["ExceptionMessage", "Message", "message", "faultstring", "detail", "string"] {
            guard let open = text.firstRange(of: "<" + name), let begin = text[open.upperBound...].firstIndex(of: ">") else { continue }
            let inner = text[text.index(after: begin)...]
            guard let end = inner.firstIndex(of: "<") else { continue }
            let words = inner[..<end].split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if !words.isEmpty { return words }
        }
        return nil
    }
}

/// What was collected from a document so far.
private struct Reading {
    var code: String?
    var fields: [String] = []
    private var sentences: [String] = []
    private var complaints: [String] = []
    private var generic: [String] = []

    var text: String? {
        let words = sentences + complaints
        let chosen = words.isEmpty ? generic : words
        return chosen.isEmpty ? nil : Self.joined(Array(chosen.prefix(8)))
    }

    /// Sentences one behind another, with a full stop between them where one has no end of its own.
    private static func joined(_ sentences: [String]) -> String {
        var text = ""
        for sentence in sentences {
            if let last = text.last { text += ".!?:;".contains(last) ? " " : ". " }
            text += sentence
        }
        return text
    }

    mutating func read(_ view: JSONView, depth: Int) {
        guard depth < 6, sentences.count + complaints.count < 8 else { return }
        if let text = view.string { return note(text) }
        if view.isArray {
            for element in view.elements.prefix(8) { read(element, depth: depth + 1) }
            return
        }
        guard view.isObject else { return }
        readCode(view)
        for name in Self.names {
            for member in view.members.prefix(60) where member.name.lowercased() == name { read(member.value, depth: depth + 1) }
        }
        readMap(view, depth)
    }

    private mutating func readCode(_ view: JSONView) {
        guard code == nil else { return }
        for name in ["error", "code", "errorCode", "error_code", "Code"] {
            guard let text = view[name]?.text, !text.isEmpty, text.utf8.count <= 80 else { continue }
            if name == "error", text.contains(" "), view["error_description"] == nil { continue }
            code = text
            return
        }
    }

    /// A map from fields to complaints: every member is a list of sentences.
    private mutating func readMap(_ view: JSONView, _ depth: Int) {
        for member in view.members.prefix(20) where member.value.isArray && !Self.known.contains(member.name.lowercased()) {
            let words = member.value.elements.prefix(4).compactMap(\.string)
            guard !words.isEmpty else { continue }
            fields.append(String(member.name.split(separator: ".").last ?? ""))
            add((member.name.isEmpty ? "" : member.name + ": ") + Self.joined(words), to: \.complaints)
        }
    }

    private mutating func note(_ text: String) {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard !words.isEmpty else { return }
        if words == code || Self.saysNothing(words) { return add(words, to: \.generic) }
        add(words, to: \.sentences)
    }

    private mutating func add(_ words: String, to list: WritableKeyPath<Reading, [String]>) {
        if !self[keyPath: list].contains(words) { self[keyPath: list].append(words) }
    }

    /// The members that hold words or lead to them, those first that say most.
    private static let names = [
        "error_description", "detail", "exceptionmessage", "message", "errormessage", "error_message", "msg", "description", "reason",
        "error",
        "errors", "modelstate", "innerexception", "innererror", "faults", "title",
    ]
    private static let known = Set(names)
    /// The members that answers in place of data have.
    static let refusals: Set<String> = [
        "error", "errors", "error_description", "detail", "exceptionmessage", "message", "errormessage", "error_message", "msg",
    ]
    /// Whether a sentence only names a status, with or without its number.
    static func saysNothing(_ sentence: String) -> Bool {
        let words = sentence.lowercased().trimmingFullStop
        let isNumbered = words.prefix(4).last == " " && words.prefix(3).allSatisfy(\.isNumber)
        return namesOfStatuses.contains(isNumbered ? String(words.dropFirst(4)) : words)
    }

    private static let namesOfStatuses: Set<String> = [
        "bad gateway", "service unavailable", "the service is unavailable", "gateway timeout", "gateway time-out", "page not found",
        "method not allowed", "request timeout", "upgrade required", "too many requests", "service temporarily unavailable",
        "the page cannot be displayed because an internal server error has occurred",
        "an error has occurred", "an error occurred", "an error has occured", "error", "bad request", "unauthorized", "forbidden",
        "not found", "access denied", "access is denied", "permission denied", "not authorized", "not authorised",
        "authorization has been denied for this request", "internal server error", "the request is invalid",
        "one or more validation errors occurred", "validation failed", "conflict",
        "exception of type 'system.exception' was thrown", "one or more errors occurred",
    ]
}

extension String {
    fileprivate var trimmingFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
