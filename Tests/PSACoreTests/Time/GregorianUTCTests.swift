import FoundationEssentials
import PSATesting
import Testing

@testable import PSACore

@Suite struct CalendarDateTests {
    @Test func everyDayOfFourHundredYearsIsFoundationsDay() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var date = Date(timeIntervalSince1970: -5_364_662_400)  // 1800-01-01
        let end = Date(timeIntervalSince1970: 7_258_118_400)  // 2200-01-01
        while date < end {
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let ours = GregorianUTC.instant(year: try #require(parts.year), month: try #require(parts.month), day: try #require(parts.day))
            try #require(ours == date)
            date.addTimeInterval(86_400)
        }
    }

    @Test func randomMomentsAreFoundationsMoments() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var random = SeededGenerator(seed: 1_582)
        for _ in 0..<5_000 {
            // From 1600, because Foundation's calendar is the Julian one before 1582.
            let moment = Date(timeIntervalSince1970: Double(Int.random(in: -11_676_096_000...253_402_300_799, using: &random)))
            let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: moment)
            let ours = GregorianUTC.instant(
                year: try #require(parts.year), month: try #require(parts.month), day: try #require(parts.day),
                hour: try #require(parts.hour),
                minute: try #require(parts.minute), second: try #require(parts.second))
            try #require(ours == moment, "\(parts)")
        }
    }

    @Test func daysFollowEachOtherFromYearOneOn() throws {
        var previous = try #require(GregorianUTC.instant(year: 1, month: 1, day: 1))
        #expect(previous == Date(timeIntervalSince1970: -62_135_596_800))
        for year in 1...2_400 {
            for month in 1...12 {
                for day in 1...31 {
                    guard let next = GregorianUTC.instant(year: year, month: month, day: day), next != previous else { continue }
                    try #require(next.timeIntervalSince(previous) == 86_400, "\(year)-\(month)-\(day)")
                    previous = next
                }
            }
        }
    }

    @Test(arguments: [
        (2024, 2, 29, true), (2023, 2, 29, false), (1900, 2, 29, false), (2000, 2, 29, true), (2023, 4, 31, false), (2023, 13, 1, false),
        (2023, 0, 1, false), (2023, 1, 0, false), (2023, 1, 32, false), (0, 1, 1, false), (-1, 1, 1, false), (10_000, 1, 1, false),
        (9_999, 12, 31, true), (Int.max, 1, 1, false), (2023, Int.min, 1, false),
    ])
    func aDateThatDoesNotExistIsNil(year: Int, month: Int, day: Int, exists: Bool) {
        #expect((GregorianUTC.instant(year: year, month: month, day: day) != nil) == exists)
    }

    @Test(arguments: [
        (23, 59, 59, 999_999_999, true), (0, 0, 60, 0, true), (24, 0, 0, 0, false), (0, 60, 0, 0, false), (0, 0, 61, 0, false),
        (-1, 0, 0, 0, false),
        (0, -1, 0, 0, false), (0, 0, -1, 0, false), (0, 0, 0, -1, false), (0, 0, 0, 1_000_000_000, false),
    ])
    func aTimeThatDoesNotExistIsNil(hour: Int, minute: Int, second: Int, nanosecond: Int, exists: Bool) {
        let moment = GregorianUTC.instant(year: 2026, month: 1, day: 1, hour: hour, minute: minute, second: second, nanosecond: nanosecond)
        #expect((moment != nil) == exists)
    }

    @Test func partsOfASecondAreKept() throws {
        let moment = try #require(GregorianUTC.instant(year: 1970, month: 1, day: 1, second: 1, nanosecond: 500_000_000))
        #expect(moment.timeIntervalSince1970 == 1.5)
    }
}
