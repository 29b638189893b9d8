import PSACore

/// A sentence with which HaloPSA refuses a write, and what it comes to.
struct FaultSentence: Sendable {
    enum Write: String, Sendable { case create, note, reply, status, upload }

    let write: Write
    let text: String
    let code: ErrorCode
    let cause: CauseID
    /// What the texts name as field or setting; nil for nothing.
    var field: String?
}

extension FaultSentence {
    /// Sentences that have no form that is known for sure: HaloPSA's own words are the cause.
    private static func quoted(_ write: Write, _ texts: String...) -> [FaultSentence] {
        texts.map { FaultSentence(write: write, text: $0, code: .requestRejected, cause: "vendor_reason") }
    }

    private static func read(_ write: Write, _ text: String, _ code: ErrorCode, _ cause: CauseID, _ field: String? = nil) -> FaultSentence {
        FaultSentence(write: write, text: text, code: code, cause: cause, field: field)
    }

    static let all: [FaultSentence] = unread + known

    /// Sentences without a known form, and such as hold the words of one and say something else.
    static let unread: [FaultSentence] =
        quoted(
            .create, "The Customer has insufficient pre-pay balance to log this Ticket",
            "The Priority cannot be changed because the calendar was rebuilt", "Site cannot be changed",
            "Your account has been suspended because of unpaid invoices", "Permission to access this database is denied",
            "Tickets of this type can only be logged during working hours",
            "A similar ticket was logged by this user within the last 5 minutes", "Summary must be entered",
            "Request is missing required header", "The User does not have access to this Site", "Approval is required",
            "Ticket 'Printer is missing' could not be saved", "Ticket 'Mail down. Site is required' could not be saved",
            "Kategorie muss ausgefüllt werden", "Der Status ist ungültig", "Categorie is verplicht", "No mandatory field is missing",
            "The Category is not required", "Status must be set to Closed by an agent", "The agent is not assigned to the selected team",
            "Please add the agent to the team first", "Unknown user agent rejected by rule 7", "Server is out of disk space",
            "IP Address 10.0.0.1 belongs to another device", "Licence is not linked to this Customer")
        + quoted(
            .note, "You cannot add an action to this ticket while it is awaiting approval", "The Timesheet for this date has been locked",
            "This Ticket has been invoiced and cannot be updated", "You must be clocked in to add actions", "Note must be entered",
            "This ticket is on hold", "No permission to add private notes")
        + quoted(
            .reply, "The access token for Mailbox support@acme.example has expired. Please re-authorise the Mailbox.",
            "The email address u0@c.example is on the block list", "Sending of emails has been disabled",
            "The SMTP server requires a secure connection or the client was not authenticated.",
            "The specified string is not in the form required for an e-mail address.", "Please enter at least one To Address",
            "The selected User is inactive", "Emails are disabled for this customer")
        + quoted(
            .status, "The Status cannot be changed because the audit of this month is finished")
        + quoted(
            .upload, "A virus was detected in the uploaded file", "A maximum of 5 attachments is allowed",
            "Upload quota exceeded for this tenant")

