import FoundationEssentials
package import PSACore
package import PSAEngine

/// One test of an event, or of the company in the PSA that it concerns.
package struct Condition: Sendable, Equatable {
    /// The property that is compared.
    package enum Field: String, Sendable, CaseIterable {
        case source, type, severity, company, companyID = "company_id", device, text, hour
        case psaCompanyName = "psa_company_name", psaCompanyActive = "psa_company_active"

        /// Whether it is read in the PSA; all others are in the event.
        package var isInPSA: Bool { self == .psaCompanyName || self == .psaCompanyActive }

        /// Whether events have it on one line, without control characters.
        fileprivate var isOneLine: Bool { [.source, .type, .company, .companyID, .device].contains(self) }

        /// A text in the form in which texts of the field are compared: the key of a company's name, otherwise lower case.
        ///
        /// The directory finds a company by that key, so a rule for it must not depend on the kind of a space.
        func compared(_ text: String) -> String {
            switch self {
            case .company, .psaCompanyName: CompanyName.key(of: text)
            default: text.lowercased()
            }
        }

        /// The field's name for programs.
        package var title: String { pattern(in: .english) }

        /// How it can be compared; everything else makes no sense and is refused.
        package var comparisons: [Comparison] {
            switch self {
            case .severity: [.equals, .oneOf, .atLeast]
            case .hour: [.betweenHours]
            case .psaCompanyActive: [.equals]
            default: [.equals, .contains, .oneOf]
            }
        }
    }

    /// How it compares: without case, and companies as ``CompanyName`` has them.
    package enum Comparison: String, Sendable, CaseIterable {
        case equals, contains, oneOf = "one_of", atLeast = "at_least", betweenHours = "between_hours"

        /// The comparison for programs.
        package var title: String { pattern(in: .english) }
    }

    package var field: Field
    package var comparison: Comparison
    /// What it compares with, as it was typed.
    package var value: String
    /// By whose clocks times of day are meant; nothing else depends on it.
    package var timeZone: TimeZoneID

    /// The most characters of a value.
    package static let maxLength = 500

    /// Creates a ``Condition``.
    package init(field: Field, comparison: Comparison, value: String, timeZone: TimeZoneID = .utc) {
        self.field = field
        self.comparison = comparison
        self.value = value
        self.timeZone = timeZone
    }

    /// What is wrong with it, or nil.
    package var issue: RuleProblem? {
        let typed = value.trimmingSpaces
        guard field.comparisons.contains(comparison) else { return .comparison(field, comparison) }
        guard !choices.isEmpty else { return .valueMissing(field, comparison) }
        guard typed.count <= Self.maxLength else { return .valueTooLong(field, limit: Self.maxLength) }
        switch (field, comparison) {
        case (.severity, _): return choices.first { HostEvent.Severity(rawValue: $0) == nil }.map(RuleProblem.severity)
        case (.psaCompanyActive, _): return ["yes", "no"].contains(typed.lowercased()) ? nil : .yesOrNo(field)
        case (.hour, _):
            guard times != nil else { return .timeOfDay }
            return timeZone.isKnown ? nil : .timeZone(timeZone.rawValue)
        default: return field.isOneLine && hasControlCharacter ? .valueNotOnOneLine(field) : nil
        }
    }

    private var hasControlCharacter: Bool { typedChoices.contains { $0.unicodeScalars.contains(where: HostEvent.isControl) } }

    /// Whether an event passes; a field that is in the PSA passes for none.
    package func holds(for event: HostEvent) -> Bool {
        switch comparison {
        case .equals, .contains, .oneOf: Self.text(field, of: event).map(passes) ?? false
        case .atLeast: HostEvent.Severity(rawValue: value.trimmingSpaces.lowercased()).map { event.severity >= $0 } ?? false
        case .betweenHours: times.map { $0.contains(event.at, in: timeZone.zone) } ?? false
        }
    }

    /// Whether a company passes; nil if the PSA does not say.
    package func holds(for company: CompanyFacts) -> Bool? {
        switch field {
        case .psaCompanyName: passes(company.name.trimmingSpaces)
        case .psaCompanyActive: company.isActive.map { passes($0 ? "yes" : "no") }
        default: false
        }
    }

    private func passes(_ text: String) -> Bool {
        let (text, wanted) = (field.compared(text), field.compared(value.trimmingSpaces))
        return switch comparison {
        case .equals: text == wanted
        case .contains: text.contains(wanted)
        case .oneOf: choices.contains(text)
        case .atLeast, .betweenHours: false
        }
    }

    /// The values that it compares with, as ``Field/compared(_:)`` has them and without empty ones.
    ///
    /// Several are read by ``CommaSeparated``.
    package var choices: [String] { typedChoices.map { field.compared($0.trimmingSpaces) }.filter { !$0.isEmpty } }

    private var typedChoices: [String] { comparison == .oneOf ? CommaSeparated.values(value) : [value] }

    /// The times of ``Comparison/betweenHours``; nil if the value is none.
    package var times: DayTimes? { DayTimes(value) }

    /// The text of a field; nil for one that is no text of the event.
    package static func text(_ field: Field, of event: HostEvent) -> String? {
        switch field {
        case .source: event.source
        case .type: event.type
        case .severity: event.severity.rawValue
        case .company: event.company
        case .companyID: event.companyID
        case .device: event.device
        case .text: event.text
        case .hour, .psaCompanyName, .psaCompanyActive: nil
        }
    }
}

extension Condition.Field: LocalizedMessage {
    package var values: [String: MessageValue] { [:] }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.source, .english): "Source"
        case (.source, .german): "Quelle"
        case (.type, .english): "Event type"
        case (.type, .german): "Ereignistyp"
        case (.severity, .english): "Severity"
        case (.severity, .german): "Schweregrad"
        case (.company, .english): "Company"
        case (.company, .german): "Firma"
        case (.companyID, .english): "Company id in the PSA"
        case (.companyID, .german): "ID der Firma im PSA-System"
        case (.device, .english): "Device"
        case (.device, .german): "Gerät"
        case (.text, .english): "Text"
        case (.text, .german): "Text"
        case (.hour, .english): "Time of day"
        case (.hour, .german): "Tageszeit"
        case (.psaCompanyName, .english): "Company name in the PSA"
        case (.psaCompanyName, .german): "Firmenname im PSA-System"
        case (.psaCompanyActive, .english): "Company active in the PSA"
        case (.psaCompanyActive, .german): "Firma im PSA-System aktiv"
        }
    }
}

extension Condition.Comparison: LocalizedMessage {
    package var values: [String: MessageValue] { [:] }

    package func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.equals, .english): "is"
        case (.equals, .german): "ist"
        case (.contains, .english): "contains"
        case (.contains, .german): "enthält"
        case (.oneOf, .english): "is one of"
        case (.oneOf, .german): "ist eines von"
        case (.atLeast, .english): "is at least"
        case (.atLeast, .german): "ist mindestens"
        case (.betweenHours, .english): "is between"
        case (.betweenHours, .german): "liegt zwischen"
        }
    }
}
