import Foundation
import WebServer

/// What stands in place of the real answer to a write: a status, a body, and the writes that it concerns.
///
/// In text `302`, `404/html`, `500/record/actions`: the status first, the rest in any order. Without a resource it concerns tickets and
/// their actions. A status below 200 is an interim answer, after which the connection drops.
struct WriteAnswer: Sendable, Equatable {
    enum Body: String, Sendable, CaseIterable {
        case empty
        case text
        case html
        case login
        /// The shapes in which HaloPSA words a 400, whatever the status.
        case string
        case exception
        case modelstate
        case older
        case problem
        /// The record as a success would show it.
        case record
        /// Records whose id is 0, below 0 or left out, and a list without a record.
        case zero
        case negative
        case noID = "no-id"
        case emptyArray = "empty-array"
    }

    static let hint = "STATUS[/BODY][/RESOURCE]"

    var status: Int
    var body: Body = .empty
    var resources: Set<Resource> = [.tickets, .actions]

    /// Nil for what is not of this form.
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

    static func problem(with text: String?) -> String? {
        guard let text else { return "needs a status from 100 to 999 behind a colon: \(hint)" }
        guard WriteAnswer(text) == nil else { return nil }
        return "takes \(hint), not '\(text)'; bodies are \(Body.allCases.map(\.rawValue).joined(separator: ", "))"
    }

    /// Words the answer; `record` is what was stored, if anything was.
    func reply(record: [UInt8]?) -> Reply {
        guard status >= 200 else { return Reply(status: status, content: .interim) }
        var reply = bodied(record: record)
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

    private func bodied(record: [UInt8]?) -> Reply {
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
            Reply(status: status, json: ["title": "The request was refused.", "status": .int(status), "detail": .string(message)])
        case .record: Reply(status: status, content: record.map { .saved($0) } ?? .empty)
        case .zero: Reply(status: status, json: ["id": 0])
        case .negative: Reply(status: status, json: ["id": -1])
        case .noID: Reply(status: status, json: ["summary": "Saved"])
        case .emptyArray: Reply(status: status, json: [])
        }
    }
}

/// What a vendor makes of a text before it stores it.
///
/// In text `cut60`, `append-00a0`, `spaces-2003`, `html-escaped`: a word, or a word with a number of characters or a code point.
struct TextChange: Sendable {
    static let hint = "CHANGE"

    private let change: @Sendable (String) -> String

    static let words = [
        "dropped", "trimmed", "squeezed", "html-escaped", "html-unescaped", "emoji-question", "ascii-question", "upper", "lower", "nfc",
        "nfd", "nfkc", "straight-quotes", "curly-quotes",
    ]
    static let forms = words.joined(separator: ", ") + ", cutN, append-XXXX, prepend-XXXX, spaces-XXXX (XXXX is a code point)"

    /// Nil for what is no change.
    init?(_ name: String) {
        if let word = Self.change(named: name) {
            change = word
            return
        }
        if name.hasPrefix("cut"), let count = Int(name.dropFirst(3)), count > 0 {
            change = { String($0.prefix(count)) }
            return
        }
        let parts = name.split(separator: "-").map(String.init)
        guard parts.count == 2, let value = UInt32(parts[1], radix: 16), let scalar = Unicode.Scalar(value) else { return nil }
        let sign = String(Character(scalar))
        switch parts[0] {
        case "append": change = { $0 + sign }
        case "prepend": change = { sign + $0 }
        case "spaces": change = { $0.replacing(" ", with: sign) }
        default: return nil
        }
    }

    static func problem(with text: String?) -> String? {
        guard let text else { return "needs a change behind a colon: \(forms)" }
        return TextChange(text) == nil ? "does not know the change '\(text)'; there are \(forms)" : nil
    }

    func applied(to text: String) -> String { change(text) }

    private static func change(named name: String) -> (@Sendable (String) -> String)? {
        switch name {
        case "dropped": { _ in "" }
        case "trimmed": { text in text.trimmingCharacters(in: .whitespacesAndNewlines) }
        case "squeezed": { text in text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        case "html-escaped": { text in escapes.reduce(text) { $0.replacing($1.plain, with: $1.escaped) } }
        case "html-unescaped": { text in escapes.reversed().reduce(text) { $0.replacing($1.escaped, with: $1.plain) } }
        // What a column of UTF-16 code units without surrogates keeps, and one of a single-byte character set.
        case "emoji-question": { text in scalars(text) { $0.value > 0xFFFF } }
        case "ascii-question": { text in scalars(text) { !$0.isASCII } }
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

    private static func scalars(_ text: String, _ isReplaced: (Unicode.Scalar) -> Bool) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isReplaced(scalar) ? "?" : scalar) }
        return String(result)
    }
}

/// By how much a clock is off: `-26h`, `+90m`, `+30s`.
enum TimeShift {
    static let hint = "±HOURSh"

    /// The shift in seconds; nil for what is none.
    static func seconds(_ text: String) -> Int? {
        let units: [Character: Int] = ["h": 3600, "m": 60, "s": 1]
        guard let last = text.last, let unit = units[last], let number = Int32(text.dropLast()), abs(Int(number)) <= 10_000 else {
            return nil
        }
        return Int(number) * unit
    }

    static func problem(with text: String?) -> String? {
        guard let text else { return "needs a time behind a colon, such as -26h or +90m" }
        return seconds(text) == nil ? "takes a time such as -26h or +90m, not '\(text)'" : nil
    }
}

extension HaloTime {
    /// The moment as the header `Date` spells it.
    var headerText: String {
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
