package import FoundationEssentials
package import PSACore
import Sodium

/// A message in the forms that receivers take.
package struct NotificationFormat: Sendable {
    private let content: NotificationContent
    private let point: String
    private let address: String?
    private let renderer: TextRenderer

    /// Creates a ``NotificationFormat``.
    ///
    /// - Parameters:
    ///   - content: What the message says.
    ///   - point: The name of the contact point.
    ///   - address: The address of the host as people reach it, such as `https://vectis.example.com`; nil if it is not known.
    package init(_ content: NotificationContent, point: String, address: String?) {
        self.content = content
        self.point = point
        self.address = address
        renderer = TextRenderer(content.language)
    }

    private func text(_ message: NotificationMessage) -> String { renderer.text(message) }

    private func link(_ item: NotificationContent.Item) -> String { (address ?? "") + item.path }

    private func time(_ date: Date) -> String {
        // The day is always written: a message is read later.
        renderer.text(.moment(date, now: .distantPast))
    }

    private func span(_ item: NotificationContent.Item) -> String {
        text(item.endedAt.map { .from(time(item.since), until: time($0)) } ?? .since(time(item.since)))
    }

    private func facts(_ item: NotificationContent.Item) -> [(label: String, value: String)] {
        [
            (text(.whereLabel), item.place), (text(.whyLabel), item.endedAt == nil ? item.reason : ""), (text(.stepLabel), item.step),
            (text(.pageLabel), link(item)),
        ].filter { !$0.1.isEmpty }
    }

    private func groups() -> [(change: NotificationPlan.Change, items: [NotificationContent.Item])] {
        NotificationPlan.Change.allCases.compactMap { change in
            let items = content.items.filter { $0.change == change }
            return items.isEmpty ? nil : (change, items)
        }
    }

    private func closing(more: Int) -> [String] {
        [more > 0 ? text(.more(more)) : nil, content.others > 0 ? text(.others(content.others)) : nil].compactMap { $0 }
    }

    // MARK: E-mail

    /// The subject of a mail.
    package var subject: String { "[Vectis] \(content.summary)" }

    /// The text of a mail.
    package var plainText: String {
        var lines: [String] = []
        for (change, items) in groups() {
            if !content.isTest { lines += [text(.heading(change)), ""] }
            for item in items {
                lines.append("* \(item.title)")
                lines.append("  \(span(item))\(item.endedAt == nil ? "" : ". " + item.reason)")
                lines += facts(item).map { "  \($0.label): \($0.value)" }
                if item.isUncertain { lines.append("  \(text(.uncertain))") }
                lines.append("")
            }
        }
        lines += closing(more: content.more)
        return (lines + ["-- ", text(.footer(point)), ""]).joined(separator: "\n")
    }

    // MARK: Webhook

    /// The version of the JSON of webhooks; members may be added in a version.
    package static let version = 1

    /// The body of a webhook; the same bytes for each delivery of a message.
    package func webhook(id: String, createdAt: Date) -> [UInt8] {
        JSONValue(present: [
            ("version", .integer(Self.version)), ("id", .string(id)), ("createdAt", .string(createdAt.formatted(.iso8601))),
            ("contactPoint", .string(point)), ("test", .bool(content.isTest)), ("language", .string(content.language.rawValue)),
            ("summary", .string(content.summary)), ("items", .array(content.items.map(json))), ("more", .integer(content.more)),
            ("stillOpen", .integer(content.others)),
        ]).encoded
    }

    private func json(_ item: NotificationContent.Item) -> JSONValue {
        .init(present: [
            ("change", .string(item.change.rawValue)), ("kind", .string(item.kind.rawValue)),
            ("connection", item.connection.map { ["id": .string($0), "name": .string(item.name)] }), ("title", .string(item.title)),
            ("where", .string(item.place)), ("why", .string(item.reason)),
            ("firstStep", item.step.isEmpty ? Optional.none : .string(item.step)),
            ("page", .string(link(item))), ("since", .string(item.since.formatted(.iso8601))),
            ("endedAt", item.endedAt.map { .string($0.formatted(.iso8601)) }), ("mayBeRepeated", .bool(item.isUncertain)),
        ])
    }

    /// The value of the header `Vectis-Signature`.
    ///
    /// - Parameters:
    ///   - body: The body as it is sent.
    ///   - seconds: The value of `Vectis-Timestamp`.
    ///   - key: The signing key.
    /// - Returns: `v1=` and the HMAC-SHA256 of time, a dot and the body, in hexadecimal.
    package static func signature(of body: [UInt8], at seconds: Int, key: Secret) -> String {
        let code = HMACSHA256.code(of: Array("\(seconds).".utf8) + body, key: Array(key.reveal().utf8))
        return "v1=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // MARK: Microsoft Teams

    /// The largest body for Teams, which takes about 28 KB with what it adds itself.
    static let maxTeamsBytes = 20_000

    /// An Adaptive Card in a message, as workflows and incoming webhooks of Teams take it.
    package var teams: [UInt8] {
        for count in stride(from: content.items.count, through: 0, by: -1) {
            let body = teams(count)
            if body.count <= Self.maxTeamsBytes || count == 0 { return body }
        }
        return teams(0)
    }

    private func teams(_ count: Int) -> [UInt8] {
        var blocks = [Self.textBlock(content.summary, isHeading: true)]
        var rest = count
        for (change, items) in groups() where rest > 0 {
            if !content.isTest { blocks.append(Self.textBlock(text(.heading(change)), isSubtle: true)) }
            for item in items.prefix(rest) {
                rest -= 1
                blocks.append(Self.textBlock(item.title, isStrong: true))
                blocks.append(
                    Self.textBlock(([span(item)] + (item.endedAt == nil ? [] : [item.reason])).joined(separator: ". "), isSubtle: true))
                let isLinked = address != nil
                let rows = facts(item).filter { !isLinked || $0.label != text(.pageLabel) }
                blocks.append([
                    "type": "FactSet",
                    "facts": .array(rows.map { ["title": .string($0.label), "value": .string(Self.escapedForCard($0.value))] }),
                ])
                if isLinked {
                    blocks.append([
                        "type": "ActionSet",
                        "actions": [["type": "Action.OpenUrl", "title": .string(text(.pageLabel)), "url": .string(link(item))]],
                    ])
                }
                if item.isUncertain { blocks.append(Self.textBlock(text(.uncertain), isSubtle: true)) }
            }
        }
        blocks += closing(more: content.more + content.items.count - count).map { Self.textBlock($0) }
        blocks.append(Self.textBlock(text(.footer(point)), isSubtle: true))
        let card: JSONValue = [
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4",
            "msteams": ["width": "Full"], "body": .array(blocks),
        ]
        let message: JSONValue = [
            "type": "message",
            "attachments": [["contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card]],
        ]
        return message.encoded
    }

    private static func textBlock(_ text: String, isHeading: Bool = false, isStrong: Bool = false, isSubtle: Bool = false) -> JSONValue {
        .init(present: [
            ("type", "TextBlock"), ("text", .string(escapedForCard(text))), ("wrap", true), ("size", isHeading ? "Large" : Optional.none),
            ("weight", isHeading || isStrong ? "Bolder" : Optional.none), ("isSubtle", isSubtle ? true : Optional.none),
        ])
    }

    /// Text blocks take a part of Markdown: what names hold must make no link and no emphasis.
    private static func escapedForCard(_ text: String) -> String {
        text.reduce(into: "") { escaped, character in
            if "\\*_[]`#".contains(character) { escaped.append("\\") }
            escaped.append(character)
        }
    }

    // MARK: Slack

    /// Blocks with a text for notifications, as incoming webhooks of Slack take them.
    package var slack: [UInt8] {
        var blocks: [JSONValue] = [Self.section("*\(Self.escapedForSlack(content.summary))*")]
        for (change, items) in groups() {
            for (index, item) in items.enumerated() {
                var lines = index == 0 && !content.isTest ? ["_\(text(.heading(change)))_"] : []
                lines.append("*\(Self.escapedForSlack(item.title))*")
                lines.append(Self.escapedForSlack(span(item) + (item.endedAt == nil ? "" : ". " + item.reason)))
                let isLinked = address != nil
                for fact in facts(item) {
                    let value = Self.escapedForSlack(fact.value)
                    lines.append("\(fact.label): \(isLinked && fact.label == text(.pageLabel) ? "<\(value)>" : value)")
                }
                if item.isUncertain { lines.append(text(.uncertain)) }
                blocks.append(Self.section(lines.joined(separator: "\n")))
            }
        }
        let closing = closing(more: content.more) + [text(.footer(point))]
        blocks.append(Self.section(Self.escapedForSlack(closing.joined(separator: "\n"))))
        let message: JSONValue = ["text": .string(Self.escapedForSlack(content.summary)), "blocks": .array(blocks)]
        return message.encoded
    }

    private static func section(_ text: String) -> JSONValue {
        ["type": "section", "text": ["type": "mrkdwn", "text": .string(String(text.prefix(2_900)))]]
    }

    /// The three characters that Slack reads; the signs of emphasis are kept apart from words by a character without width.
    private static func escapedForSlack(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing("*", with: "∗")
            .replacing("_", with: "_\u{200B}").replacing("`", with: "ˋ").replacing("~", with: "∼")
    }
}
