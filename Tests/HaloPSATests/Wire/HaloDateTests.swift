import FoundationEssentials
import Testing

@testable import HaloPSA

@Suite("HaloPSA dates")
struct HaloDateTests {
    @Test(
        "every form that was seen is read as UTC",
        arguments: [
            ("2026-10-03T06:24:10.967", 1_791_008_650.967), ("2026-10-02T23:00:00", 1_790_982_000.0),
            ("2026-04-23T19:42:21Z", 1_776_973_341.0),
            ("2026-08-05T05:32:44.8378294Z", 1_785_907_964.8378294), ("2026-08-05T05:32:44.99+00:00", 1_785_907_964.99),
            ("2026-08-05T07:32:44+02:00", 1_785_907_964.0), ("2026-08-05T00:02:44-05:30", 1_785_907_964.0),
            ("2026-08-05T05:32:44.9", 1_785_907_964.9),
            ("2026-08-05 05:32:44", 1_785_907_964.0), ("2026-08-05", 1_785_888_000.0), ("2024-02-29T00:00:00", 1_709_164_800.0),
        ])
    func readsForm(text: String, seconds: Double) throws {
        let date = try #require(HaloDate.parse(text))
        #expect(abs(date.timeIntervalSince1970 - seconds) < 0.000_01)
    }

    @Test(
        "sentinels, nonsense and other types are no date",
        arguments: [
            "1900-01-01T00:00:00", "1899-12-30T09:30:00", "1901-01-01T08:00:00.000Z", "1979-12-31T23:59:59", "0001-01-01T00:00:00", "",
            "2026-13-01", "2026-02-30", "2026-02-29T00:00:00", "2026-08-05T25:00:00", "2026-08-05T05:61:00", "2026-08-05T05:32",
            "yesterday",
            "2026-08-05T05:32:44.", "2026-08-05T05:32:44.1234567890", "2026-08-05T05:32:44+0", "2026-08-05T05:32:44 Z", "05/08/2026",
            "٢٠٢٦-08-05",
        ])
    func isNoDate(text: String) { #expect(HaloDate.parse(text) == nil) }

    @Test func aMissingTextIsNoDate() { #expect(HaloDate.parse(nil) == nil) }

    @Test func filtersTakeWholeSecondsWithoutZone() {
        #expect(HaloDate.filter(Date(timeIntervalSince1970: 1_785_907_964.99)) == "2026-08-05T05:32:44")
    }
}
