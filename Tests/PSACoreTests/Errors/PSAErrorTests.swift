import Foundation
import PSATesting
import Testing

@testable import PSACore

@Suite struct PSAErrorTests {
    private func names(_ value: JSONValue?) -> [String] {
        guard case .object(let members) = value else { return [] }
        return members.map(\.name)
    }

    @Test func theProblemHasTheMembersOfItsContract() throws {
        var error = PSAError(
            .authInvalidClient, values: [.host: .verbatim("acme.halopsa.com"), .vendor: .verbatim("HaloPSA")],
            evidence: Plain("The server answers."),
            request: "POST acme.halopsa.com/auth/token",
            vendor: VendorReply(status: 401, code: "invalid_client", message: "no \"{such}\" client", requestID: "r-1"))
        error.connector = ConnectorID("halopsa")
        error.concernedFields = ["clientID", "clientSecret"]
        let problem = error.problem
        #expect(
            names(problem) == [
                "type", "code", "title", "detail", "connector", "causes", "steps", "fields", "responsibleParty", "retry", "guide",
                "request", "vendor",
                "correlationID",
            ])
        #expect(problem["type"]?.string == "urn:psa-connectors:error:auth.invalid_client")
        #expect(problem["code"]?.string == "auth.invalid_client")
        #expect(problem["title"]?.string == "The credentials were refused")
        #expect(
            problem["detail"]?.string == "HaloPSA at acme.halopsa.com did not accept the credentials. HaloPSA said: “no \"{such}\" client”")
        #expect(problem["connector"]?.string == "halopsa")
        #expect(problem["fields"] == ["clientID", "clientSecret"])
        #expect(problem["responsibleParty"]?.string == "you")
        #expect(problem["retry"]?.encodedText == #"{"class":"afterFix"}"#)
        #expect(problem["guide"]?.string == "Docs/Errors.md#auth-invalid-client")
        #expect(problem["request"]?.string == "POST acme.halopsa.com/auth/token")
        #expect(
            problem["vendor"]?.encodedText == #"{"status":401,"code":"invalid_client","message":"no \"{such}\" client","requestID":"r-1"}"#)
        #expect(problem["correlationID"]?.string == error.correlationID.rawValue)
        guard case .array(let causes)? = problem["causes"] else { throw ForeignError(text: "causes") }
        #expect(
            causes.map(names) == [
                ["id", "text", "confidence", "evidence", "steps", "fields", "responsibleParty"],
                ["id", "text", "confidence", "steps", "fields", "responsibleParty"],
            ])
        #expect(causes.first?["confidence"]?.string == "likely" && causes.first?["evidence"]?.string == "The server answers.")
        #expect(JSONValue(try JSONDocument(problem.encoded).root) == problem)
    }

    @Test func whatIsNotKnownIsLeftOutInsteadOfNull() {
        let problem = PSAError(.vendorUnavailable).problem
        #expect(
            names(problem) == [
                "type", "code", "title", "detail", "causes", "steps", "fields", "responsibleParty", "retry", "guide", "correlationID",
            ])
        #expect(problem["fields"] == [])
        #expect(problem["retry"]?.encodedText == #"{"class":"afterDelay","seconds":120}"#)
        #expect(!problem.encodedText.contains("null"))
    }

    @Test func everySettingProblemIsListed() {
        let problems = [
            SettingIssue(field: "a", code: .configMissingField, localizedMessage: .controlCharacter(label: "A")),
            SettingIssue(field: "b", code: .urlInsecure, localizedMessage: .url(.credentials)),
        ]
        let error = PSAError(.configMissingField, settingIssues: problems)
        #expect(error.fields == ["a", "b"])
        #expect(
            error.problem["problems"]?.encodedText
                == #"[{"field":"a","code":"config.missing_field","message":"A contains a line break or another control character; copy it again."},{"field":"b","code":"url.insecure","message":"The address contains a user name or password before an “@”; leave them out."}]"#
        )
    }

    @Test(
        arguments: [
            (RetryAdvice.never, "never", nil), (.afterFix, "afterFix", nil), (.afterDelay(.seconds(90)), "afterDelay", 90),
            (.safeNow, "safeNow", nil),
            (.unknownOutcome, "unknownOutcome", nil),
        ] as [(RetryAdvice, String, Int?)])
    func aRetryClassIsSpelledAsTheContractSays(retry: RetryAdvice, name: String, seconds: Int?) {
        #expect(retry.name == name && retry.delaySeconds == seconds && !TextRenderer().text(CoreMessage.retry(retry)).isEmpty)
    }

    @Test func theDescriptionIsOneLineOfCodeAndDetail() {
        let error = PSAError(.tlsExpired, values: [.host: .verbatim("acme.example.com")])
        #expect("\(error)" == "tls.expired: The certificate of acme.example.com is not valid today.")
    }

    @Test func occurrencesHaveNamesOfTheirOwnThatCanBeReadAloud() {
        let ids = (0..<1_000).map { _ in CorrelationID().rawValue }
        #expect(Set(ids).count == 1_000)
        #expect(ids.allSatisfy { $0.count == 12 && $0.allSatisfy { !"01lio".contains($0) && ($0.isNumber || $0.isLowercase) } })
        var one = SeededGenerator(seed: 7)
        var other = SeededGenerator(seed: 7)
        #expect(CorrelationID(using: &one) == CorrelationID(using: &other))
    }
}

