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
        #expect(runs.filter { !$0.misses.isEmpty }.map(\.row) == [])
    }

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
