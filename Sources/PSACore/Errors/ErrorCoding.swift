#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

// Errors and reports as values that can be stored or sent to another process, and shown there in any language.

/// A message that has left its type: the pattern of each language, and its values.
///
/// Decoding a ``MessageValue`` gives such messages; they show the same text as those that were encoded.
public struct StoredMessage: LocalizedMessage, Codable {
    private let patterns: [Language: String]
    /// The values by name.
    public let values: [String: MessageValue]

    /// Takes the patterns and values out of a message.
    public init(_ message: any LocalizedMessage) {
        self.init(message, values: message.values)
    }

    /// Takes the patterns out of a message, and has other values for them.
    init(_ message: any LocalizedMessage, values: [String: MessageValue]) {
        patterns = Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, message.pattern(in: $0)) })
        self.values = values
    }

    /// The pattern of a language; the English one where the message was encoded before it had that language.
    public func pattern(in language: Language) -> String { patterns[language] ?? patterns[.english] ?? "" }
}

extension MessageValue: Codable {
    private enum CodingKeys: String, CodingKey {
        case verbatim, phrase, list, sentences, label, variable, moment, now
    }

    /// Reads what ``encode(to:)`` wrote.
    ///
    /// - Throws: `DecodingError` for another form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let text = try container.decodeIfPresent(String.self, forKey: .verbatim) {
            self = .verbatim(text)
        } else if let phrase = try container.decodeIfPresent(StoredMessage.self, forKey: .phrase) {
            self = .phrase(phrase)
        } else if let values = try container.decodeIfPresent([MessageValue].self, forKey: .list) {
            self = .list(values)
        } else if let values = try container.decodeIfPresent([MessageValue].self, forKey: .sentences) {
            self = .sentences(values)
        } else if let moment = try container.decodeIfPresent(Date.self, forKey: .moment) {
            self = .moment(moment, now: try container.decode(Date.self, forKey: .now))
        } else {
            self = .setting(
                label: try container.decode(String.self, forKey: .label),
                variable: try container.decodeIfPresent(String.self, forKey: .variable))
        }
    }

    /// Writes the value under the name of its kind.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .verbatim(let text): try container.encode(text, forKey: .verbatim)
        case .phrase(let message): try container.encode(StoredMessage(message), forKey: .phrase)
        case .list(let values): try container.encode(values, forKey: .list)
        case .sentences(let values): try container.encode(values, forKey: .sentences)
        case .setting(let label, let variable):
            try container.encode(label, forKey: .label)
            try container.encodeIfPresent(variable, forKey: .variable)
        case .moment(let moment, let now):
            try container.encode(moment, forKey: .moment)
            try container.encode(now, forKey: .now)
        }
    }
}

extension CauseEvidence: Codable {
    private enum CodingKeys: String, CodingKey {
        case probe, cause, confidence, evidence
    }

    /// Reads what ``encode(to:)`` wrote.
    ///
    /// - Throws: `DecodingError` for another form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decodeIfPresent(CauseID.self, forKey: .cause),
            try container.decodeIfPresent(Confidence.self, forKey: .confidence), by: try container.decode(Probe.self, forKey: .probe),
            evidence: try container.decodeIfPresent(StoredMessage.self, forKey: .evidence))
    }

    /// Writes the finding, with what was observed in every language.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(probe, forKey: .probe)
        try container.encodeIfPresent(cause, forKey: .cause)
        try container.encodeIfPresent(confidence, forKey: .confidence)
        try container.encodeIfPresent(evidence.map { StoredMessage($0) }, forKey: .evidence)
    }
}

extension CodingUserInfoKey {
    /// Where a decoder finds the ``ConnectorRegistry`` whose texts the errors that it reads are shown in.
    public static let connectorRegistry: CodingUserInfoKey = {
        guard let key = CodingUserInfoKey(rawValue: "psa-connectors.registry") else {
            preconditionFailure("The key of the registry is no key.")
        }
        return key
    }()
}

extension PSAError: Codable {
    private enum CodingKeys: String, CodingKey {
        case code, values, findings, concernedFields, retry, execution, suggestion, connector, request, vendor, replacedSettings
        case settingIssues = "problems"
        case ticketFieldIssues = "ticketFields"
        case correlationID
    }

