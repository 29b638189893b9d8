import FoundationEssentials
import PSACore
package import PSAEngine

/// One test of an event, or of the company in the PSA that it concerns.
package struct Condition: Sendable, Equatable {
    /// The property that is compared.
    package enum Field: String, Sendable, CaseIterable {
        case source, type, severity, company, companyID = "company_id", device, text, hour
        case psaCompanyName = "psa_company_name", psaCompanyActive = "psa_company_active"

        /// Whether it is read in the PSA; all others are in the event.
        package var isInPSA: Bool { self == .psaCompanyName || self == .psaCompanyActive }

        /// The field's name for display.
        package var title: String {
            switch self {
            case .source: "Source"
            case .type: "Event type"
            case .severity: "Severity"
            case .company: "Company"
            case .companyID: "Company id in the PSA"
            case .device: "Device"
            case .text: "Text"
            case .hour: "Time of day"
            case .psaCompanyName: "Company name in the PSA"
            case .psaCompanyActive: "Company active in the PSA"
            }
        }

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

    /// How it compares; case-insensitive.
    package enum Comparison: String, Sendable, CaseIterable {
        case equals, contains, oneOf = "one_of", atLeast = "at_least", betweenHours = "between_hours"

        /// The comparison for display.
        package var title: String {
            switch self {
            case .equals: "is"
            case .contains: "contains"
            case .oneOf: "is one of"
            case .atLeast: "is at least"
            case .betweenHours: "is between"
            }
        }
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
    package var issue: String? {
        let typed = value.trimmingSpaces
        guard field.comparisons.contains(comparison) else { return "“\(field.title)” can't be compared with “\(comparison.title)”." }
        guard !typed.isEmpty else { return "“\(field.title) \(comparison.title)” needs a value." }
        guard typed.count <= Self.maxLength else {
            return "The value for “\(field.title)” has more than \(Self.maxLength) characters."
        }
        switch (field, comparison) {
        case (.severity, _):
            let unknown = choices.first { HostEvent.Severity(rawValue: $0) == nil }
            let known = HostEvent.Severity.allCases.map(\.rawValue).joined(separator: ", ")
            return unknown.map { "There is no severity “\($0)”. Known: \(known)." }
        case (.psaCompanyActive, _):
            return ["yes", "no"].contains(typed.lowercased()) ? nil : "“\(field.title)” is compared with “yes” or “no”."
        case (.hour, _):
            if times == nil { return "A time of day is compared with two different times from 00:00 to 24:00, such as 18:00-07:00." }
            return timeZone.isKnown ? nil : "There is no time zone “\(timeZone.rawValue.prefix(40))”. An example is Europe/Berlin."
        default: return nil
        }
    }

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
        let (text, wanted) = (text.lowercased(), value.trimmingSpaces.lowercased())
        return switch comparison {
        case .equals: text == wanted
        case .contains: text.contains(wanted)
        case .oneOf: choices.contains(text)
        case .atLeast, .betweenHours: false
        }
    }

    /// The values that it compares with, in lower case and without empty ones.
    package var choices: [String] {
        let parts = comparison == .oneOf ? value.split(separator: ",").map(String.init) : [value]
        return parts.map { $0.trimmingSpaces.lowercased() }.filter { !$0.isEmpty }
    }

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
