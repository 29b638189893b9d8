import Foundation
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import Testing

@testable import HaloPSA

/// Random and damaged answers through everything that reads them: never a crash, always a code.
///
/// `FUZZ_ROUNDS` sets how many, `FUZZ_SEED` which ones; each round depends on seed and number alone.
@Suite("HaloPSA read at its worst", .serialized)
struct HaloFuzzTests {
    private static let rounds = number("FUZZ_ROUNDS") ?? 100_000
    private static let seed = UInt64(number("FUZZ_SEED") ?? 20_260_101)

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    private static func generator(_ round: Int) -> SeededGenerator {
        SeededGenerator(seed: seed &+ UInt64(truncatingIfNeeded: round) &* 0xD134_2543_DE82_EF95)
    }

    @Test func whateverComesHasACodeAndNothingCrashes() async throws {
        let samples = try await Self.samples()
        let classifiers = [true, false].map { FailureClassifier(vendorRules: HaloErrorRules.rules(namesTenant: $0)) }
        let client = try Self.connector(ScriptedAnswers([])).client
        var reached = Reached()
        for round in 0..<Self.rounds {
            var random = Self.generator(round)
            let response = Self.response(samples, &random)
            let shape = BodyShape(of: response.body)
            let body = client.declaration.errorParser.explanation(of: response)
            _ = RetryAfter.wait(response.headers["Retry-After"], now: Date(timeIntervalSince1970: 1_800_000_000))
            let token = ClientCredentialsGrant.token(in: response, receivedAt: MonotonicInstant(elapsed: .zero))
            reached.tokens += token == nil ? 0 : 1
            // Two stages in each round, so that every stage meets every kind of input without doubling the time.
            for stage in RequestStage.allCases.shuffled(using: &random).prefix(2) {
                let signal = FailureEvidence(
                    stage: stage, status: response.status, shape: shape, vendorCode: body.code, vendorMessage: body.message,
                    scopeIsMissing: [nil, true, false].randomElement(using: &random) ?? nil)
                let code = classifiers[round & 1].code(for: signal)
                try #require(Self.canBeSaid.contains(code), "\(code) at \(signal): \(Self.name(round))")
            }
            if body.message != nil {
                reached.messages += 1
                for stage in RequestStage.allCases {
                    _ = await client.error(for: response, at: stage, about: .newTicket, requiredScope: "edit:tickets", request: "POST /")
                }
            }
            Self.map(response.body, round, client, &reached)
        }
        // The damage must not be such that nothing gets past the first reader.
        guard Self.rounds >= 10_000 else { return }
        #expect(reached.rows * 20 > Self.rounds && reached.records * 20 > Self.rounds, "\(reached)")
        #expect(reached.messages * 20 > Self.rounds && reached.tokens * 1_000 > Self.rounds, "\(reached)")
    }

    @Test func everyOperationEndsWithACodeOrAResult() async throws {
        let samples = try await Self.samples()
        for round in 0..<max(1, Self.rounds / 200) {
            var random = Self.generator(-1 - round)
            let answers = (0..<8).map { _ in Self.response(samples, &random) }
            let connector = try Self.connector(ScriptedAnswers([Self.goodToken] + answers))
            do {
                switch round % 5 {
                case 0: _ = try await connector.tickets(changedSince: nil, at: nil)
                case 1: _ = try await connector.createTicket(TicketDraft(summary: "x", type: RecordID(1)))
                case 2: _ = try await connector.ticketStatuses(for: RecordID(1))
                case 3: _ = try await connector.addPrivateNote("x", to: RecordID(1))
                default:
                    let report = try await connector.testConnection { _ in }
                    try #require(report.isConnected || report.failure != nil, "\(Self.name(round))")
                }
            } catch is PSAError {
            } catch {
                Issue.record("\(error) is not a PSAError: \(Self.name(round))")
            }
        }
    }

    private static func name(_ round: Int) -> String { "FUZZ_SEED=\(seed), round \(round)" }

    /// Codes that an answer can have; the others are about settings, certificates, or failures without any answer.
    private static let canBeSaid = Set(
        ErrorCode.allCases.filter { ["proxy", "auth", "permission", "request", "ticket", "rate", "vendor", "write"].contains($0.area) }
            + [.urlNotVendor, .networkTimeout, .connectorDefect])
}
