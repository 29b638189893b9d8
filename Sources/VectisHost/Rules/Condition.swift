import FoundationEssentials
import PSACore

/// One test of an event.
struct Condition: Sendable, Equatable {
    /// What it looks at.
    enum Field: String, Sendable, CaseIterable {
        case source, type, severity, company, companyID = "company_id", device, text, hour

        /// The field in words.
        var title: String {
            switch self {
            case .source: "Source"
            case .type: "Event type"
            case .severity: "Severity"
            case .company: "Company"
            case .companyID: "Company id in the PSA"
            case .device: "Device"
            case .text: "Text"
            case .hour: "Hour of the day (UTC)"
            }
        }

        /// How it can be compared.
        var comparisons: [Comparison] {
            switch self {
            case .severity: [.equals, .oneOf, .atLeast]
            case .hour: [.betweenHours]
            default: [.equals, .contains, .oneOf]
            }
        }
    }

    /// How it compares; letters' case does not matter.
    enum Comparison: String, Sendable, CaseIterable {
        case equals, contains, oneOf = "one_of", atLeast = "at_least", betweenHours = "between_hours"

        /// The comparison in words.
        var title: String {
            switch self {
            case .equals: "is"
            case .contains: "contains"
            case .oneOf: "is one of (separated by commas)"
            case .atLeast: "is at least"
            case .betweenHours: "is between (such as 18-7)"
            }
        }
    }

    var field: Field
    var comparison: Comparison
    /// What it compares with, as it was typed.
    var value: String

    /// What is wrong with it, or nil.
    var problem: String? {
        let typed = value.trimmingSpaces
        guard field.comparisons.contains(comparison) else { return "“\(field.title)” can't be compared with “\(comparison.title)”." }
        guard !typed.isEmpty else { return "“\(field.title) \(comparison.title)” needs a value." }
        guard typed.count <= 500 else { return "The value for “\(field.title)” has more than 500 characters." }
        switch (field, comparison) {
        case (.severity, _):
            let unknown = choices.first { HostEvent.Severity(rawValue: $0) == nil }
            let known = HostEvent.Severity.allCases.map(\.rawValue).joined(separator: ", ")
            return unknown.map { "There is no severity “\($0)”. Known: \(known)." }
        case (.hour, _): return hours == nil ? "Hours are given as two numbers from 0 to 24, such as 18-7." : nil
        default: return nil
        }
    }

    /// Whether an event passes.
    func holds(for event: HostEvent) -> Bool {
        switch comparison {
        case .equals: text(of: event).lowercased() == value.trimmingSpaces.lowercased()
        case .contains: text(of: event).lowercased().contains(value.trimmingSpaces.lowercased())
        case .oneOf: choices.contains(text(of: event).lowercased())
        case .atLeast: HostEvent.Severity(rawValue: value.trimmingSpaces.lowercased()).map { event.severity >= $0 } ?? false
        case .betweenHours: hours.map { Self.isHour(of: event.at, in: $0) } ?? false
        }
    }

    private var choices: [String] {
        let parts = comparison == .oneOf ? value.split(separator: ",").map(String.init) : [value]
        return parts.map { $0.trimmingSpaces.lowercased() }.filter { !$0.isEmpty }
    }

    private var hours: (from: Int, to: Int)? {
        let parts = value.split(separator: "-", omittingEmptySubsequences: false).map { Int(String($0).trimmingSpaces) }
        guard parts.count == 2, let from = parts[0], let to = parts[1], (0...24).contains(from), (0...24).contains(to), from != to else {
            return nil
        }
        return (from, to)
    }

    /// From the first hour on and before the second; past midnight where the second is smaller.
    private static func isHour(of moment: Date, in hours: (from: Int, to: Int)) -> Bool {
        let secondsOfDay = moment.timeIntervalSince1970 - (moment.timeIntervalSince1970 / 86_400).rounded(.down) * 86_400
        let hour = Int(secondsOfDay / 3_600)
        return hours.from < hours.to ? (hours.from..<hours.to).contains(hour) : hour >= hours.from || hour < hours.to
    }

    private func text(of event: HostEvent) -> String {
        switch field {
        case .source: event.source
        case .type: event.type
        case .severity: event.severity.rawValue
        case .company: event.company
        case .companyID: event.companyID
        case .device: event.device
        case .text: event.text
        case .hour: ""
        }
    }
}

extension RuleDefinition {
    /// Whether an event makes the rule fire.
    func matches(_ event: HostEvent) -> Bool {
        let isHeard = eventTypes.isEmpty || eventTypes.contains { $0.lowercased() == event.type.lowercased() }
        return isHeard && (groups.isEmpty || groups.contains { $0.tests.allSatisfy { $0.holds(for: event) } })
    }
}
