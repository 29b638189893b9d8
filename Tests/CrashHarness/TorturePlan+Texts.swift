import PSATesting

/// Runs in which answers are lost and the PSA makes something else of subjects, details and dates.
extension TorturePlan {
    static let changedSubjects = "subjects stored differently"
    static let changedEverything = "reference, details and subject gone"
    static let clocks = "vendor's clock off"
    static let zones = "date filter in local time"

    /// Every sign that Unicode counts as a space or hides, and the line ends.
    static let spaces: [Int] =
        [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x180E] + Array(0x2000...0x200D)
        + [0x2028, 0x2029, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF]

    /// Everything that a vendor is known to make of a subject, and its neighbours.
    static let changes: [String] = {
        let signs = spaces.map { String($0, radix: 16) }
        let padded = signs.flatMap { ["append-\($0)", "prepend-\($0)", "spaces-\($0)"] }
        let cuts = [1, 10, 20, 30, 40, 50, 59, 60, 61, 64, 80, 100, 127, 128].map { "cut\($0)" }
        let words = [
            "dropped", "trimmed", "squeezed", "html-escaped", "html-unescaped", "emoji-question", "ascii-question", "upper", "lower", "nfc",
            "nfd", "nfkc", "straight-quotes", "curly-quotes",
        ]
        return padded + cuts + words
    }()

    /// A subject in which each change has something to change.
    private static func subject(_ label: String, _ index: Int) -> String {
        "Müller & Söhne  “Server-Räume” don't <panic> Zu\u{308}rich 💾 \(label) no. \(index), the disk of the second array is full\u{A0}"
    }

    /// A few events whose answers are lost, with a change of the subject each, where nothing but opening the tickets helps.
    static func subjects(_ changes: [String], _ number: Int, isOpenable: Bool = true) -> TorturePlan {
        var plan = TorturePlan(isOpenable ? changedSubjects : changedEverything, number, events: changes.count)
        for index in plan.events.indices { plan.events[index].device = subject(plan.label, index) }
        plan.lastingFaults = ["third-party-filter-unsupported", "rows-thin"]
        if !isOpenable { plan.lastingFaults += ["third-party-dropped", "details:dropped"] }
        for (change, event) in zip(changes, plan.events) { plan.lastingFaults.append(fault("subject:\(change)", of: event)) }
        plan.faults = ["create-lost-reply"]
        plan.faultTime = 1_200
        return plan
    }

    /// All changes, eight to a run.
    static func allSubjects(from number: Int = 0) -> [TorturePlan] {
        stride(from: 0, to: changes.count, by: 8).enumerated().map { index, start in
            subjects(Array(changes[start..<min(start + 8, changes.count)]), number + index)
        }
    }

    /// Lost answers of a vendor whose clock, stored dates or date filters are off by so many hours.
    static func clock(_ kind: String, _ hours: Int, _ number: Int) -> TorturePlan {
        var plan = TorturePlan(kind == "date-filter-local" ? zones : clocks, number, events: 3, isAppending: number % 4 == 3)
        plan.lastingFaults = ["third-party-filter-unsupported", "rows-thin", "\(kind):\(hours < 0 ? "" : "+")\(hours)h"]
        plan.faults = ["create-lost-reply", "create-lost-reply:actions"]
        plan.faultTime = 1_200
        return plan
    }

    /// A clock at random, between -26 and +26 hours.
    static func clock(_ number: Int, _ generator: inout SeededGenerator) -> TorturePlan {
        let kind = ["clock", "clock-stored", "date-filter-local"][number % 3]
        let most = kind == "date-filter-local" ? 14 : 26
        return clock(kind, Int.random(in: -most...most, using: &generator), number)
    }
}
