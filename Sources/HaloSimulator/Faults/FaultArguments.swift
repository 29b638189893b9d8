import Foundation
import WebServer

/// A reply that replaces the real reply to a write: a status, a body, and the resources it applies to.
///
/// The text form is `302`, `404/html` or `500/record/actions`: the status first, the rest in any order. Without a resource it applies to
/// tickets and their actions. A status below 200 is an interim response, after which the connection is closed.
struct WriteReply: Sendable, Equatable {
    enum Body: String, Sendable, CaseIterable {
        case empty
        case text
        case html
        case login
        /// The formats of HaloPSA's 400 replies, whatever the status.
        case string
        case exception
        case modelstate
        case older
        case problem
        /// The record, as in a successful reply.
        case record
        /// A record whose id is 0, negative or missing, and an empty list.
        case zero
        case negative
        case noID = "no-id"
        case emptyArray = "empty-array"
    }

    static let hint = "STATUS[/BODY][/RESOURCE]"

    var status: Int
    var body: Body = .empty
    var resources: Set<Resource> = [.tickets, .actions]

    /// Parses the text form; nil if it is invalid.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, first.utf8.count == 3, let status = Int(first), (100...999).contains(status) else { return nil }
        self.status = status
        for part in parts.dropFirst() {
            if let body = Body(rawValue: part) {
                self.body = body
            } else {
                let named = Resource.named(part)
                guard !named.isEmpty else { return nil }
                resources = named
            }
        }
    }

    static func validationError(_ text: String?) -> String? {
        guard let text else { return "needs a status from 100 to 999 after a colon: \(hint)" }
        guard WriteReply(text) == nil else { return nil }
        return "takes \(hint), not '\(text)'; bodies are \(Body.allCases.map(\.rawValue).joined(separator: ", "))"
    }

    /// Builds the reply; `record` is the stored record, or nil if nothing was stored.
    func reply(record: [UInt8]?) -> Reply {
        guard status >= 200 else { return Reply(status: status, content: .interim) }
        var reply = replyWithBody(record: record)
        reply.status = status
        switch status {
        case 300...399: reply.headers["Location"] = "/auth/login?ReturnUrl=%2Fapi"
        case 401: reply.headers["WWW-Authenticate"] = "Bearer"
        case 407: reply.headers["Proxy-Authenticate"] = "Basic realm=\"proxy\""
        case 429, 503: reply.headers["Retry-After"] = "1"
        default: break
        }
        return reply
    }

    private func replyWithBody(record: [UInt8]?) -> Reply {
        let message = "Details must be entered"
        return switch body {
        case .empty: Reply(status: status, content: .empty)
        case .text: Reply(status: status, content: .plain(Array("upstream connect error or disconnect/reset before headers".utf8)))
        case .html: Reply(status: status, content: .html(Array(Pages.badGateway.utf8)))
        case .login: Reply(status: status, content: .html(Array(Pages.login.utf8)))
        case .string: ErrorShape.string.reply(message)
        case .exception: ErrorShape.exception.reply(message)
        case .modelstate: ErrorShape.modelstate.reply(message)
        case .older: ErrorShape.older.reply(message)
        case .problem:
            Reply(status: status, json: ["title": "The request was rejected.", "status": .int(status), "detail": .string(message)])
        case .record: Reply(status: status, content: record.map { .saved($0) } ?? .empty)
        case .zero: Reply(status: status, json: ["id": 0])
        case .negative: Reply(status: status, json: ["id": -1])
        case .noID: Reply(status: status, json: ["summary": "Saved"])
        case .emptyArray: Reply(status: status, json: [])
        }
    }
}

/// A change that the vendor applies to a text before storing it.
///
/// The text form is `cut60`, `append-00a0`, `spaces-2003` or `html-escaped`: a name, or a name with a number of characters or a code point.
struct TextTransform: Sendable {
    static let hint = "CHANGE"

    private let change: @Sendable (String) -> String

    static let names = [
        "dropped", "trimmed", "squeezed", "html-escaped", "html-unescaped", "emoji-question", "ascii-question", "upper", "lower", "nfc",
        "nfd", "nfkc", "straight-quotes", "curly-quotes",
    ]
    static let forms = names.joined(separator: ", ") + ", cutN, append-XXXX, prepend-XXXX, spaces-XXXX (XXXX is a code point)"

