import Testing

@testable import PSACore

@Suite struct VendorExplanationTests {
    @Test(
        arguments: [
            (#"{"errors":[{"message":"Site is required"}]}"#, "Site is required"),
            (#"{"error":{"message":"No such team"}}"#, "No such team"),
            (#"{"error":{"code":"E7","message":"No such team"}}"#, "No such team"), ("The queue is closed.", "The queue is closed."),
            (
                #"{"type":"about:blank","title":"Out of credit","detail":"Your balance is 30.","status":403}"#,
                "Your balance is 30. Out of credit"
            ),
            (#"{"title":"Bad Request","status":400,"detail":"No."}"#, "No."),
            (#"{"Message":"An error has occurred.","ExceptionMessage":"The site is unknown."}"#, "The site is unknown."),
            (#"{"Message":"An error has occurred."}"#, "An error has occurred."),
            (#"{"Message":"An error has occurred.","InnerException":{"Message":"Deep down."}}"#, "Deep down."),
            (#"{"title":"One or more validation errors occurred.","errors":{"Summary":["Too long."]}}"#, "Summary: Too long."),
            (#"{"Message":"The request is invalid.","ModelState":{"ticket.site_id":["Not a number."]}}"#, "ticket.site_id: Not a number."),
            (#"["First.","Second."]"#, "First. Second."), (#"[{"message":"In a list."}]"#, "In a list."),
            (#""Only a string""#, "Only a string"),
            (#"{"error":"invalid_client","error_description":"Wrong."}"#, "Wrong."), (#"{"error":"Something"}"#, "Something"),
            (#"{"errors":["One.","Two."]}"#, "One. Two."), (#"{"faults":[{"description":"Faulty."}]}"#, "Faulty."),
            ("<?xml version=\"1.0\"?><Error><Message>No  such\n row.</Message></Error>", "No such row."),
            ("<string xmlns=\"http://x\">Plain.</string>", "Plain."),
        ])
    func everyShapeOfAnExplanationIsRead(body: String, message: String) {
        #expect(VendorExplanation(Array(body.utf8)).message == message)
    }

    @Test(arguments: [
        "", "{}", "[]", "null", "7", "{\"cut", "<html><body><p>Denied</p></body></html>", "<!DOCTYPE html><title>No</title>",
        "\u{1}\u{2}binary", "<?xml version=\"1.0\"?><html><message>x</message></html>",
    ])
    func whatIsNoExplanationIsNotQuoted(body: String) {
        #expect(VendorExplanation(Array(body.utf8)).message == nil)
    }

    @Test func codesAndFieldsAreReadBesideTheWords() {
        let oauth = VendorExplanation(
            Array(#"{"error":"invalid_scope","error_description":"No.","error_uri":"https://x/errors/ID2052"}"#.utf8))
        #expect(oauth.code == "invalid_scope" && oauth.uri == "https://x/errors/ID2052")
        #expect(VendorExplanation(Array(#"{"code":429,"message":"Slow"}"#.utf8)).code == "429")
        let map = VendorExplanation(Array(#"{"[0].priority_id":["Bad."],"[0].summary":["Long."]}"#.utf8))
        #expect(map.fields == ["priority_id", "summary"] && map.message == "[0].priority_id: Bad. [0].summary: Long.")
    }

    @Test func depthAndLengthAreBounded() {
        let deep = String(repeating: #"{"error":"#, count: 200) + #""x""# + String(repeating: "}", count: 200)
        #expect(VendorExplanation(Array(deep.utf8)).message == nil)
        let many = "[" + Array(repeating: #""a sentence""#, count: 10_000).joined(separator: ",") + "]"
        #expect(VendorExplanation(Array(many.utf8)).message == "a sentence")
        #expect((VendorExplanation(Array(repeating: UInt8(ascii: "a"), count: 1 << 20)).message?.count ?? 0) <= 2_000)
    }
}
