import PSACore
import TestSupport
import Testing

@Suite("The shared table in Docs/WritingAConnector.md")
struct SharedTableTests {
    private static func status(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (Int.min, let last): "below \(last + 1)"
        case (let first, Int.max): "from \(first)"
        case (let first, let last): first == last ? "\(first)" : "\(first)–\(last)"
        }
    }

    private static func row(_ rule: ClassificationRule) -> String {
        let stages = RequestStage.allCases.filter(rule.stages.contains).map(\.rawValue)
        let conditions = [
            rule.shapes == [.html] ? "a web page" : nil, rule.vendorCode.map { "code `\($0)`" },
            rule.scopeIsMissing == false ? "the permission was granted" : nil,
        ].compactMap { $0 }
        let cells = [
            stages.count == RequestStage.allCases.count ? "any" : stages.joined(separator: ", "),
            rule.statuses.map(status).joined(separator: ", "), conditions.joined(separator: ", "), "`\(rule.code)`",
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }

    @Test func itIsTheTableThatClassifies() throws {
        let section = try RepositoryFile("Docs/WritingAConnector.md").lines.drop { $0 != "### The shared table" }.dropFirst()
            .prefix { !$0.hasPrefix("#") }
        let rows = section.filter { $0.hasPrefix("| ") }.dropFirst(2).map(String.init)
        #expect(rows == FailureClassifier.sharedRules.map(Self.row))
    }
}