    /// Reads an error back.
    ///
    /// Its texts are those of its connector if the decoder's `userInfo` has a registry with it under
    /// `CodingUserInfoKey.connectorRegistry`, and the shared ones otherwise.
    ///
    /// - Throws: `DecodingError` for another form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let connector = try container.decodeIfPresent(ConnectorID.self, forKey: .connector)
        let registry = decoder.userInfo[.connectorRegistry] as? ConnectorRegistry
        let descriptor = connector.flatMap { try? registry?.descriptor(named: $0.rawValue) }
        self.init(
            try container.decode(ErrorCode.self, forKey: .code), catalogue: descriptor?.guidance ?? .shared,
            request: try container.decodeIfPresent(String.self, forKey: .request),
            vendor: try container.decodeIfPresent(VendorReply.self, forKey: .vendor),
            settingIssues: try container.decode([SettingIssue].self, forKey: .settingIssues),
            correlationID: try container.decode(CorrelationID.self, forKey: .correlationID))
        self.connector = connector
        // A name that this version does not know is not asked for by its texts.
        let named = try container.decode([String: MessageValue].self, forKey: .values)
        values = Dictionary(
            uniqueKeysWithValues: named.compactMap { name, value in GuidanceTemplate.Slot(rawValue: name).map { ($0, value) } })
        findings = try container.decode([CauseEvidence].self, forKey: .findings)
        concernedFields = try container.decode([SettingKey].self, forKey: .concernedFields)
        replacedSettings = try container.decodeIfPresent([SettingKey].self, forKey: .replacedSettings) ?? []
        settingGuide = Self.guide(to: settingIssues, of: descriptor)
        retry = try container.decode(RetryAdvice.self, forKey: .retry)
        execution = try container.decodeIfPresent(WriteExecution.self, forKey: .execution)
        suggestion = try container.decodeIfPresent(Suggestion.self, forKey: .suggestion)
        ticketFieldIssues = try container.decode([TicketFieldIssue].self, forKey: .ticketFieldIssues)
    }

    /// Writes everything but the texts of its code, which belong to the program that shows them.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
        try container.encode(
            Dictionary(uniqueKeysWithValues: values.map { ($0.key.rawValue, $0.value) }), forKey: .values)
        try container.encode(findings, forKey: .findings)
        try container.encode(concernedFields, forKey: .concernedFields)
        if !replacedSettings.isEmpty { try container.encode(replacedSettings, forKey: .replacedSettings) }
        try container.encode(retry, forKey: .retry)
        try container.encodeIfPresent(execution, forKey: .execution)
        try container.encodeIfPresent(suggestion, forKey: .suggestion)
        try container.encodeIfPresent(connector, forKey: .connector)
        try container.encodeIfPresent(request, forKey: .request)
        try container.encodeIfPresent(vendor, forKey: .vendor)
        try container.encode(settingIssues, forKey: .settingIssues)
        try container.encode(ticketFieldIssues, forKey: .ticketFieldIssues)
        try container.encode(correlationID, forKey: .correlationID)
    }
}

extension ConnectionCheck: Codable {
    private enum CodingKeys: String, CodingKey {
        case subject = "id"
        case outcome, evidence, duration, error
    }

    /// Reads a check back; see ``PSAError/init(from:)`` for the texts of its error.
    ///
    /// - Throws: `DecodingError` for another form, and for a check that this version does not know.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode(Subject.self, forKey: .subject), try container.decode(Outcome.self, forKey: .outcome),
            evidence: try container.decode(StoredMessage.self, forKey: .evidence),
            duration: try container.decodeIfPresent(Duration.self, forKey: .duration),
            error: try container.decodeIfPresent(PSAError.self, forKey: .error))
    }

    /// Writes the check, with what was seen in every language.
    ///
    /// - Throws: Errors of the encoder.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(subject, forKey: .subject)
        try container.encode(outcome, forKey: .outcome)
        try container.encode(StoredMessage(evidence), forKey: .evidence)
        try container.encodeIfPresent(duration, forKey: .duration)
        try container.encodeIfPresent(error, forKey: .error)
    }
}

extension PSAError: LocalizedError {
    /// What happened, in English; ``guidance(in:)`` has every language.
    public var errorDescription: String? { guidance.detail }

    /// The surest cause, in English.
    public var failureReason: String? { guidance.causes.first?.text }

    /// The first step, in English.
    public var recoverySuggestion: String? { guidance.steps.first }

    /// The place in the project's guides.
    public var helpAnchor: String? { guidance.guide?.description }
}
