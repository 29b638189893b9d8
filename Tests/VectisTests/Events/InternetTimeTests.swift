import FoundationEssentials
import SQLite
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Timestamps of events")
struct InternetTimeTests {
    @Test(
        "a valid timestamp is read to the millisecond",
        arguments: [
            ("2026-11-24T03:00:00Z", 1_795_489_200.0), ("2026-11-24t03:00:00z", 1_795_489_200),
            ("2026-11-24T04:30:00+01:30", 1_795_489_200),
            ("2026-11-23T22:00:00-05:00", 1_795_489_200), ("2026-11-24T03:00:00-00:00", 1_795_489_200),
            ("2026-11-24T03:00:00.5Z", 1_795_489_200.5), ("2026-11-24T03:00:00.1239Z", 1_795_489_200.123),
            ("2026-11-24T03:00:00.000000000000001Z", 1_795_489_200), ("2024-02-29T00:00:00Z", 1_709_164_800),
            ("2000-02-29T00:00:00Z", 951_782_400), ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -0.001),
            ("1900-01-01T00:00:00Z", -2_208_988_800), ("9999-12-31T23:59:59.999Z", 253_402_300_799.999),
            ("2016-12-31T23:59:60Z", 1_483_228_800), ("2016-12-31T23:59:60.25Z", 1_483_228_800.25),
            ("2017-01-01T00:59:60+01:00", 1_483_228_800), ("2015-06-30T16:59:60-07:00", 1_435_708_800),
            ("2026-01-01T00:00:00+23:59", 1_767_139_260),
        ])
    func taken(text: String, seconds: Double) throws {
        let moment = try #require(InternetTime.timestamp(text))
        #expect(abs(moment.timeIntervalSince1970 - seconds) < 0.000_1, "\(moment.timeIntervalSince1970)")
        #expect(moment.storedMilliseconds == .integer(Int64((seconds * 1_000).rounded())))
    }

    @Test(
        "an invalid timestamp is rejected, never normalized",
        arguments: [
            "2026-02-30T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z",
            "2026-00-10T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T25:00:00Z",
            "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:60Z", "2026-03-31T23:59:60Z", "2016-12-31T23:59:60+01:00",
            "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "10000-01-01T00:00:00Z", "+2026-01-01T00:00:00Z",
            "-2026-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "1900-01-01T00:00:00+01:00", "2026-01-01T00:00:00", "2026-01-01",
            "2026-01-01 00:00:00Z", "2026-01-01T00:00Z", "2026-1-1T00:00:00Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z",
            "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+01", "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+00:60", "2026-01-01T00:00:00ZZ", "2026-01-01T00:00:00Z ", "1795489200", "", "now",
            "２０２６-01-01T00:00:00Z", "2026-W01-1T00:00:00Z", "2026-001T00:00:00Z", "2026-01-01T00:00:00\u{2212}01:00",
        ])
    func refused(text: String) {
        #expect(InternetTime.timestamp(text) == nil)
    }

    @Test func eachDayOfFourYearsIsThatDay() throws {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var day = 1_735_689_600.0
        for year in 2025...2028 {
            for (index, length) in lengths.enumerated() {
                let last = length + (index == 1 && year == 2028 ? 1 : 0)
                for number in 1...32 {
                    let text = "\(year)-\(index < 9 ? "0" : "")\(index + 1)-\(number < 10 ? "0" : "")\(number)T00:00:00Z"
                    #expect(InternetTime.timestamp(text)?.timeIntervalSince1970 == (number <= last ? day : nil), "\(text)")
                    if number <= last { day += 86_400 }
                }
            }
        }
    }
}
