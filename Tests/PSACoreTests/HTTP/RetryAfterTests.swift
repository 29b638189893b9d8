import FoundationEssentials
import Testing

@testable import PSACore

@Suite struct RetryAfterTests {
    /// 06 November 1994, the example of RFC 9110.
    private let now = Date(timeIntervalSince1970: 784_111_777)

    static let headers: [(String?, Duration?)] = [
        ("0", .seconds(1)), ("1", .seconds(1)), ("5", .seconds(5)), (" 5 ", .seconds(5)), ("3600", .seconds(3_600)),
        ("86400", .seconds(86_400)),
        ("86401", .seconds(86_400)), ("999999999", .seconds(86_400)), ("9223372036854775807", .seconds(86_400)), ("-1", nil),
        ("-0", .seconds(1)),
        (nil, nil), ("", nil), ("  ", nil), ("soon", nil), ("1.5", nil), ("5s", nil), ("5, 10", nil), ("0x10", nil),
        ("99999999999999999999", nil),
        ("Sun, 06 Nov 1994 08:49:47 GMT", .seconds(10)), ("Sun, 06 Nov 1994 08:49:37 GMT", .seconds(1)),
        ("Sun, 06 Nov 1994 08:49:00 GMT", .seconds(1)), ("Thu, 01 Jan 1970 00:00:00 GMT", .seconds(1)),
        ("Sun, 06 Nov 1994 10:49:37 GMT", .seconds(7_200)), ("Fri, 31 Dec 9999 23:59:59 GMT", .seconds(86_400)),
        ("Sun, 06 Nov 1994 08:49:47", nil), ("Sun, 06 Nov 1994 08:49:47 CET", nil), ("Sun, 06 Foo 1994 08:49:47 GMT", nil),
        ("Sun, 31 Feb 1994 08:49:47 GMT", nil), ("Sun, 06 Nov 1994 24:49:47 GMT", nil), ("Sun, 06 Nov 1994 08:49 GMT", nil),
        ("Sun, 06 Nov 99999999999999999999 08:49:47 GMT", nil), ("Sun, 06 Nov 1994 08:x:49:47 GMT", nil), ("1994-11-06T08:49:47Z", nil),
    ]

    @Test(arguments: headers) func theHeaderGivesAWait(header: String?, expected: Duration?) {
        #expect(RetryAfter.wait(header, now: now) == expected)
    }
}
