import Foundation
import PSACore
import PSATesting
import TestSupport

extension FaultCase {
    /// A 429 behind a good token, with this `Retry-After`.
    private static func throttled(_ name: String, _ header: @escaping @Sendable () -> String?, seconds: ClosedRange<Int>) -> FaultCase {
        FaultCase(
            name: "429 with Retry-After \(name)",
            peer: .signingIn { _ in
                header().map { answer("429 Too Many Requests", "Retry-After: \($0)") } ?? answer("429 Too Many Requests")
            },
            told: Told(
                code: .rateLimited, cause: "All integrations of this HaloPSA together", step: "Wait a few minutes", retry: seconds,
                check: (.read(.readTickets), .failed)))
    }

    static let throttling: [FaultCase] = [
        throttled("of no seconds", { "0" }, seconds: 1...1),
        throttled("of 5 seconds", { "5" }, seconds: 5...5),
        throttled("of 2 minutes", { "120" }, seconds: 120...120),
        throttled("of an hour", { "3600" }, seconds: 3_600...3_600),
        throttled("that is a date", { httpDate(secondsFromNow: 90) }, seconds: 1...91),
        throttled("that makes no sense", { "soon" }, seconds: 300...300),
        throttled("below zero", { "-5" }, seconds: 300...300),
        throttled("that is missing", { nil }, seconds: 300...300),
        throttled("of more seconds than there are", { "99999999999999999999" }, seconds: 300...300),
        FaultCase(
            name: "429 when a token is requested", peer: .simulator(["token-rate-limited:45"]),
            told: Told(
                code: .rateLimited, cause: "All integrations of this HaloPSA together", step: "Wait a few minutes", retry: 45...45,
                check: (.credentials, .failed))),
        FaultCase(
            name: "503 with Retry-After", peer: .simulator(["unavailable:77"]),
            told: Told(
                code: .vendorUnavailable, cause: "HaloPSA is overloaded", step: "Wait a few minutes", retry: 77...77,
                check: (.read(.readTickets), .failed))),
    ]

    private static func httpDate(secondsFromNow seconds: Double) -> String {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return formatter.string(from: Date(timeIntervalSinceNow: seconds))
    }
}
