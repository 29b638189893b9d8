import PSACore

/// The connector's phrases beside the guidance: what a request is about, what is wrong with it, what was observed.
///
/// They are English in every language: no host offers this connector to people.
enum RTLocalizedMessage: LocalizedMessage, Hashable {
    // What a request is about.
    case rows(RTCollection)
    case restInterface
    case connectionTest
    case staffGroup(String)
    case queues
    case queue(String)
    case statuses
    case theStatus
    case newTicket
    case ticket(String)
    case contact(String)
    case customField(String)
    case fields(ofQueue: String)
    case attachments(ticket: String)
    case attachment(String)
    case notes(ticket: String)
    case privateNote(ticket: String)
    case reply(ticket: String)
    case statusOf(ticket: String)

    // What is wrong with what was asked for.
    case noText
    case noRecipient
    case notANumber(String)
    case noSuchCustomer(String, field: String)
    case noSuchUser(String)
    case noteVisible
    case queueNotUsable(String)

    // What was observed.
    case noCollection
    case noRecord
    case noCustomField(String)
    case noGroup(String)
    case customFieldThere(String)
    case statusUnchanged
    case answers
    case tokenAccepted(String)
    case tokenAcceptedByUnknown
    case queuesSeen(Int)
    case noQueues

    var values: [String: MessageValue] {
        switch self {
        case .rows(let rows): ["rows": .verbatim(rows.rawValue)]
        case .queuesSeen(let count): ["count": .verbatim(String(count))]
        case .noSuchCustomer(let name, let field): ["name": .verbatim(name), "field": .verbatim(field)]
        case .queue(let text), .ticket(let text), .contact(let text), .customField(let text), .fields(let text),
            .attachments(let text), .attachment(let text), .notes(let text), .privateNote(let text),
            .reply(let text), .statusOf(let text), .notANumber(let text), .noSuchUser(let text), .queueNotUsable(let text),
            .staffGroup(let text), .noGroup(let text), .noCustomField(let text), .customFieldThere(let text), .tokenAccepted(let text):
            ["name": .verbatim(text)]
        default: [:]
        }
    }

    func pattern(in language: Language) -> String {
        switch self {
        case .rows: "{rows}"
        case .restInterface: "its REST 2.0 interface"
        case .connectionTest: "the connection test"
        case .staffGroup: "the members of the group “{name}”"
        case .queues: "queues"
        case .queue: "queue {name}"
        case .statuses: "the statuses of tickets"
        case .theStatus: "the status"
        case .newTicket: "a new ticket"
        case .ticket: "ticket {name}"
        case .contact: "user {name}"
        case .customField: "the custom field “{name}”"
        case .fields: "the custom fields of queue {name}"
        case .attachments: "the files of ticket {name}"
        case .attachment: "file {name}"
        case .notes: "the history of ticket {name}"
        case .privateNote: "a comment on ticket {name}"
        case .reply: "a reply on ticket {name}"
        case .statusOf: "the status of ticket {name}"

        case .noText: "The text is empty; write one."
        case .noRecipient: "The ticket has no requestor, so there is no one to notify; add one in RT under People."
        case .notANumber: "RT uses whole numbers here, and “{name}” is not one; take the number RT shows."
        case .noSuchCustomer: "The custom field “{field}” has no value “{name}”; choose one of its values, or add this one in RT."
        case .noSuchUser: "RT has no user “{name}”; choose one of its users."
        case .noteVisible: "RT stored the comment, but the requestor can read it."
        case .queueNotUsable: "Queue {name} is not there, is disabled, or takes no tickets from this user; choose another queue."

        case .noCollection: "The answer is JSON, but not the list that was asked for."
        case .noRecord: "The answer is JSON, but not the record that was asked for."
        case .noCustomField: "No ticket custom field “{name}” is visible to the token's user."
        case .noGroup: "RT shows no group “{name}” to the token's user."
        case .customFieldThere: "The custom field “{name}” is there."
        case .statusUnchanged: "The ticket has another status afterwards."
        case .answers: "RT answers at /REST/2.0."
        case .tokenAccepted: "RT {name} accepted the token."
        case .tokenAcceptedByUnknown: "RT accepted the token."
        case .queuesSeen: "Queues can be read; {count} seen."
        case .noQueues: "No queue is visible."
        }
    }
}