    /// Parses the text form; nil if it is invalid.
    init?(_ name: String) {
        if let named = Self.change(named: name) {
            change = named
            return
        }
        if name.hasPrefix("cut"), let count = Int(name.dropFirst(3)), count > 0 {
            change = { String($0.prefix(count)) }
            return
        }
        let parts = name.split(separator: "-").map(String.init)
        guard parts.count == 2, let value = UInt32(parts[1], radix: 16), let scalar = Unicode.Scalar(value) else { return nil }
        let character = String(Character(scalar))
        switch parts[0] {
        case "append": change = { $0 + character }
        case "prepend": change = { character + $0 }
        case "spaces": change = { $0.replacing(" ", with: character) }
        default: return nil
        }
    }

    static func validationError(_ text: String?) -> String? {
        guard let text else { return "needs a change after a colon: \(forms)" }
        return TextTransform(text) == nil ? "does not know the change '\(text)'; known are \(forms)" : nil
    }

    func applied(to text: String) -> String { change(text) }

    private static func change(named name: String) -> (@Sendable (String) -> String)? {
        switch name {
        case "dropped": { _ in "" }
        case "trimmed": { text in text.trimmingCharacters(in: .whitespacesAndNewlines) }
        case "squeezed": { text in text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        case "html-escaped": { text in escapes.reduce(text) { $0.replacing($1.plain, with: $1.escaped) } }
        case "html-unescaped": { text in escapes.reversed().reduce(text) { $0.replacing($1.escaped, with: $1.plain) } }
        // The results of a database column without surrogate pairs, and of a column with a single-byte character set.
        case "emoji-question": { text in replacingScalars(of: text) { $0.value > 0xFFFF } }
        case "ascii-question": { text in replacingScalars(of: text) { !$0.isASCII } }
        case "upper": { $0.uppercased() }
        case "lower": { $0.lowercased() }
        case "nfc": { $0.precomposedStringWithCanonicalMapping }
        case "nfd": { $0.decomposedStringWithCanonicalMapping }
        case "nfkc": { $0.precomposedStringWithCompatibilityMapping }
        case "straight-quotes": { $0.replacing("\u{2019}", with: "'").replacing("\u{201C}", with: "\"").replacing("\u{201D}", with: "\"") }
        case "curly-quotes": { $0.replacing("'", with: "\u{2019}").replacing("\"", with: "\u{201D}") }
        default: nil
        }
    }

    private static let escapes: [(plain: String, escaped: String)] = [
        ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;"),
    ]

    private static func replacingScalars(of text: String, where isReplaced: (Unicode.Scalar) -> Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isReplaced(scalar) ? "?" : scalar) }
        return String(result)
    }
}

/// What the filter `deleted=true` of a ticket list does instead of selecting the deleted tickets; sources disagree about it.
enum DeletedFilter: String, Sendable, CaseIterable {
    case ignored
    case included
}

/// The offset of a wrong clock, such as `-26h`, `+90m` or `+30s`.
enum ClockOffset {
    static let hint = "±HOURSh"

    /// Parses an offset and returns it in seconds; nil if the text is invalid.
    static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["h": 3600, "m": 60, "s": 1]
        guard let last = text.last, let unit = units[last], let number = Int32(text.dropLast()), abs(Int(number)) <= 10_000 else {
            return nil
        }
        return Int(number) * unit
    }

    static func validationError(_ text: String?) -> String? {
        guard let text else { return "needs a time after a colon, such as -26h or +90m" }
        return seconds(text) == nil ? "takes a time such as -26h or +90m, not '\(text)'" : nil
    }
}

extension HaloTime {
    /// The timestamp in the format of the HTTP header `Date`.
    var httpDateText: String {
        let seconds = Int(ticks / Self.ticksPerSecond)
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let inDay = seconds - days * 86_400
        let (year, month, day) = Self.civil(days: days)
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = [inDay / 3600, inDay / 60 % 60, inDay % 60].map(two).joined(separator: ":")
        return "\(weekdays[((days % 7) + 7) % 7]), \(two(day)) \(months[month - 1]) \(year) \(clock) GMT"
    }
}
