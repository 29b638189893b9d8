import PSACore
import Synchronization

extension ConformanceRule {
    /// What must come out nowhere.
    static let secrecy: [ConformanceRule] = [
        ConformanceRule(
            "secrecy.addresses", .gold, "No secret and no token stands in the address of a request",
            because: "Addresses are written into the logs of every server on the way."
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            _ = try await session.testConnection()
            for list in subject.lists { _ = try await list.rows(session, 1) }
            let hidden = subject.secrets + stage.transport.tokens(besides: subject.secrets)
            return stage.transport.requests.filter { SecretSpelling.found(hidden, in: $0.urlText) }
                .map { Violation("A secret stands in the address of \($0).") }
        },
        ConformanceRule(
            "secrecy.answers", .gold, "What a careless server sends back of a request is not shown",
            because: "A secret would stand on the page, in the audit log, and in a ticket to support.", check: carelessServer),
        ConformanceRule(
            "secrecy.log", .gold, "No secret and no token stands in the log", because: "Logs are read by many and kept for long."
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            _ = try await session.testConnection()
            for list in subject.lists { _ = try await list.rows(session, 1) }
            let hidden = subject.secrets + stage.transport.tokens(besides: subject.secrets)
            return stage.log.lines.filter { SecretSpelling.found(hidden, in: $0) }.map { _ in
                Violation("A secret stands in a line of the log.")
            }
        },
    ]

    private static func carelessServer(_ subject: ConformanceSubject) async throws -> [Violation] {
        var violations: [Violation] = []
        for spares in [false, true] {
            let place = spares ? "every answer but the token" : "every answer"
            let hits: @Sendable (HTTPRequest) -> Bool = { !spares || !subject.isTokenRequest($0) }
            for status in [400, 401, 403, 500] {
                let stage = ConformanceStage(subject, faults: [TransportFault(.echo(status: status), hits: hits)])
                let session = try stage.session()
                let shown = Shown()
                let report = try await session.testConnection { shown.add($0.json(in: TextRenderer()).encodedText) }
                shown.add(report.json(in: TextRenderer()).encodedText)
                for list in subject.lists {
                    if let error = try await failure(of: { _ = try await list.rows(session, 1) }) { shown.add(error) }
                }
                let hidden = subject.secrets + stage.transport.tokens(besides: subject.secrets)
                violations += .unless(
                    !SecretSpelling.found(hidden, in: shown.text),
                    "With \(place) answered \(status) and everything sent, a secret is shown.")
            }
        }
        return violations
    }
}

/// What a host could show.
private final class Shown: Sendable {
    private let texts = Mutex<[String]>([])

    var text: String { texts.withLock { $0.joined(separator: "\n") } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }

    func add(_ error: PSAError) {
        add(error.problem.encodedText)
        add("\(error)")
    }
}

extension ObservingTransport {
    /// The tokens that were sent, apart from the settings' own secrets.
    fileprivate func tokens(besides secrets: [Secret]) -> [Secret] {
        Set(requests.compactMap { $0.headers["Authorization"]?.split(separator: " ").last.map(String.init) })
            .map { Secret($0) }.filter { !SecretSpelling.found(secrets, in: $0.reveal()) }
    }
}
