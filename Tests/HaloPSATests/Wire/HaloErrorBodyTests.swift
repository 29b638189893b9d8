import PSACore
import Testing

@testable import HaloPSA

@Suite("HaloPSA error bodies")
struct HaloErrorBodyTests {
    private let parser = StandardErrorParser<HaloMessage>()

    struct Sample: Sendable {
        var body: String
        var code: String?
        var message: String?
        var fields: [String] = []
    }

    @Test(
        "every shape that was seen gives the vendor's words",
        arguments: [
            Sample(body: #""Priority Description must not be blank""#, message: "Priority Description must not be blank"),
            Sample(
                body:
                    #"{"ClassName":"System.Exception","Message":"Please select a Start Step for this Workflow.","Data":null,"HResult":-2146233088}"#,
                message: "Please select a Start Step for this Workflow."),
            Sample(body: #"{"id":["The value 'probe' is not valid."]}"#, message: "id: The value 'probe' is not valid.", fields: ["id"]),
            Sample(
                body: #"{"[0].priority_id":["Could not convert string to integer: x."],"[0].summary":["Too long."]}"#,
                message: "[0].priority_id: Could not convert string to integer: x. [0].summary: Too long.",
                fields: ["priority_id", "summary"]),
            Sample(body: #"{"resultCode":7,"errorMessage":"Older shape"}"#, message: "Older shape"),
            Sample(body: #"{"Message":"The requested resource is gone."}"#, message: "The requested resource is gone."),
            Sample(body: #"{"error":"Something"}"#, code: "Something", message: "Something"),
            Sample(
                body: #"{"error":"invalid_client","error_description":"The specified client credentials are invalid.","error_uri":"x"}"#,
                code: "invalid_client", message: "The specified client credentials are invalid."),
            Sample(body: ""), Sample(body: "<html><body>502</body></html>"), Sample(body: "{\"cut"), Sample(body: "{}"), Sample(body: "[]"),
        ])
    func reads(sample: Sample) {
        let body = parser.explanation(of: HTTPResponse(status: 400, body: Array(sample.body.utf8)))
        #expect(body.code == sample.code)
        #expect(body.message == sample.message)
        #expect(body.fields == sample.fields)
    }

    @Test func aBearerChallengeGivesItsError() {
        let response = HTTPResponse(
            status: 401, headers: ["www-authenticate": #"Bearer error="invalid_token", error_description="expired""#])
        #expect(parser.explanation(of: response).code == "invalid_token")
        #expect(parser.explanation(of: HTTPResponse(status: 401, headers: ["WWW-Authenticate": "Bearer"])).code == nil)
    }
}
