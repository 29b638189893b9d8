import FoundationEssentials

/// How much of a limit is used, as a bar with its numbers in words.
struct Meter: Sendable {
    /// What is measured.
    let label: HTML
    let value: Int
    let limit: Int
    /// The numbers with their unit, such as “120 of 500 requests in 5 minutes”.
    let reading: HTML

    /// The used part, from 0 to 100.
    var percent: Int { limit <= 0 ? 0 : min(100, max(0, value) * 100 / limit) }

    /// From four fifths of the limit a warning, at the limit a problem.
    var kind: Badge.Kind {
        switch percent {
        case ..<80: .good
        case ..<100: .warning
        default: .bad
        }
    }

    var html: HTML {
        """
        <div class="meter \(kind.rawValue)" role="group" aria-label="\(label)">
        <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect class="track" width="100" height="6"/><rect class="used" width="\(percent)" height="6"/></svg>
        <span>\(reading)</span></div>
        """
    }
}
