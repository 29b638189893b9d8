import Testing
@testable import VectisRules

@Suite("Durations as people write them") struct DurationTextTests {
    @Test(arguments: [
        ("90", 90), ("0", 0), ("90 minutes", 90), ("1 minute", 1), ("2 days", 2_880), ("2days", 2_880), (" 2  Days ", 2_880),
        ("1 day 4 hours", 1_680), ("1h 30m", 90), ("1 week", 10_080), ("3 Tage", 4_320), ("1 Stunde, 15 Minuten", 75), ("2 Wochen", 20_160),
        ("5 min.", 5),
    ])
    func aDurationIsRead(text: String, minutes: Int) {
        #expect(DurationText.minutes(text) == minutes)
    }

    @Test(arguments: [
        "", " ", "days", "2 fortnights", "-5", "1.5 days", "2 days 3 days", "day 2", "99999999", "12345678901234567890", "9999999 days",
        "٣ days", "2 days later", String(repeating: "1", count: 61),
    ])
    func whatIsNoDurationIsRefused(text: String) {
        #expect(DurationText.minutes(text) == nil)
    }

    @Test(arguments: [
        (0, "0 minutes"), (1, "1 minute"), (90, "90 minutes"), (60, "1 hour"), (120, "2 hours"), (1_440, "1 day"), (2_880, "2 days"),
        (10_080, "7 days"), (1_500, "25 hours"), (2_881, "2881 minutes"),
    ])
    func aDurationIsWrittenInTheLargestUnitThatFits(minutes: Int, text: String) {
        #expect(DurationText.text(minutes) == text)
    }

    @Test func whatIsWrittenIsReadAgain() {
        for minutes in Array(0...3_000) + [10_080, 525_600] { #expect(DurationText.minutes(DurationText.text(minutes)) == minutes) }
    }
}
