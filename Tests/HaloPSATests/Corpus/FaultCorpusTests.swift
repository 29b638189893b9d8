import PSACore
import Testing

@Suite("Diagnosis of failing HaloPSA connections")
struct FaultCorpusTests {
    @Test("the cause, the first step and the field are the right ones", arguments: FaultCase.all)
    func saysWhatIsWrong(fault: FaultCase) async throws {
        let run = try await FaultRun.of(fault)
        let differences = run.differences(from: fault.expected)
        if let reason = FaultCase.knownMisses[fault.name] {
            #expect(!differences.isEmpty, "This comes out right now; it is no longer true that \(reason)")
        } else {
            #expect(differences == [])
        }
        #expect(run.violations == [])
        // Whatever a redirect or an answer named: nothing but this machine may have been asked where a peer was.
        if case .noServer = fault.peer {} else { #expect(run.requests.allSatisfy { Self.here.contains($0.origin.host) }) }
    }

    private static let here: Set<String> = ["127.0.0.1", "localhost", "[::1]"]

    @Test func theCorpusIsLargeAndItsMissesAreFew() {
        let names = FaultCase.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.count >= 64)
        #expect(FaultCase.knownMisses.count <= 5)
        #expect(FaultCase.knownMisses.keys.allSatisfy(names.contains))
    }
}
