#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A field of a new ticket, as the tenant defines it for a ticket type.
///
/// The fields that every vendor has, such as the summary, have the ids ``RecordID/summary`` and so on; all others have ids of the connector.
public struct TicketField: Sendable, Hashable, Codable, Identifiable {
    /// The connector's id for a field, such as `summary`, `category_1` or `cf:105`.
    public typealias ID = RecordID<TicketField>

    /// The form of a field's value.
    @nonexhaustive
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// One line of text.
        case text
        /// Text of several lines.
        case longText
        /// HTML.
        case richText
        /// A web address.
        case url
        /// A whole number.
        case integer
        /// A number with decimals.
        case number
        /// An amount in the tenant's currency.
        case money
        /// A calendar day.
        case date
        /// A moment.
        case dateTime
        /// A time of day.
        case time
        /// Yes or no.
        case checkbox
        /// One of several choices.
        case choice
        /// Any number of several choices.
        case choices
        /// A place in a tree of categories; its choices are whole paths.
        case categoryPath
        /// Another record, such as a team.
        case reference
        /// Any number of other records, such as assets.
        case references
        /// Files; given in ``TicketDraft/attachments``.
        case attachment
        /// A form that the connector cannot fill in, such as a table.
        case unsupported
    }

    /// Whether a field is filled in when a ticket is created.
    @nonexhaustive
    public enum Requirement: String, Sendable, Hashable, Codable, CaseIterable {
        /// It may be left empty.
        case optional
        /// The vendor warns people who leave it empty, and accepts the ticket.
        case recommended
        /// A ticket without it is refused.
        case required
        /// The vendor fills it in; a value is not accepted.
        case readOnly
    }

    /// One of the values of a field.
    public struct Choice: Sendable, Hashable, Codable, Identifiable {
        /// The vendor's id for a choice; for categories the whole path.
        public typealias ID = RecordID<Choice>

        /// The vendor's id.
        public var id: ID
        /// The text that people see.
        public var label: String

        /// Makes a choice; connectors do.
        public init(_ id: ID, label: String) {
            self.id = id
            self.label = label
        }
    }

    /// Where the choices of a field are found.
    @nonexhaustive
    public enum Choices: Sendable, Hashable {
        /// The field has none.
        case none
        /// These, and no others.
        case listed([Choice])
        /// There are too many to list, or the list is not known; ``ConnectorSession/choices(of:for:matching:)`` searches them.
        case searched
    }

    /// The value of another field on which it depends whether a field is shown and demanded.
    public struct Condition: Sendable, Hashable, Codable {
        /// The other field.
        public var field: ID
        /// The texts of the values that show the field; see ``TicketFieldValue/texts``.
        public var values: Set<String>

        /// States a condition.
        public init(_ field: ID, isOneOf values: Set<String>) {
            self.field = field
            self.values = values
        }
    }

    /// The id.
    public var id: ID
    /// The text beside the input, as the tenant calls the field.
    public var label: String
    /// The form of its value.
    public var kind: Kind
    /// Whether it is filled in.
    public var requirement: Requirement
    /// Where its choices are found.
    public var choices: Choices
    /// The value that the tenant's own form starts with.
    public var defaultValue: TicketFieldValue?
    /// The conditions under which it is shown; all of them must hold.
    public var conditions: [Condition]
    /// The most characters of a text.
    public var maxLength: Int?
    /// The most choices that may be selected.
    public var maxSelections: Int?
    /// The fewest files, for ``Kind/attachment``.
    public var minAttachments: Int?
    /// Whether a checkbox must be checked.
    public var mustBeChecked: Bool
    /// The fields whose value narrows this one's choices.
    public var dependsOn: [ID]

    /// Defines a field; connectors do.
    public init(
        _ id: ID, label: String, kind: Kind, requirement: Requirement = .optional, choices: Choices = .none,
        defaultValue: TicketFieldValue? = nil, conditions: [Condition] = [], maxLength: Int? = nil, maxSelections: Int? = nil,
        minAttachments: Int? = nil, mustBeChecked: Bool = false, dependsOn: [ID] = []
    ) {
        self.id = id
        self.label = label
        self.kind = kind
        self.requirement = requirement
        self.choices = choices
        self.defaultValue = defaultValue
        self.conditions = conditions
        self.maxLength = maxLength
        self.maxSelections = maxSelections
        self.minAttachments = minAttachments
        self.mustBeChecked = mustBeChecked
        self.dependsOn = dependsOn
    }

    /// One of the fields that every vendor has, with the usual label and kind; their choices come from lists of their own.
    ///
    /// - Parameters:
    ///   - id: One of ``RecordID/standard``.
    ///   - isRequired: Whether it must be given.
    ///   - maxLength: The most characters.
    ///   - dependsOn: The fields whose value narrows its choices.
    /// - Returns: The field.
    public static func standard(_ id: ID, isRequired: Bool = false, maxLength: Int? = nil, dependsOn: [ID] = []) -> TicketField {
        let (label, kind): (String, Kind) =
            switch id {
            case .summary: ("Summary", .text)
            case .details: ("Details", .longText)
            case .company: ("Company", .reference)
            case .contact: ("Contact", .reference)
            case .type: ("Ticket type", .choice)
            case .status: ("Status", .choice)
            case .priority: ("Priority", .choice)
            case .externalReference: ("External reference", .text)
            case .attachments: ("Attachments", .attachment)
            default: (id.rawValue, .text)
            }
        return TicketField(
            id, label: label, kind: kind, requirement: isRequired ? .required : .optional,
            choices: [.choice, .reference].contains(kind) ? .searched : .none, maxLength: maxLength, dependsOn: dependsOn)
    }

    /// Whether a ticket without it is refused, as long as its conditions hold.
    public var isRequired: Bool { requirement == .required }
}

