import Testing

@testable import HaloSimulator

@Suite("Timestamps")
struct HaloTimeTests {
    @Test(arguments: [
        ("2026-08-01T06:30:00", "2026-08-01T06:30:00.0000000Z"), ("2026-08-01", "2026-08-01T00:00:00.0000000Z"),
        ("2026-10-03T06:24:10.967", "2026-10-03T06:24:10.9670000Z"), ("2026-05-04T10:11:12.8378294Z", "2026-05-04T10:11:12.8378294Z"),
        ("2026-08-05T05:32:44.99+02:00", "2026-08-05T03:32:44.9900000Z"), ("1900-01-01T00:00:00", "1900-01-01T00:00:00.0000000Z"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59.0000000Z"), ("2026-01-01 01:02", "2026-01-01T01:02:00.0000000Z"),
    ])
    func everyFormatIsParsed(_ text: String, _ expected: String) {
        #expect(HaloTime(text: text)?.text(.saved) == expected)
    }

    @Test(arguments: [
        "", "soon", "2026-13-01", "2026-01-01T", "2026-01-01T25:00:00", "2026-01-01T00:00:00.", "2026-01-01T00:00:00X", "26-01-01",
    ])
    func invalidTextIsNotParsed(_ text: String) {
        #expect(HaloTime(text: text) == nil)
    }

    @Test func anyNumberOfFractionDigitsIsWritten() {
        let time = HaloTime(text: "2026-05-04T10:11:12.1234567Z")
        #expect(time?.text(.plain) == "2026-05-04T10:11:12")
        #expect(time?.text(.init(fractionDigits: 3, zone: false)) == "2026-05-04T10:11:12.123")
        #expect(time?.text(.init(fractionDigits: 1, zone: true)) == "2026-05-04T10:11:12.1Z")
    }
}
