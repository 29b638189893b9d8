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