extension RecordID<TicketField> {
    /// The subject line; ``TicketDraft/summary``.
    public static let summary = Self(known: "summary")
    /// The first message; ``TicketDraft/details``.
    public static let details = Self(known: "details")
    /// The company; ``TicketDraft/company``.
    public static let company = Self(known: "company")
    /// The contact; ``TicketDraft/contact``.
    public static let contact = Self(known: "contact")
    /// The ticket type; ``TicketDraft/type``.
    public static let type = Self(known: "type")
    /// The status; ``TicketDraft/status``.
    public static let status = Self(known: "status")
    /// The priority; ``TicketDraft/priority``.
    public static let priority = Self(known: "priority")
    /// The reference of another system; ``TicketDraft/externalReference``.
    public static let externalReference = Self(known: "external_reference")
    /// Files; ``TicketDraft/attachments``.
    public static let attachments = Self(known: "attachments")

    /// The fields that ``TicketDraft`` has properties for.
    public static let standard: [Self] = [
        summary, details, company, contact, type, status, priority, externalReference, attachments,
    ]
}

/// The value of a ticket field.
@nonexhaustive
public enum TicketFieldValue: Sendable, Hashable {
    /// For ``TicketField/Kind/text``, ``TicketField/Kind/longText``, ``TicketField/Kind/richText`` and ``TicketField/Kind/url``.
    case text(String)
    /// For numbers and amounts: at most 15 significant digits, which a double keeps exactly.
    case number(Double)
    /// For ``TicketField/Kind/date``.
    case date(CalendarDate)
    /// For ``TicketField/Kind/dateTime``.
    case dateTime(Date)
    /// For ``TicketField/Kind/time``.
    case time(TimeOfDay)
    /// For ``TicketField/Kind/checkbox``.
    case checkbox(Bool)
    /// For one choice, category path or record.
    case choice(TicketField.Choice.ID)
    /// For several choices or records.
    case choices([TicketField.Choice.ID])

    /// The value as one text, which ``init(_:for:)`` reads back; several choices stand on lines of their own.
    public var text: String { texts.joined(separator: "\n") }

    /// The value as texts: one for each choice, otherwise one.
    public var texts: [String] {
        switch self {
        case .text(let text): [text]
        case .number(let number): [Self.plainText(of: number)]
        case .date(let date): [date.description]
        case .dateTime(let moment): [moment.formatted(.iso8601)]
        case .time(let time): [time.description]
        case .checkbox(let isChecked): [isChecked ? "true" : "false"]
        case .choice(let id): [id.rawValue]
        case .choices(let ids): ids.map(\.rawValue)
        }
    }

    /// Whether it counts as no value.
    public var isEmpty: Bool {
        switch self {
        case .text(let text): text.trimmingSpaces.isEmpty
        case .choices(let ids): ids.isEmpty
        default: false
        }
    }
}

