import FoundationEssentials
import PSACore
import PSAEngine
import PSATesting
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The page `Docs/Conformance.md`, made from the rules themselves.
struct ConformanceReference {
    /// The whole page.
    var markdown: String {
        ([head] + ConnectorGrade.allCases.map(section)).joined(separator: "\n\n") + "\n"
    }

    private let head = """
        # Rules of a connector

        This page is written by `make docs` from the rules that `vectis conformance` and `swift test` run; do not edit it.

        A grade is reached when every rule of it, and of the grades before it, is kept. A rule that a connector does not keep yet is listed in its
        profile as **todo** with a reason, and the grade stays out of reach; the suite fails once it is kept after all. A rule that does not concern
        a connector is **exempt** with a reason, or **not applicable** by what the connector declares, and counts as kept. A rule that could not
        be checked, such as writing without permission to write, is **not run** and does not count.
        """

    private func section(_ grade: ConnectorGrade) -> String {
        let rules = ConformanceRule.all.filter { $0.grade == grade }
        let rows = rules.map { "| `\($0.id)` | \($0.title) | \($0.reason) |" }
        return
            ([
                "## \(grade.rawValue.capitalized): \(rules.count) rules", "", "| Rule | A connector keeps it when | Otherwise |",
                "| --- | --- | --- |",
            ]
            + rows).joined(separator: "\n")
    }
}
