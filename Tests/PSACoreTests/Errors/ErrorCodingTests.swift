import Foundation
import Testing

@testable import PSACore

/// An error or a report that was stored shows the same texts later, in every language and place.
@Suite struct ErrorCodingTests {
    private static let renderers = Language.allCases.flatMap { language in Surface.allCases.map { TextRenderer(language, surface: $0) } }

    private func copy<Value: Codable>(_ value: Value, _ registry: ConnectorRegistry? = nil) throws -> Value {
        let decoder = JSONDecoder()
        if let registry { decoder.userInfo[.connectorRegistry] = registry }
        return try decoder.decode(Value.self, from: JSONEncoder().encode(value))
    }

    private func error(_ code: ErrorCode, of descriptor: ConnectorDescriptor?) -> PSAError {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        var error = PSAError(
            code, catalogue: descriptor?.guidance ?? .shared,
            values: [
                .host: .verbatim("acme.example.com"), .object: .phrase(CoreMessage.unknown(.object)),
                .known: .list([.verbatim("a {b}"), .setting(label: "Client ID", variable: "SAMPLE_CLIENT_ID")]),
                .message: .sentences([.phrase(SettingMessage.controlCharacter(label: "Key")), .verbatim("x")]),
                .source: .moment(now - 60, now: now),
            ],
            evidence: CoreMessage.connected(host: "acme.example.com"), request: "GET acme.example.com/api/Tickets",
            vendor: VendorReply(status: 400, code: "invalid_client", message: "No.", requestID: "r1"),
            settingIssues: [
                SettingIssue(
                    field: "a", code: .configInvalidField, localizedMessage: .notANumber(label: "A", shown: nil, lowest: 1, highest: 2)),
                SettingIssue(field: "b", code: .urlMalformed, localizedMessage: .url(.malformed(.otherScheme("ftp")))),
            ])
        error.connector = descriptor?.id
        error.learn(from: ConnectionHistory(lastSuccess: now - 3_600), now: now)
        error.execution = .unknown
        error.suggestion = Suggestion(field: "a", value: "1")
        error.ticketFieldIssues = [TicketFieldIssue(id: .summary, label: "Summary", kind: .text, .tooLong(5, limit: 4))]
        return error
    }

    @Test(arguments: ErrorCode.allCases) func everyErrorShowsTheSameTextsAfterIt(code: ErrorCode) throws {
        let error = error(code, of: nil)
        let read = try copy(error)
        for renderer in Self.renderers {
            #expect(read.problem(in: renderer) == error.problem(in: renderer))
            #expect(read.guidance(in: renderer) == error.guidance(in: renderer))
        }
    }

    @Test func anErrorOfAConnectorHasItsTextsWhereARegistryIsGiven() throws {
        let registry = try ConnectorRegistry([SampleConnector.self])
        let error = error(.authInvalidClient, of: SampleConnector.descriptor)
        let read = try copy(error, registry)
        for renderer in Self.renderers { #expect(read.problem(in: renderer) == error.problem(in: renderer)) }
        let shared = try copy(error)
        #expect(shared.connector == error.connector && shared.guidance.title == PSAError(.authInvalidClient).guidance.title)
    }

    @Test(
        arguments: [
            .never, .afterFix, .afterDelay(.seconds(30)), .afterDelay(.milliseconds(1_500)), .safeNow, .unknownOutcome,
        ] as [RetryAdvice])
    func everyAdviceIsReadBackAsItWas(advice: RetryAdvice) throws { #expect(try copy([advice]) == [advice]) }

    @Test(
        arguments: [
            .missing(label: "a", help: "h"), .notANumber(label: "a", shown: "x", lowest: 1, highest: 2), .notAFlag(label: "a", shown: "x"),
            .tooLong(label: "a", count: 3, limit: 2), .controlCharacter(label: "a"), .unknownKey("a", nearest: nil, known: ["b"]),
            .url(.insecure), .url(.forbiddenAddress("127.0.0.1")), .url(.malformed(.badPort)),
            .secretAmongArguments(label: "a", variable: "A", key: "a"), .noSuchChoice("a", known: []), .ambiguousChoice("a", count: 2),
        ] as [SettingMessage])
    func everyProblemOfASettingIsReadBackAsItWas(message: SettingMessage) throws { #expect(try copy([message]) == [message]) }

    @Test func aReportIsReadBackWithItsChecks() throws {
        let report = ConnectionReport(
            connector: SampleConnector.descriptor.id, host: "acme.example.com",
            checks: [
                ConnectionCheck(.address, .passed, evidence: CoreMessage.connected(host: "{host}"), duration: .milliseconds(12)),
                ConnectionCheck(.read(.readTickets), .warning, evidence: Plain("b")),
                ConnectionCheck(
                    .credentials, .failed, evidence: Plain("a"), error: error(.authInvalidClient, of: SampleConnector.descriptor)),
            ])
        let read = try copy(report, try ConnectorRegistry([SampleConnector.self]))
        for renderer in Self.renderers { #expect(read.json(in: renderer) == report.json(in: renderer)) }
    }

    @Test func aCheckHasAnIDThatNoOtherHas() {
        let others: [ConnectionCheck.Subject] = [
            .address, .nameResolution, .connection, .certificate, .reachable, .credentials, .scope, .ticketDefaults, .write,
        ]
        let subjects = others + Capability.allCases.map(ConnectionCheck.Subject.read)
        #expect(Set(subjects.map(\.rawValue)).count == subjects.count)
        for subject in subjects { #expect(ConnectionCheck.Subject(rawValue: subject.rawValue) == subject) }
        #expect(ConnectionCheck.Subject(rawValue: "telepathy") == nil)
    }

    @Test func anErrorSpeaksToCodeThatKnowsOnlyLocalizedErrors() {
        let error = error(.authInvalidClient, of: nil)
        let localized: any LocalizedError = error
        #expect(localized.errorDescription == error.guidance.detail)
        #expect(localized.failureReason == error.guidance.causes.first?.text)
        #expect(localized.recoverySuggestion == error.guidance.steps.first)
        #expect(localized.helpAnchor?.hasPrefix("Docs/") == true)
    }

    @Test(arguments: [
        #"{}"#,
        #"{"code":"nothing","values":{},"findings":[],"concernedFields":[],"retry":{"never":{}},"problems":[],"ticketFields":[],"#
            + #""correlationID":"abcdefghjkmn"}"#,
    ])
    func whatIsNoErrorIsRefused(text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(PSAError.self, from: Data(text.utf8)) }
    }
}
