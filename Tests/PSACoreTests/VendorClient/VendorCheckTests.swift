import PSATesting
import Synchronization
import Testing

@testable import PSACore

/// The subjects of checks in the order in which they ended.
private final class EndedChecks: Sendable {
    private let ended = Mutex<[ConnectionCheck.Subject]>([])

    var subjects: [ConnectionCheck.Subject] { ended.withLock { $0 } }

    func append(_ subject: ConnectionCheck.Subject) { ended.withLock { $0.append(subject) } }
}

@Suite("Vendor client: checks", .timeLimit(.minutes(1)))
struct VendorCheckTests {
    @Test(arguments: [(true, ConnectionCheck.Outcome.failed), (false, .warning)])
    func aCheckThatFailsIsAFailureOrAWarning(isEssential: Bool, outcome: ConnectionCheck.Outcome) async throws {
        let fixture = VendorClientFixture(.status(404, "{}"))
        let client = try fixture.client(.none)
        let check = try await client.check(.read(.readTickets), isEssential: isEssential) {
            _ = try await client.read("/tickets")
            return (.connectionTest, nil)
        }
        #expect(check.subject == .read(.readTickets) && check.outcome == outcome && check.error?.code == .requestNotFound)
    }

    @Test func aCheckPassesOrWarnsWithWhatWasObservedAndIsMeasured() async throws {
        let fixture = VendorClientFixture()
        let client = try fixture.client(.none)
        let passed = try await client.check(.credentials) {
            fixture.time.advance(by: 3)
            return (.itsSettings, nil)
        }
        #expect(passed.outcome == .passed && passed.duration == .seconds(3) && passed.evidence as? CoreMessage == .itsSettings)
        let warning = PSAError(.permissionNothingVisible)
        let limited = try await client.check(.credentials) { (.itsSettings, warning) }
        #expect(limited.outcome == .warning && limited.error?.code == .permissionNothingVisible)
        await #expect(throws: CancellationError.self) {
            _ = try await client.check(.credentials) { throw CancellationError() }
        }
    }

    @Test(
        arguments: [
            (3, nil, ConnectionCheck.Outcome.passed, VendorClientMessage.rowsSeen(3)), (1, 260, .passed, .rowsSeen(260)),
            (0, nil, .warning, .noRows), (0, 0, .warning, .noRows),
        ] as [(Int, Int?, ConnectionCheck.Outcome, VendorClientMessage)])
    func aReadCheckCountsRowsAndWarnsOfNone(
        rows: Int, total: Int?, outcome: ConnectionCheck.Outcome, observed: VendorClientMessage
    ) async throws {
        let client = try VendorClientFixture().client(.none)
        let check = try await client.readCheck(.readCompanies, about: .itsSettings) {
            Page(items: Array(repeating: 1, count: rows), total: total)
        }
        #expect(check.subject == .read(.readCompanies) && check.outcome == outcome && check.evidence as? VendorClientMessage == observed)
        #expect(check.error?.code == (outcome == .warning ? .permissionNothingVisible : nil))
    }

    @Test(arguments: [(true, ConnectionCheck.Outcome.failed), (false, .warning)])
    func aReadCheckThatFailsIsAFailureOrAWarning(isEssential: Bool, outcome: ConnectionCheck.Outcome) async throws {
        let client = try VendorClientFixture(.status(404, "{}")).client(.none)
        let check = try await client.readCheck(.readTickets, isEssential: isEssential) {
            try await client.page("/tickets") { $0.text("id") }
        }
        #expect(check.outcome == outcome && check.error?.code == .requestNotFound)
    }

    @Test func checksInSequenceEndWithTheFirstThatFails() async throws {
        let client = try VendorClientFixture().client(.none)
        let ended = EndedChecks()
        let error = PSAError(.requestNotFound)
        let outcomes: [(ConnectionCheck.Subject, ConnectionCheck.Outcome)] = [
            (.address, .warning), (.credentials, .failed), (.write, .warning),
        ]
        let checks = try await client.sequentialChecks(of: outcomes, progress: { ended.append($0.subject) }) { subject, outcome in
            ConnectionCheck(subject, outcome, error: error)
        }
        #expect(checks.map(\.subject) == [.address, .credentials] && ended.subjects == [.address, .credentials])
    }

    @Test func checksRunAtTheSameTimeAndComeBackInOrder() async throws {
        let client = try VendorClientFixture().client(.none)
        let secondEnded = Signal()
        let ended = EndedChecks()
        let checks = try await client.concurrentChecks(
            of: [ConnectionCheck.Subject.address, .credentials],
            progress: { check in
                ended.append(check.subject)
                if check.subject == .credentials { secondEnded.fire() }
            }
        ) { subject in
            if subject == .address { await secondEnded.wait() }
            return ConnectionCheck(skipped: subject)
        }
        #expect(checks.map(\.subject) == [.address, .credentials])
        #expect(ended.subjects == [.credentials, .address])
        #expect(try await client.concurrentChecks(of: [Int](), progress: { _ in }) { _ in ConnectionCheck(skipped: .address) }.isEmpty)
    }

    @Test func aCheckThatIsCancelledCancelsTheOthers() async throws {
        let client = try VendorClientFixture().client(.none)
        await #expect(throws: CancellationError.self) {
            _ = try await client.concurrentChecks(of: [1, 2], progress: { _ in }) { step in
                if step == 1 { throw CancellationError() }
                try await Task.sleep(for: .seconds(3_600))
                return ConnectionCheck(skipped: .address)
            }
        }
    }
}
