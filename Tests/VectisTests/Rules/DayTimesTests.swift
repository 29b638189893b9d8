import Foundation
import PSACore
import Testing
@testable import PSAEngine
@testable import VectisRules

@Suite("Times of day in a time zone") struct DayTimesTests {
    private static func timestamp(_ text: String) throws -> Date { try Date(text, strategy: .iso8601) }

    @Test(arguments: [
        ("18-7", "18:00-07:00"), ("18:30-07:05", "18:30-07:05"), (" 9 - 17 ", "09:00-17:00"), ("0-24", "00:00-24:00"),
        ("23:59-24:00", "23:59-24:00"),
    ])
    func aRangeIsRead(text: String, written: String) throws {
        #expect(try #require(DayTimes(text)).text == written)
    }

    @Test(arguments: ["", "7", "7-7", "25-3", "18:60-7", "24:01-7", "18-7-8", "a-b", "-1-5", "18:-7", "007-9", "7:5:3-9", "１８-7"])
    func whatIsNoRangeIsRefused(text: String) {
        #expect(DayTimes(text) == nil)
    }

    @Test(
        "the clocks of the zone count, in summer as in winter",
        arguments: [
            // Berlin is two hours ahead of UTC in summer, and one in winter.
            ("2026-07-15T16:30:00Z", "Europe/Berlin", true), ("2026-07-15T15:59:59Z", "Europe/Berlin", false),
            ("2026-01-15T17:00:00Z", "Europe/Berlin", true), ("2026-01-15T16:59:59Z", "Europe/Berlin", false),
            ("2026-01-15T05:59:59Z", "Europe/Berlin", true), ("2026-01-15T06:00:00Z", "Europe/Berlin", false),
            ("2026-07-15T05:00:00Z", "Europe/Berlin", false),
            // New York is five hours behind in winter, so the evening begins on the next day of UTC.
            ("2026-01-15T23:00:00Z", "America/New_York", true), ("2026-01-15T22:59:00Z", "America/New_York", false),
            // Half an hour, and no daylight-saving time.
            ("2026-01-15T12:30:00Z", "Asia/Kolkata", true), ("2026-01-15T12:29:00Z", "Asia/Kolkata", false),
            ("2026-01-15T18:00:00Z", "UTC", true), ("2026-01-15T17:59:00Z", "UTC", false),
        ])
    func zones(time: String, zone: String, isIn: Bool) throws {
        let condition = Condition(field: .hour, comparison: .betweenHours, value: "18-7", timeZone: TimeZoneID(rawValue: zone))
        let event = HostEvent.sample(at: try Self.timestamp(time))
        #expect(condition.issue == nil)
        #expect(condition.holds(for: event) == isIn)
        // The prepared rules decide the same.
        let rule = Rule(
            id: RuleID(), name: "", revision: 1, mode: .active, definition: .sample(groups: [ConditionGroup(tests: [condition])]),
            createdAt: event.at, changedAt: event.at)
        #expect(RuleIndex([rule]).verdicts(on: event).isEmpty == !isIn)
    }

    @Test(
        "the hour that a change of the clocks leaves out or repeats",
        arguments: [
            // On 29 March 2026 the clocks of Berlin go from 02:00 to 03:00, at 01:00 UTC.
            ("2026-03-29T00:59:00Z", "1-2", true), ("2026-03-29T01:00:00Z", "2-3", false), ("2026-03-29T01:00:00Z", "3-4", true),
            // On 25 October 2026 they go from 03:00 back to 02:00, at 01:00 UTC: 02:30 is there twice.
            ("2026-10-25T00:30:00Z", "2-3", true), ("2026-10-25T01:30:00Z", "2-3", true), ("2026-10-25T02:00:00Z", "2-3", false),
        ])
    func changesOfTheClocks(time: String, value: String, isIn: Bool) throws {
        let condition = Condition(field: .hour, comparison: .betweenHours, value: value, timeZone: TimeZoneID(rawValue: "Europe/Berlin"))
        #expect(condition.holds(for: .sample(at: try Self.timestamp(time))) == isIn)
    }

    @Test(arguments: ["", "Europe/Atlantis", "GMT+3", "europe/berlin", "CEST", String(repeating: "x", count: 10_000)])
    func whatIsNoZoneIsRefusedAndHoldsForNothing(zone: String) {
        let condition = Condition(field: .hour, comparison: .betweenHours, value: "0-24", timeZone: TimeZoneID(rawValue: zone))
        #expect(condition.issue?.english.contains("There is no time zone") == true)
    }

    @Test func everyZoneThatIsOfferedIsKnown() {
        #expect(TimeZoneID.all.count > 400)
        #expect(TimeZoneID.all.allSatisfy { $0.isKnown })
        #expect(Set(TimeZoneID.all).count == TimeZoneID.all.count)
    }

    @Test func theZoneIsStoredWithTheConditionAndOlderOnesMeanUTC() throws {
        let condition = Condition(
            field: .hour, comparison: .betweenHours, value: "18:00-07:00", timeZone: TimeZoneID(rawValue: "Europe/Berlin"))
        let definition = RuleDefinition.sample(groups: [ConditionGroup(tests: [condition])])
        let stored = definition.json.encodedText
        #expect(RuleDefinition(json: try JSONDocument(Array(stored.utf8)).root)?.groups == definition.groups)
        let older = stored.replacing(#","timeZone":"Europe/Berlin""#, with: "")
        #expect(older != stored)
        let read = try #require(RuleDefinition(json: try JSONDocument(Array(older.utf8)).root))
        #expect(read.groups.first?.tests.first?.timeZone == .utc)
    }
}