@Suite struct RedactorTests {
    private static let secret = "p4ss+w/rd=?é-long"
    private let redactor = Redactor([Secret(secret), Secret("short"), Secret("second-secret")])

    private func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    @Test func aSecretIsTakenOutInEverySpelling() {
        for spelling in [
            Self.secret, PercentEncoding.component(Self.secret), base64(Self.secret), String(base64(Self.secret).prefix { $0 != "=" }),
        ] {
            #expect(redactor.clean("before \(spelling) after") == "before ••••• after")
            #expect(redactor.clean("\(spelling),\(spelling)") == "•••••,•••••")
        }
    }

    /// The first and last character may belong to a neighbour as well and stay; they hold less than one letter of the secret.
    @Test(arguments: ["", "a", "id", "id:", "user-1:"], ["", "x", "yz", "&z="]) func aSecretInsideALongerBase64IsTakenOut(
        before: String, after: String
    ) {
        let cleaned = redactor.clean("Basic \(base64(before + Self.secret + after)).")
        #expect(cleaned.contains("•••••"))
        #expect(cleaned.count <= 6 + (before.count * 4 + 2) / 3 + 2 + 5 + (after.count * 4 + 2) / 3 + 4)
    }

    @Test func severalSecretsAreTakenOutAndShortOnesAreTooCommon() {
        #expect(redactor.clean("\(Self.secret) second-secret short") == "••••• ••••• short")
        #expect(Redactor([]).clean("anything") == "anything")
        #expect(Redactor([Secret("")]).clean("anything") == "anything")
    }

    @Test func aSecretInsideALongerOneDoesNotLeaveTheRest() {
        let nested = Redactor([Secret("secret"), Secret("secret-and-more")])
        #expect(nested.clean("secret-and-more secret") == "••••• •••••")
    }

    @Test func controlCharactersBecomeBlanks() {
        #expect(redactor.clean("a\nb\r\nc\td\u{0}e\u{1B}[31mf\u{85}g\u{2028}h\u{2029}i") == "a b  c d e [31mf g h i")
    }

    @Test func aTextIsCutToItsLengthAfterTheSecretsAreOut() {
        #expect(redactor.clean(String(repeating: "x", count: 300)).count == 300)
        let cut = redactor.clean(String(repeating: "x", count: 301))
        #expect(cut.count == 300 && cut.hasSuffix("x…"))
        #expect(redactor.clean("abcdef", maximumLength: 3) == "ab…")
        #expect(redactor.clean("ééé", maximumLength: 3) == "ééé")
        #expect(redactor.clean("abc", maximumLength: 1) == "…")
        #expect(redactor.clean("abc", maximumLength: 0) == "")
    }

    @Test(arguments: 0..<20) func noCutLeavesAPieceOfASecret(offset: Int) {
        let text = String(repeating: "x", count: 285 + offset) + Self.secret + " tail"
        #expect(!redactor.clean(text).contains("p4ss"))
    }

    @Test func notEvenTheBoundOfTheWorkLeavesAPieceOfASecret() {
        let long = String(repeating: "s3cret", count: 60)
        let cleaned = Redactor([Secret(long)]).clean("x" + String(repeating: long, count: 80))
        #expect(!cleaned.contains("s3cret"))
    }
}
