import Testing

@testable import PSACore

@Suite struct VendorRefusalTests {
    @Test(
        arguments: [
            ("Impact must be set before a Priority can be determined", .required, "Impact"),
            ("Affected service must be entered for this Ticket Type", .required, "Affected service"),
            ("A Site must be selected", .required, "Site"), ("Please select a Ticket Type", .required, "Ticket Type"),
            ("[0].details: Details must be entered", .required, "Details"),
            ("Please enter the Details before saving.", .required, "Details"), ("Category is required.", .required, "Category"),
            ("The field 'Cost Centre' is mandatory", .required, "Cost Centre"),
            ("Priority Description must not be blank", .required, "Priority Description"),
            ("Summary can't be empty", .required, "Summary"), ("Missing required field: Summary", .required, "Summary"),
            ("You must select a Site", .required, "Site"), ("No Category has been selected", .required, "Category"),
            ("Due Date was not specified", .required, "Due Date"), ("Time Taken must be entered", .required, "Time Taken"),
            ("A Resolution Code must be selected before the Status can be set to Closed", .required, "Resolution Code"),
            ("Invalid Status", .invalid, "Status"), ("Invalid value for Priority", .invalid, "Priority"),
            ("The selected Team is not valid", .invalid, "Team"), ("Unknown Agent specified", .invalid, "Agent"),
            ("The specified Priority does not exist", .notFound, "Priority"), ("Ticket 17 not found.", .notFound, "Ticket"),
            ("The Agent or Team was not found or did not have access to the Type", .notFound, "Agent or Team"),
            ("The selected Customer is inactive", .inactive, "Customer"), ("Client has been disabled", .inactive, "Client"),
            ("This customer is on stop", .inactive, "customer"),
            ("You do not have permission to log this Ticket Type", .notPermitted, "log Ticket Type"),
            ("Unable to save data. You do not have permission to update this Ticket.", .notPermitted, "update Ticket"),
            ("You don't have access to this Action at the moment", .notPermitted, "Action at moment"),
            ("Agent is not authorised to close tickets", .notPermitted, "close tickets"), ("Insufficient permissions", .notPermitted, nil),
            ("This Ticket has been merged into Ticket 4711", .merged, nil), ("Ticket 5 was merged with ticket 6", .merged, nil),
            ("This Ticket is currently locked by another Agent", .locked, nil), ("The ticket is being edited by Anna", .locked, nil),
            ("The request is already closed.", .closed, nil), ("Closed tickets cannot be updated", .closed, nil),
            ("This ticket has been deleted", .deleted, nil), ("All child tickets must be closed first", .demands, nil),
            ("There are open appointments on this ticket", .demands, nil), ("Name must be unique", .exists, "Name"),
            ("A ticket with this reference already exists", .exists, nil),
            ("The ticket has been changed by another user", .changed, nil),
            ("No outgoing Mailbox has been configured", .notConfigured, "outgoing Mailbox"),
            ("The user has no email address", .noRecipient, nil), ("Your HaloPSA licence has expired. Please contact us.", .license, nil),
            ("This module is not licensed", .license, nil), ("Your license does not include contracts", .license, nil),
            ("Status Closed cannot be set from New", .notAllowed, "Status Closed"),
            ("Status is not allowed for this ticket", .notAllowed, "Status"), ("Site cannot be changed", .fixed, "Site"),
            ("Your account is disabled", .inactive, "Your account"), ("The account is disabled", .inactive, "account"),
            ("The ticket cannot be saved because the customer is on stop", .inactive, "customer"),
            ("A database error occurred (515) - Cannot insert the value NULL into column 'x'; column does not allow nulls.", .fault, nil),
            ("Object reference not set to an instance of an object.", .fault, nil),
            ("A database error occurred (2627) - Violation of UNIQUE KEY constraint 'x'.", .fault, nil),
            (
                "A database error occurred (1205) - Transaction (Process ID 57) was deadlocked on lock resources with another process and has "
                    + "been chosen as the deadlock victim. Rerun the transaction.", .busy, nil
            ),
            ("Transaction (Process ID 57) was deadlocked on lock resources with another process.", .busy, nil),
            ("Timeout expired. The timeout period elapsed prior to completion of the operation.", .busy, nil),
            ("A database error occurred (-2) - Execution Timeout Expired.", .busy, nil),
            ("A database error occurred - Timeout expired.", .busy, nil), ("Lock request time out period exceeded.", .busy, nil),
            ("You cannot add an action to a closed ticket", .closed, nil), ("You can't update closed tickets", .closed, nil),
            ("You cannot add an action to a merged ticket.", .merged, nil), ("You cannot edit a deleted Ticket", .deleted, nil),
            ("You cannot add an action to this ticket type", .notPermitted, "action to ticket type"),
            ("The file is too large", .tooLarge, "file"), ("File size exceeds the maximum of 10 MB", .tooLarge, "File size"),
            ("<ul><li>Site is required</li><li>Category is required</li></ul>", .required, "Site"),
            ("<b>You</b> do not have permission to <i>close</i> tickets", .notPermitted, "close tickets"),
            ("&quot;Site&quot; is required", .required, "Site"), ("IP Address is not in a valid format", .malformed, "IP Address"),
            ("Missing required fields: Impact, Urgency", .required, "Impact, Urgency"),
            ("Estimate must be a number", .malformed, "Estimate"),
            ("Maximum request length exceeded.", .tooLarge, nil), ("File type .exe is not allowed", .notAllowed, "File type exe"),
        ] as [(String, VendorRejection.Kind, String?)])
    func aSentenceOfAKnownFormIsReadWhole(sentence: String, kind: VendorRejection.Kind, subject: String?) {
        let refusal = VendorRejection(sentence)
        #expect(refusal?.kind == kind, "\(String(describing: refusal))")
        if let subject { #expect(refusal?.subject == subject) }
    }

    @Test(arguments: [
        "", "No.", "Status", "The priority of the licence team changed the status of the ticket type", "Something about a required thing",
        "It must have been love", "HTTP 400", "<b>Invalid</b>", "Nicht erlaubt", "Could not convert string to integer: x",
        "The quick brown fox jumps over a lazy permission",
        // Other languages.
        "Der Kunde ist gesperrt", "Das Feld \"Priorität\" ist ein Pflichtfeld", "Bitte wählen Sie eine Kategorie aus",
        "Sie haben keine Berechtigung, dieses Ticket zu bearbeiten", "Ungültiger Status", "Ongeldige status",
        "U heeft geen toegang tot dit ticket", "Le champ Catégorie est obligatoire", "Klant is niet actief", "Veld is verplicht",
        "Agent ist missing in action",
        // Names and texts of records, in quotation marks.
        "Ticket \"Category is required\" was rejected by a rule", "Ticket 'User not found' cannot be linked to itself",
        "The rule 'Invalid Status' stopped this ticket", "The workflow 'Approval required' could not be started",
        "Asset 'Printer (missing)' belongs to another customer", "Team 'Access Denied' has no agents", "User 'No Email' has no site",
        "The subject “Please select a Site” is on the spam list", "Ticket 'Mail down. Site is required' could not be saved",
        // Denials and conditions.
        "Site is not required", "Site is no longer required", "Nothing is missing", "This ticket is not closed",
        "The customer is not inactive",
        "You are not required to enter a Site", "The category is not invalid", "No Category is required", "Only Category 1 is required",
        "Not all fields are valid", "If the Site is missing, the default is used", "Because the Site is missing the SLA could not be set",
        // No field, and parts of the system.
        "A required field is missing", "Some fields are missing", "Several values are invalid", "One or more fields are empty",
        "A non-empty request body is required.", "Please select a Category select an Impact", "Session is invalid", "Token is invalid",
        "Invalid API key", "Invalid operation", "The template is missing",
        "The mailbox is inactive",
        "The integration is disabled", "This feature is not available", "The service is not available", "The licence key is missing",
        // What has to be done, or was, and what is asked for.
        "Payment is required", "Authentication is required", "A restart is required", "Approval is missing", "The SLA is on hold",
        "Please wait until the ticket is unlocked", "Please enter fewer characters", "Please select another Site",
        "Please complete the set-up wizard before you use the API", "Please provide access to the mailbox", "Enter one or more values",
        "The server is out of memory", "The agent is out of office", "The asset is already in use by another user", "Duplicate request",
        "The number of open tickets must be less than 10", "The User does not have access to Site Main", "The mailbox has no email address",
        "Status must be set to Closed", "Site was not provided by the gateway", "The Agent was not added to the ticket",
        "Ticket was created but the email could not be sent", "Licence is not linked to this Customer",
    ])
    func aWordInASentenceOfAnotherFormSaysNothing(sentence: String) {
        #expect(VendorRejection(sentence) == nil, "\(String(describing: VendorRejection(sentence)))")
    }

    @Test func aLongOrHostileTextIsReadInBoundedTime() {
        let words = Array(repeating: "the value must be is not a cannot", count: 20_000).joined(separator: " ")
        #expect(VendorRejection(words)?.subject?.count ?? 0 <= 60)
        #expect(VendorRejection(String(repeating: ".", count: 100_000)) == nil)
        #expect(VendorRejection(String(repeating: "\u{0}\u{7}", count: 1_000)) == nil)
    }
}

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
            (#"{"errors":["One.","Two."]}"#, "One. Two."), (#"["Select a site","Select a team"]"#, "Select a site. Select a team"),
            (#"{"":["A body is required."]}"#, "A body is required."), (#"{"faults":[{"description":"Faulty."}]}"#, "Faulty."),
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

    @Test(arguments: ["message", "msg", "Message", "detail", "errorMessage", "error_message", "description", "reason", "title"])
    func wordsAreFoundUnderTheUsualNames(name: String) {
        #expect(
            VendorExplanation(Array(#"{"error":{"status":409,"\#(name)":"The company is gone"}}"#.utf8)).message == "The company is gone")
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
