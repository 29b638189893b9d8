import FoundationEssentials
import PSACore
import Testing
import VectisRules
import WebServer
@testable import VectisCore
@testable import VectisWeb

@Suite("For whom a page is made")
struct ViewerTests {
    private func request(_ headers: [(String, String)], path: String = "/rules") -> WebRequest {
        WebRequest(method: "GET", path: path, query: [], headers: WebHeaders(headers), body: [], remoteAddress: "127.0.0.1")
    }

    @Test(arguments: [
        ("", Language.english), ("de", .german), ("de-AT,de;q=0.9,en;q=0.8", .german), ("en-GB,en;q=0.9,de;q=0.8", .english),
        ("fr,de;q=0.5,en;q=0.4", .german), ("de;q=0,en", .english), ("en;q=0.2,de;q=0.9", .german), ("de;q=x", .english), ("*", .english),
        (",;q,,", .english), (String(repeating: "x", count: 600) + ",de", .english), ("DE", .german), ("de,en", .german),
        ("en,de", .english),
    ])
    func theBrowsersFirstLanguageThatExistsIsChosen(field: String, language: Language) {
        #expect(Viewer(request([("Accept-Language", field)]), now: .sampleNow).language == language)
    }

    @Test func programsReadEnglish() {
        #expect(Viewer(request([("Accept-Language", "de")], path: "/api/v1/rules"), now: .sampleNow).language == .english)
    }

    @Test(arguments: ["Europe/Berlin", "Pacific/Kiritimati", "America/Argentina/Buenos_Aires", "UTC"])
    func theZoneOfTheCookieIsUsed(name: String) {
        let viewer = Viewer(request([("Cookie", "a=b; vectis_zone=\(name)")]), now: .sampleNow)
        #expect(
            viewer.isZoneKnown
                && viewer.timeZone.secondsFromGMT(for: .sampleNow) == TimeZone(identifier: name)?.secondsFromGMT(for: .sampleNow))
    }

    @Test(arguments: [
        "Europe/Atlantis", "", "../../etc/passwd", "Europe/Berlin%00", "<script>", "Europe/" + String(repeating: "x", count: 60),
    ])
    func aZoneThatIsUnknownMalformedOrOverLongIsUTC(name: String) {
        let viewer = Viewer(request([("Cookie", "vectis_zone=\(name)")]), now: .sampleNow)
        #expect(!viewer.isZoneKnown && viewer.timeZone == .gmt)
    }
}

@Suite("Timestamps on pages")
struct TimestampViewTests {
    private func html(
        _ text: String, now: String = "2026-11-24T09:30:00Z", in zone: String? = "Europe/Berlin", language: Language = .english,
        view: (TimestampView) -> HTML = \.html
    ) throws -> String {
        let date = try #require(GregorianUTC.instant(iso8601: text))
        let now = try #require(GregorianUTC.instant(iso8601: now))
        let viewer = Viewer(language: language, timeZone: zone.flatMap { TimeZone(named: $0) }, now: now)
        return Viewer.$current.withValue(viewer) { view(TimestampView(date)).description }
    }

    private func words(_ html: String) -> String { html.replacing(/<[^>]*>/, with: "") }

    @Test(arguments: [
        ("2026-11-24T09:29:58Z", "just now"), ("2026-11-24T09:29:40Z", "20 s ago"), ("2026-11-24T09:27:00Z", "3 min ago"),
        ("2026-11-24T04:29:00Z", "5 h ago"), ("2026-11-23T09:30:01Z", "23 h ago"), ("2026-11-23T09:30:00Z", "2026-11-23, 10:30"),
        ("2026-11-24T09:30:20Z", "in 20 s"), ("2026-11-24T09:35:00Z", "in 5 min"), ("2026-11-24T12:35:00Z", "in 3 h"),
        ("2026-11-25T09:30:00Z", "2026-11-25, 10:30"), ("1970-01-01T00:00:00Z", "1970-01-01, 01:00"),
    ])
    func nearOnesAreRelativeAndOthersExact(date: String, text: String) throws { #expect(words(try html(date)) == text) }

    @Test func theExactTimeIsInTheTitleAndForPrograms() throws {
        #expect(
            try html("2026-11-24T09:27:05Z")
                == "<time datetime=\"2026-11-24T09:27:05Z\" title=\"2026-11-24, 10:27:05 (Europe/Berlin, UTC+1)\">2 min ago</time>")
    }

    @Test func withoutAZoneTimesAreInUTCAndSaySo() throws {
        #expect(
            try html("2026-11-20T09:27:05Z", in: nil)
                == "<time datetime=\"2026-11-20T09:27:05Z\" title=\"2026-11-20, 09:27:05 (UTC)\" data-exact>2026-11-20, 09:27 UTC</time>")
    }

    @Test(arguments: [
        ("2026-03-29T00:59:59Z", "2026-03-29, 01:59", "UTC+1"), ("2026-03-29T01:00:00Z", "2026-03-29, 03:00", "UTC+2"),
        ("2026-10-25T00:30:00Z", "2026-10-25, 02:30", "UTC+2"), ("2026-10-25T01:30:00Z", "2026-10-25, 02:30", "UTC+1"),
    ])
    func daylightSavingFollowsTheDateThatIsShown(date: String, text: String, offset: String) throws {
        let shown = try html(date, now: "2026-07-01T00:00:00Z")
        #expect(words(shown) == text && shown.contains("(Europe/Berlin, \(offset))"))
    }

    @Test(arguments: [
        ("Pacific/Kiritimati", "2026-11-21, 01:30", "UTC+14"), ("Etc/GMT+12", "2026-11-19, 23:30", "UTC−12"),
        ("Etc/GMT-14", "2026-11-21, 01:30", "UTC+14"), ("Asia/Kathmandu", "2026-11-20, 17:15", "UTC+5:45"),
    ])
    func zonesFarFromUTCShowAnotherDay(zone: String, text: String, offset: String) throws {
        let shown = try html("2026-11-20T11:30:00Z", in: zone)
        #expect(words(shown) == text && shown.contains("(\(zone), \(offset))"))
    }

    @Test func aGermanPageWritesDatesInGerman() throws {
        #expect(words(try html("2026-11-20T09:27:05Z", language: .german)) == "20.11.2026, 10:27")
        #expect(words(try html("2026-11-24T09:27:00Z", language: .german)) == "vor 3 min")
    }

    @Test func whatLastsIsShownAsADurationOrItsBeginning() throws {
        #expect(words(try html("2026-11-24T09:27:00Z", view: \.since)) == "for 3 min")
        #expect(words(try html("2026-11-20T09:27:00Z", view: \.since)) == "since 2026-11-20, 10:27")
        #expect(words(try html("2026-11-24T09:27:00Z", view: \.exact)) == "2026-11-24, 10:27")
    }
}
