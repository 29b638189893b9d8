import PSACore
import TestSupport
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Scaffold plan")
struct ScaffoldPlanTests {
    private func plan(_ name: String = "Invented") throws -> [ScaffoldPlan.Change] {
        try ScaffoldPlan(ConnectorName(name), in: PackageFolder(RepositoryFile.rootPath()), registry: BuiltInConnectors.registry()).changes
    }

    /// The places in the table of the guide's first section, as paths, for an invented connector.
    ///
    /// “Syncro in `Plugins/`” is the folder `Plugins/Syncro`.
    private func places() throws -> [String] {
        let guide = try RepositoryFile("Docs/WritingAConnector.md").lines
        let section = guide.drop { $0 != "## 1. Start" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        return section.compactMap { line -> String? in
            guard let row = line.firstMatch(of: /^\| (?:(\S+) in )?`([^`]+)` \|/) else { return nil }
            return String(row.2) + (row.1 ?? "").replacing("Syncro", with: "Invented")
        }
    }

    @Test func aNewConnectorChangesOnlyThePlacesNamedInTheGuide() throws {
        let places = try places()
        var unused = Set(places)
        for path in try plan().map(\.path) {
            let place = places.first { path == $0 || path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
            #expect(place != nil, "The guide does not name \(path).")
            if let place { unused.remove(place) }
        }
        #expect(unused == [], "The guide names places that are not touched.")
    }

    @Test("a file that exists only gains lines", arguments: ["AnInvented", "Invented", "ZInvented"])
    func additions(name: String) throws {
        for change in try plan(name) {
            guard let before = change.before else { continue }
            let difference = change.after.split(separator: "\n", omittingEmptySubsequences: false)
                .difference(from: before.split(separator: "\n", omittingEmptySubsequences: false))
            #expect(difference.removals.isEmpty && (1...2).contains(difference.insertions.count), "\(change.path)")
        }
    }
}
