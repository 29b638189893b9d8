package import PSACore

/// What a person reads beside the outcome of a job, as it is stored in English sentences.
///
/// Programs read the stored sentences; pages show them in the viewer's language.
package enum JobRemark: Sendable, Hashable {
    /// The write was in the PSA before it was to be sent.
    case foundBeforeSending
    /// More tickets than one carry the reference; the numbers of the others.
    case foundAgain([String])
    /// A request was made to the tenant that the connection led to before.
    case sentToFormerTenant
    /// It was not written, and is not sent again, because its source was removed.
    case sourceRemoved
    /// What the PSA stored otherwise than asked.
    case differences([TicketDifference])
    /// How a ticket was found, and what the PSA has stored otherwise than asked.
    indirect case found(JobRemark, [TicketDifference])
    /// Sentences of another version.
    case other(String)

    /// The longest text that is read; a longer one is shown as it is.
    package static let maxBytes = 65_536

    /// Joins how a ticket was found, nil for an answer, and its differences.
    init(_ remark: JobRemark?, _ differences: [TicketDifference]) {
        if let remark {
            self = differences.isEmpty ? remark : .found(remark, differences)
        } else {
            self = .differences(differences)
        }
    }

    /// The remark as it is stored; empty for no differences.
    package var stored: String {
        let renderer = TextRenderer()
        return sentences.map { renderer.text($0) }.joined(separator: " ")
    }

    /// The remark, a sentence for each thing.
    package var sentences: [any LocalizedMessage] {
        switch self {
        case .foundBeforeSending, .foundAgain, .sentToFormerTenant, .sourceRemoved: [JobRemarkMessage(remark: self)]
        case .differences(let differences): differences.map(\.sentence)
        case .found(let remark, let differences): remark.sentences + differences.map(\.sentence)
        case .other(let text): text.isEmpty ? [] : [JobRemarkMessage(remark: self)]
        }
    }

    /// Reads what is stored; what would not be written in the same way again is kept as it is.
    package init(stored text: String) {
        self = .other(text)
        guard !text.isEmpty, text.utf8.count <= Self.maxBytes else { return }
        var read = Self.findings(in: text)
        if let differences = Self.differences(in: text) { read.append(.differences(differences)) }
        if let start = text.firstRange(of: " " + DifferenceSentence.start),
            let differences = Self.differences(in: String(text[text.index(after: start.lowerBound)...]))
        {
            read += Self.findings(in: String(text[..<start.lowerBound])).map { .found($0, differences) }
        }
        if let remark = read.first(where: { $0.stored == text }) { self = remark }
    }

    /// What a text without differences may be.
    private static func findings(in text: String) -> [JobRemark] {
        let fixed = [JobRemark.foundBeforeSending, .sentToFormerTenant, .sourceRemoved]
        guard let values = SentenceParts(.foundAgain([SentenceParts.marker])).values(in: text) else { return fixed }
        return fixed + [.foundAgain(values[0].split(separator: ", ", omittingEmptySubsequences: false).map(String.init))]
    }

    /// The differences that sentences tell of; nil if one of them is something else.
    private static func differences(in text: String) -> [TicketDifference]? {
        var differences: [TicketDifference] = []
        for sentence in sentences(in: text) {
            guard let difference = DifferenceSentence.all.lazy.compactMap({ $0.difference(in: sentence) }).first else { return nil }
            differences.append(difference)
        }
        return differences
    }

    /// The sentences of a text, each of which begins as those about differences do.
    private static func sentences(in text: String) -> [String] {
        var sentences: [String] = []
        for piece in text.split(separator: " " + DifferenceSentence.start, omittingEmptySubsequences: false) {
            sentences.append(sentences.isEmpty ? String(piece) : DifferenceSentence.start + piece)
        }
        return sentences
    }
}

/// The sentences of ``JobRemark`` that are no differences.
private struct JobRemarkMessage: LocalizedMessage {
    let remark: JobRemark

    var values: [String: MessageValue] {
        switch remark {
        case .foundAgain(let numbers): ["numbers": .verbatim(numbers.joined(separator: ", "))]
        case .other(let text): ["text": .verbatim(text)]
        case .foundBeforeSending, .sentToFormerTenant, .sourceRemoved, .differences, .found: [:]
        }
    }

    func pattern(in language: Language) -> String {
        switch (remark, language) {
        case (.foundBeforeSending, .english): "It was found in the PSA before it was to be sent, and was not sent again."
        case (.foundBeforeSending, .german): "Im PSA-System gefunden, bevor es gesendet werden sollte; nicht noch einmal gesendet."
        case (.foundAgain, .english): "Found more than once: {numbers} as well."
        case (.foundAgain, .german): "Mehrfach gefunden: außerdem {numbers}."
        case (.sentToFormerTenant, .english):
            "A request was made to the tenant that the connection led to before. Look there for the reference."
        case (.sentToFormerTenant, .german):
            "Eine Anfrage ging an den Tenant, zu dem die Verbindung vorher führte. Dort nach der Referenz suchen."
        case (.sourceRemoved, .english): "It was not written, and is not sent again, because its rule was removed."
        case (.sourceRemoved, .german): "Nicht geschrieben und nicht noch einmal gesendet, weil die Regel entfernt wurde."
        case (.other, _), (.differences, _), (.found, _): "{text}"
        }
    }
}

/// An English sentence between whose fixed parts values stand.
private struct SentenceParts: Sendable {
    /// What stands for a value while the parts are found.
    static let marker = "\u{1}"

    let parts: [String]

    init(_ remark: JobRemark) { parts = remark.stored.split(separator: Self.marker, omittingEmptySubsequences: false).map(String.init) }

    /// The values of a sentence that has these parts; nil for any other.
    func values(in sentence: String) -> [String]? {
        guard let first = parts.first, let last = parts.last, sentence.hasPrefix(first) else { return nil }
        var (values, rest) = ([String](), sentence.dropFirst(first.count))
        for part in parts.dropFirst().dropLast() {
            guard let found = rest.firstRange(of: part) else { return nil }
            values.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        guard rest.hasSuffix(last) else { return nil }
        return values + [String(rest.dropLast(last.count))]
    }
}

/// The sentence about a difference in one field.
private struct DifferenceSentence: Sendable {
    /// How each of them begins.
    static let start = "The PSA "

    private let field: TicketField.ID
    private let isLabelled: Bool
    private let isStored: Bool
    private let parts: SentenceParts

    private init(_ field: TicketField.ID, isLabelled: Bool, isStored: Bool) {
        self.field = field
        self.isLabelled = isLabelled
        self.isStored = isStored
        let marker = SentenceParts.marker
        parts = SentenceParts(
            .differences([
                TicketDifference(field, label: isLabelled ? marker : nil, requested: marker, stored: isStored ? marker : nil)
            ]))
    }

    static let all: [DifferenceSentence] = [true, false].flatMap { isStored in
        TicketField.ID.standard.sorted { $0.rawValue < $1.rawValue }.map { DifferenceSentence($0, isLabelled: false, isStored: isStored) }
            // Any field that not every vendor has is named by its label.
            + [DifferenceSentence(TicketField.ID(0), isLabelled: true, isStored: isStored)]
    }

    func difference(in sentence: String) -> TicketDifference? {
        guard var values = parts.values(in: sentence) else { return nil }
        let label = isLabelled ? values.removeFirst() : nil
        let stored = isStored ? values.removeFirst() : nil
        guard let requested = values.first else { return nil }
        return TicketDifference(field, label: label, requested: requested, stored: stored)
    }
}