    static let known: [FaultSentence] = [
        read(.reply, "No Email Template has been selected for this Action", .ticketActionIncomplete, "not_configured", "Email Template"),
        read(.reply, "The user has no email address", .ticketActionIncomplete, "no_recipient"),
        read(.reply, "The reply could not be sent as the user has no email address", .ticketActionIncomplete, "no_recipient"),
        read(
            .reply, "The email cannot be sent because there is no email address for the user", .ticketActionIncomplete, "no_recipient"),
        read(.create, "Summary exceeds 255 characters", .ticketFieldInvalid, "wrong_form", "Summary"),
        read(.upload, "Attachment exceeds 10 MB", .requestRejected, "file_size"),
        read(.status, "The Status cannot be changed from Closed", .ticketStatusNotAllowed, "workflow"),
        read(.create, "The following fields are mandatory: Impact, Urgency, Category", .ticketFieldRequired, "mandatory", "Urgency"),
        read(
            .create, "The value '38' is not a valid option for the field 'Affected service'", .ticketFieldInvalid, "no_such_value",
            "Affected service"),
        read(.create, "Purchase order number is not in the correct format", .ticketFieldInvalid, "wrong_form", "Purchase order number"),
        read(.create, "Input string was not in a correct format.", .requestRejected, "vendor_fault"),
        read(.create, "The given key was not present in the dictionary.", .requestRejected, "vendor_fault"),
        read(.create, "No SLA has been set for this Client", .requestRejected, "not_configured", "SLA"),
        read(
            .create, "A database error occurred (2628) - String or binary data would be truncated in table 'F'.", .requestRejected,
            "too_long"),
        read(.create, "Cost Centre cannot be longer than 20 characters", .ticketFieldInvalid, "wrong_form", "Cost Centre"),
        read(.create, "Customer Acme Ltd is inactive", .requestCompanyUnusable, "inactive"),
        read(.create, "The selected Ticket Type is inactive", .ticketDefaultInvalid, "inactive", "Ticket Type"),
        read(
            .create, "This Ticket Type is not available for the selected Customer", .ticketDefaultInvalid, "not_for_customer",
            "Ticket Type"),
        read(.create, "Status Closed is not available for this Ticket Type", .ticketDefaultInvalid, "not_for_type", "Status"),
        read(.create, "Priority P9 is not valid", .ticketDefaultInvalid, "no_such_id", "Priority"),
        read(
            .create, "New tickets cannot be logged for this customer because the account is on hold", .requestCompanyUnusable, "inactive"),
        read(
            .create, "You cannot log tickets for Acme Ltd as the customer has been set as inactive", .requestCompanyUnusable, "inactive"),
        read(.note, "The note cannot be saved because the ticket is closed", .ticketNotWritable, "closed"),
        read(.note, "This ticket is pending approval", .requestRejected, "demands"),
        read(.status, "The Status cannot be changed because this Ticket is pending approval", .ticketStatusNotAllowed, "demands"),
        read(.status, "Status 9 is no longer in use", .ticketFieldInvalid, "inactive", "Status"),
        read(.status, "This Ticket is awaiting approval from Jane Doe", .ticketStatusNotAllowed, "demands"),
        read(
            .status, "The status of this ticket cannot be changed while it is awaiting approval", .ticketStatusNotAllowed, "demands"),
        read(
            .status, "The Status cannot be changed because you do not have permission to close this Ticket", .permissionActionDenied,
            "ticket_right"),
        read(
            .status, "The Status cannot be changed because the workflow has no such step", .ticketStatusNotAllowed, "workflow"),
        read(.create, "Status Reason is required", .ticketFieldRequired, "mandatory", "Status Reason"),
        read(.create, "<p><b>Category</b> is required.</p>", .ticketFieldRequired, "mandatory", "“Category”"),
        read(.create, "You do not have access to this Client", .permissionActionDenied, "restricted"),
        read(.note, "You do not have permission to update Tickets of this Team", .permissionActionDenied, "restricted"),
        read(.note, "The Outcome Internal Note is not available at this step of the Workflow", .permissionActionDenied, "workflow"),
        read(.note, "Outcome 7 does not exist", .configInvalidField, "no_such_outcome", "Outcome of private notes"),
        read(.status, "This Ticket cannot be closed while it has open child tickets", .ticketStatusNotAllowed, "demands"),
        read(.status, "Time must be logged against this Ticket before it can be closed", .ticketStatusNotAllowed, "demands"),
        read(.status, "Incidents cannot be resolved until the linked Problem is resolved", .ticketStatusNotAllowed, "demands"),
        read(.status, "You cannot close a ticket with open timers", .ticketStatusNotAllowed, "demands"),
        read(.upload, "File extension .ps1 is blocked", .requestRejected, "file_type"),
        read(.upload, "Attachments must be smaller than 5 MB", .requestRejected, "file_size"),
        read(.upload, "Access to the path 'C:\\HaloAttachments\\2026\\11' is denied.", .requestRejected, "vendor_fault"),
    ]
}
