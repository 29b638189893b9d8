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

@Suite("Scaffold errors")
struct ScaffoldErrorTests {
    private static let problems: [ScaffoldError] = [
        .malformedName("syncro"), .malformedDisplayName("a|b"), .reservedName("Swift"), .takenName("Syncro", place: "Plugins/Syncro"),
        .takenID("halo", owner: "HaloPSA"), .wordOfTheCore("page", place: "Sources/PSACore/Paging/Page.swift"), .notThePackage("/tmp"),
        .notUnderGit("/tmp"), .noGit, .uncommitted(["a", "b"]), .unexpectedShape("Package.swift", missing: "let connectors = ["),
        .notWritten("Package.swift"), .notUndone("Package.swift", left: ["Docs/ConnectSyncro.md"]),
    ]

    @Test(arguments: problems, Language.allCases)
    func theMessageIsCompleteInEachLanguage(problem: ScaffoldError, language: Language) {
        let text = TextRenderer(language).text(problem)
        #expect(!text.contains("{") && text.hasSuffix("."), "\(text)")
        #expect(problem.pattern(in: language).namesInBraces == Set(problem.values.keys), "\(text)")
    }
}
