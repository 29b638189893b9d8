import Foundation
import HaloSimulator
import PSACore
import Synchronization
import TestSupport
import Testing

@testable import HaloPSA

@Suite("Secrets of a HaloPSA connection")
struct HaloSecrecyTests {
    private static let marker = "MARKER-5f0c-SECRET/+&=%20"

    private static var disguises: [String] {
        let base64 = Data(marker.utf8).base64EncodedString()
        return [marker, PercentEncoding.component(marker), base64, String(base64.prefix { $0 != "=" }), String(marker.prefix(20))]
    }

    @Test(
        "no log line, report, error or JSON shows the secret or the token",
        arguments: [
            "", "token-invalid-client", "token-html-login-page", "token-not-found-html", "html-200", "deny:Tickets", "redirect-login",
            "hang-up",
            "truncated-body", "error-shape:string", "error-shape:html", "wrong-host",
        ])
    func nothingLeaks(fault: String) async throws {
        var configuration = HaloSimulator.Configuration()
        configuration.clientSecret = Self.marker
        try await HaloTestBed.run(configuration, faults: fault.isEmpty ? [] : [fault]) { bed in
            let session = try bed.session(["clientSecret": Self.marker])
            var shown: [String] = ["\(session)", String(reflecting: session)]
            let checks = Mutex<[String]>([])
            let report = try await session.testConnection { check in checks.withLock { $0.append("\(check)") } }
            shown += checks.withLock { $0 } + ["\(report)", report.json(in: TextRenderer()).encodedText]
            let operations: [@Sendable () async throws -> Void] = [
                { _ = try await session.tickets().collected() }, { _ = try await session.createTicket(TicketDraft(summary: "x")) },
            ]
            for operation in operations {
                do {
                    try await operation()
                } catch {
                    shown += ["\(error)", String(reflecting: error), (error as? PSAError)?.problem.encodedText ?? ""]
                }
            }
            shown += bed.log.lines + bed.transport.requests.map(\.description)
            let tokens = bed.transport.requests.compactMap { $0.headers["Authorization"]?.dropFirst("Bearer ".count) }.map(String.init)
            for text in shown {
                for needle in Self.disguises + tokens { #expect(!text.contains(needle), "\(text.prefix(200))") }
            }
        }
    }
}
