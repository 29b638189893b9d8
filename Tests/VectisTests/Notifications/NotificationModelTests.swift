import FoundationEssentials
import PSACore
import PSATesting
import SQL
import Synchronization
import Testing

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

/// Random histories of conditions, of processes that die and of answers that are lost.
@Suite("Notifications, whatever happens") struct NotificationModelTests {
    private static let codes: [ErrorCode] = [.networkTimeout, .authInvalidClient, .rateLimited, .vendorUnavailable]

    @Test func anAddressWithForeignLettersIsAnsweredWithWhatToType() throws {
        func problem(_ text: String) -> WebhookAddress.Problem? {
            if case .failure(let problem) = WebhookAddress.read(text, policy: .publicOnly) { problem } else { nil }
        }
        #expect(problem("https://exämple.com/") == .origin(.malformed(.foreignLetters)))
        #expect(problem("https://example.com/a b") == .origin(.malformed(.forbiddenCharacter)))
        #expect(problem("https://example.com/ä") == .target && problem("https://xn--exmple-cua.com/?a=%C3%A4") == nil)
        let message = ContactPointMessage.address(.malformed(.foreignLetters))
        #expect(TextRenderer().text(message).contains("xn--"))
    }

    @Test("every condition is reported, and none twice within its interval", arguments: 0..<40)
    func history(seed: UInt64) async throws {
        let fixture = try await NotificationFixture()
        var random = SeededGenerator(seed: seed)
        let chance = Mutex(SeededGenerator(seed: seed &+ 1_000))
        let interval = random.pick([5, 15, 60]) ?? 15
        let point = try await fixture.addPoint { $0.subscription.groupingMinutes = interval }
        let services = try [fixture.service(), fixture.service()]
        fixture.sender.decide {
            switch chance.withLock({ Int.random(in: 0..<10, using: &$0) }) {
            case 0...4: (.sent(warning: nil), true)
            case 5: (.refused(.init(.serverFailing), isTemporary: true), false)
            case 6: (.refused(.init(.messageRefused), isTemporary: false), false)
            case 7: (.unknown(.init(.outcomeUnknown)), false)
            // The answer is lost.
            default: (.unknown(.init(.outcomeUnknown)), true)
            }
        }
        await services[0].runOnce()
        fixture.pass(minutes: 1)
        for _ in 0..<120 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: try await fixture.breakConnection(random.pick(Self.codes) ?? .networkTimeout)
            case 3, 4:
                let code = random.pick(Self.codes) ?? .networkTimeout
                try await fixture.storage.resolveIssues(of: fixture.connection.id, areas: [code.area], at: fixture.time.now)
            case 5:
                // A process that dies after it has made messages.
                try await services[0].observe()
                try await services[0].makeMessages()
            case 6:
                // One that dies while it sends; the message arrives or not.
                let now = fixture.time.now
                let message = try await fixture.storage.leaseNotification(
                    by: ProcessID(), at: now, until: now.addingTimeInterval(NotificationService.lease.seconds))
                if let message, Bool.random(using: &random) {
                    _ = await fixture.sender.send(message.content, key: message.key, createdAt: message.createdAt, to: point)
                }
            default: await services[Int.random(in: 0..<2, using: &random)].runOnce()
            }
            fixture.pass(minutes: Double(Int.random(in: 1...8, using: &random)))
        }
        // Everything works again.
        fixture.sender.decide(nil)
        for _ in 0..<30 {
            await services[0].runOnce()
            fixture.pass(minutes: 31)
        }
        try await check(fixture, interval: interval)
    }

    private func check(_ fixture: NotificationFixture, interval: Int) async throws {
        struct Occurrence: Hashable {
            let name: String
            let since: Int
        }
        var reports: [Occurrence: [(change: NotificationPlan.Change, at: Date)]] = [:]
        for arrival in fixture.sender.arrivals {
            for item in arrival.content.items {
                let title = Occurrence(name: item.title, since: Int(item.since.timeIntervalSince1970))
                reports[title, default: []].append((item.change, arrival.at))
            }
        }
        // All conditions but that the contact point itself is broken, from the database.
        let conditions = try await fixture.storage.queue.read { database in
            try database.query("SELECT code, opened_at, ended_at FROM observed_condition WHERE kind <> 'contact_point_broken' ORDER BY id")
                .map { row in
                    (
                        code: try row.text("code"), openedAt: Int(try row.integer("opened_at") / 1_000),
                        hasEnded: try row.optionalInteger("ended_at") != nil
                    )
                }
        }
        #expect(!conditions.isEmpty && reports.count == conditions.count)
        for condition in conditions {
            let title = "Acme: " + PSAError(try #require(ErrorCode(rawValue: condition.code))).guidance.title
            let all = try #require(reports[Occurrence(name: title, since: condition.openedAt)], "\(condition) was not reported")
            #expect(all.contains { [.opened, .passed].contains($0.change) })
            #expect(all.contains { [.ended, .passed].contains($0.change) } == condition.hasEnded)
            for (earlier, later) in zip(all, all.dropFirst()) where earlier.change == later.change {
                #expect(later.at.timeIntervalSince(earlier.at) >= Double(interval) * 60, "\(condition): \(earlier) and \(later)")
            }
        }
        for (earlier, later) in zip(fixture.sender.arrivals, fixture.sender.arrivals.dropFirst()) {
            #expect(later.at.timeIntervalSince(earlier.at) >= Double(interval) * 60)
        }
    }
}