extension TicketFieldValue {
    /// A number without exponent and without a fraction of zero, as people write it.
    fileprivate static func plainText(of number: Double) -> String {
        if let whole = Int(exactly: number) { return String(whole) }
        let parts = "\(number)".split(separator: "e-")
        guard parts.count == 2, let exponent = Int(parts[1]) else { return "\(number)" }
        let digits = parts[0].filter(\.isNumber)
        return (number < 0 ? "-" : "") + "0." + String(repeating: "0", count: exponent - 1)
            + (digits.hasSuffix("0") ? digits.dropLast() : digits[...])
    }
}

/// A day of the Gregorian calendar, without time and zone.
public struct CalendarDate: Sendable, Hashable, CustomStringConvertible {
    /// The year, 1 to 9999.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, from 1.
    public let day: Int

    /// Takes a day that exists; nil for others, such as 30 February.
    public init?(year: Int, month: Int, day: Int) {
        guard GregorianUTC.instant(year: year, month: month, day: day) != nil else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Reads `2026-11-28`.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
            parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    /// The day as `2026-11-28`.
    public var description: String { padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) }
}

/// A time of day, without day and zone.
public struct TimeOfDay: Sendable, Hashable, CustomStringConvertible {
    /// The hour, 0 to 23.
    public let hour: Int
    /// The minute, 0 to 59.
    public let minute: Int
    /// The second, 0 to 59.
    public let second: Int

    /// Takes a time; nil if a part is out of range.
    public init?(hour: Int, minute: Int, second: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    /// Reads `14:30` or `14:30:05`.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), let second = parts.count == 3 ? Int(parts[2]) : 0
        else { return nil }
        self.init(hour: hour, minute: minute, second: second)
    }

    /// The time as `14:30:05`.
    public var description: String { padded(hour, 2) + ":" + padded(minute, 2) + ":" + padded(second, 2) }
}

private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension TicketFieldValue {
    /// Reads a value that a person typed or that ``text`` wrote.
    ///
    /// Numbers have a point and at most 15 significant digits, dates are `2026-11-28`, moments ISO 8601, times `14:30`, checkboxes `true` or
    /// `false`. Choices are ids; several are separated by commas or line breaks.
    ///
    /// - Throws: ``TicketFieldIssue`` if the text is empty or does not have the form of the field's kind.
    public init(_ text: String, for field: TicketField) throws(TicketFieldIssue) {
        let typed = text.trimmingSpaces
        guard !typed.isEmpty else { throw TicketFieldIssue(field, .missing) }
        let malformed = TicketFieldIssue(field, .wrongForm)
        let value: TicketFieldValue?
        switch field.kind {
        case .text, .longText, .richText: value = .text(typed)
        case .url: value = Self.isWebAddress(typed) ? .text(typed) : nil
        case .integer: value = Int(typed).flatMap { $0.magnitude < 1_000_000_000_000_000 ? .number(Double($0)) : nil }
        case .number, .money: value = Self.decimal(typed).map(Self.number)
        case .date: value = CalendarDate(typed).map(Self.date)
        case .dateTime: value = GregorianUTC.instant(iso8601: typed).map(Self.dateTime)
        case .time: value = TimeOfDay(typed).map(Self.time)
        case .checkbox: value = ["true": .checkbox(true), "false": .checkbox(false)][typed.lowercased()]
        case .choice, .categoryPath, .reference: value = TicketField.Choice.ID(typed).map(Self.choice)
        case .choices, .references:
            let ids = Self.ids(in: typed, field).map { TicketField.Choice.ID($0) }
            value = ids.isEmpty || ids.contains(nil) ? nil : .choices(ids.compactMap { $0 })
        case .attachment, .unsupported: value = nil
        }
        guard let value else { throw malformed }
        self = value
    }

    private static func ids(in text: String, _ field: TicketField) -> [String] {
        // A form ends its lines with two bytes that are one character.
        if text.contains(where: \.isNewline) {
            return text.split(whereSeparator: \.isNewline).map { String($0).trimmingSpaces }.filter { !$0.isEmpty }
        }
        // An id may have a comma in it.
        if case .listed(let choices) = field.choices, choices.contains(where: { $0.id.rawValue == text }) { return [text] }
        return text.split(separator: ",").map { String($0).trimmingSpaces }.filter { !$0.isEmpty }
    }

    /// A decimal number of at most 15 significant digits.
    private static func decimal(_ text: String) -> Double? {
        let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
        let parts = unsigned.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            parts.joined().drop(while: { $0 == "0" }).count <= 15
        else { return nil }
        return Double(text)
    }

    /// Whether the value has the form of a kind.
    func fits(_ kind: TicketField.Kind) -> Bool {
        switch (kind, self) {
        case (.text, .text), (.longText, .text), (.richText, .text), (.date, .date), (.dateTime, .dateTime), (.time, .time),
            (.checkbox, .checkbox), (.choice, .choice), (.categoryPath, .choice), (.reference, .choice), (.choices, .choices),
            (.references, .choices):
            true
        case (.url, .text(let address)): Self.isWebAddress(address)
        case (.number, .number(let number)), (.money, .number(let number)): number.magnitude < 1_000_000_000_000_000
        case (.integer, .number(let number)): number.magnitude < 1_000_000_000_000_000 && Int(exactly: number) != nil
        default: false
        }
    }

    private static func isWebAddress(_ text: String) -> Bool { text.hasPrefix("https://") || text.hasPrefix("http://") }
}

