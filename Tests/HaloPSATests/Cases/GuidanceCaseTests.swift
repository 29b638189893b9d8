import PSACore
import TestSupport
import Testing

@Suite("Diagnosis of common faulty set-ups")
struct GuidanceCaseTests {
    @Test(.timeLimit(.minutes(3)))
    func theRightCauseAndAFirstStepThatWorks() async throws {
        let cases = try GuidanceCase.all()
        #expect(cases.count == 64)
        let certificates = try CertificateServer()
        let runs = try await Self.play(cases, certificates)
        for run in runs where !run.misses.isEmpty { print(run.row) }
        func share(_ point: GuidanceRun.Point) -> Int { runs.count { !$0.misses.contains(point) } * 100 / runs.count }
        let line = GuidanceRun.Point.allCases.map { "\($0.rawValue) \(share($0)) %" }.joined(separator: ", ")
        print("guidance cases: \(runs.count), right: \(line)")
        #expect(share(.code) >= Self.held.code)
        #expect(share(.cause) >= Self.held.cause)
        #expect(share(.step) >= Self.held.step)
        let unexplained = runs.filter { !$0.misses.isEmpty && Self.disagreements[$0.name] == nil }
        #expect(unexplained.map(\.row) == [])
        let agreed = runs.filter { $0.misses.isEmpty && Self.disagreements[$0.name] != nil }
        #expect(agreed.map(\.name) == [], "These come out as expected now.")
    }

    /// The least share of right ones, in percent.
    private static let held = (code: 95, cause: 90, step: 90)

    /// Expectations that are not met, and why the text is kept.
    private static let disagreements: [String: String] = [
        "no ticket type in the request": "The command itself names the type, so that no setting changes it."
    ]

    /// Plays the cases, a few at a time, in the order of the file.
    private static func play(_ cases: [GuidanceCase], _ certificates: CertificateServer) async throws -> [GuidanceRun] {
        try await withThrowingTaskGroup(of: (Int, GuidanceRun).self) { group in
            var results: [Int: GuidanceRun] = [:]
            var next = 0
            func start() {
                guard next < cases.count else { return }
                let (index, setUp) = (next, cases[next])
                next += 1
                group.addTask { (index, try await GuidanceRun.of(setUp, certificates: certificates)) }
            }
            for _ in 0..<6 { start() }
            while let (index, run) = try await group.next() {
                results[index] = run
                start()
            }
            return cases.indices.compactMap { results[$0] }
        }
    }
}