extension TicketFieldValue {
    /// The value with the form it has, for a store: `{"choice":"38"}`, `{"text":"…"}`, `{"choices":["1","2"]}`.
    public var stored: JSONValue {
        switch self {
        case .text: ["text": json]
        case .number: ["number": json]
        case .date: ["date": json]
        case .dateTime: ["dateTime": json]
        case .time: ["time": json]
        case .checkbox: ["checkbox": json]
        case .choice: ["choice": json]
        case .choices: ["choices": json]
        }
    }

    /// Reads what ``stored`` wrote; nil for anything else.
    public init?(stored: JSONValue) {
        guard case .object(let members) = stored, members.count == 1, let member = members.first else { return nil }
        let text = member.value.string
        let value: TicketFieldValue? =
            switch member.name {
            case "text": text.map(Self.text)
            case "number":
                switch member.value {
                case .integer(let number): .number(Double(number))
                case .double(let number): .number(number)
                default: nil
                }
            case "date": text.flatMap { CalendarDate($0) }.map(Self.date)
            case "dateTime": text.flatMap { GregorianUTC.instant(iso8601: $0) }.map(Self.dateTime)
            case "time": text.flatMap { TimeOfDay($0) }.map(Self.time)
            case "checkbox": if case .bool(let isChecked) = member.value { .checkbox(isChecked) } else { nil }
            case "choice": text.flatMap { TicketField.Choice.ID($0) }.map(Self.choice)
            case "choices":
                if case .array(let elements) = member.value { Self.choices(of: elements) } else { nil }
            default: nil
            }
        guard let value else { return nil }
        self = value
    }

    private static func choices(of elements: [JSONValue]) -> TicketFieldValue? {
        let ids = elements.compactMap { $0.string.flatMap { TicketField.Choice.ID($0) } }
        return ids.count == elements.count ? .choices(ids) : nil
    }
}

extension TicketFieldValue: Codable {
    /// Reads the form of ``stored``.
    ///
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        guard let value = TicketFieldValue(stored: try JSONValue(from: decoder)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "This is not the value of a ticket field."))
        }
        self = value
    }

    /// Writes the form of ``stored``.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws { try stored.encode(to: encoder) }
}

extension TicketField.Choices: Codable {
    private enum CodingKeys: String, CodingKey {
        case listed, searched
    }

    /// Reads what ``encode(to:)`` wrote.
    ///
    /// - Throws: `DecodingError` for another form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let choices = try container.decodeIfPresent([TicketField.Choice].self, forKey: .listed) {
            self = .listed(choices)
        } else {
            self = try container.decodeIfPresent(Bool.self, forKey: .searched) == true ? .searched : .none
        }
    }

    /// Writes the `listed` choices, `searched`, or neither.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .none: break
        case .listed(let choices): try container.encode(choices, forKey: .listed)
        case .searched: try container.encode(true, forKey: .searched)
        }
    }
}

extension CalendarDate: Codable {
    /// Reads `2026-11-28`.
    ///
    /// - Throws: `DecodingError` for another form, and for a day that does not exist.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let date = CalendarDate(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "This is not a day such as 2026-11-28.")
        }
        self = date
    }

    /// Writes `2026-11-28`.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}

extension TimeOfDay: Codable {
    /// Reads `14:30` or `14:30:05`.
    ///
    /// - Throws: `DecodingError` for another form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let time = TimeOfDay(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "This is not a time such as 14:30.")
        }
        self = time
    }

    /// Writes `14:30:05`.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws { try description.encode(to: encoder) }
}
