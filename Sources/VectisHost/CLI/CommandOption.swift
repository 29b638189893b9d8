/// Every option of every command, declared once: parsing and help come from here.
enum CommandOption: String, CaseIterable, Sendable {
    case json = "--json"
    case help = "--help"
    case language = "--language"
    case createTestTicket = "--create-test-ticket"
    case connector = "--connector"
    case setting = "--setting"
    case settingFile = "--setting-file"
    case allowLoopback = "--allow-loopback"
    case unlimitedPace = "--unlimited-pace"
    case verbose = "--verbose"
    case changedSince = "--changed-since"
    case limit = "--limit"
    case native = "--native"
    case lines = "--lines"
    case ticket = "--ticket"
    case summary = "--summary"
    case details = "--details"
    case company = "--company"
    case contact = "--contact"
    case type = "--type"
    case status = "--status"
    case priority = "--priority"
    case externalReference = "--external-reference"
    case text = "--text"
    case markdown = "--markdown"
    case port = "--port"
    case tickets = "--tickets"
    case fault = "--fault"
    case applicationScopes = "--application-scopes"
    case untilInputEnds = "--until-input-ends"

    /// The word for its value in help, or nil if it takes none.
    var valueName: String? {
        switch self {
        case .json, .help, .createTestTicket, .allowLoopback, .unlimitedPace, .verbose, .native, .lines, .markdown, .untilInputEnds: nil
        case .connector: "NAME"
        case .language: "en|de"
        case .setting: "KEY=VALUE"
        case .settingFile: "KEY=PATH"
        case .changedSince: "TIME"
        case .limit, .port, .tickets: "N"
        case .ticket, .company, .contact, .type, .status, .priority: "ID"
        case .summary, .details, .text, .externalReference: "TEXT"
        case .fault: "NAME"
        case .applicationScopes: "SCOPES"
        }
    }

    /// Whether it may be given more than once.
    var isRepeatable: Bool { self == .setting || self == .settingFile || self == .fault }

    /// One line of help.
    var help: String {
        switch self {
        case .json: "print JSON for programs; failures too, on standard output"
        case .help: "show this help"
        case .language: "the language of guidance (default: that of LANG, or English)"
        case .createTestTicket: "also create a ticket marked as a test, and delete it again"
        case .connector: "the connector to use, by name"
        case .setting: "give a setting; secrets are refused here"
        case .settingFile: "read a setting, such as a secret, from a file"
        case .allowLoopback: "let the connection reach 127.0.0.1, over http too"
        case .unlimitedPace: "do not hold back requests to the tenant's published pace"
        case .verbose: "show each request on standard error"
        case .changedSince: "only what changed since then, such as 2026-11-01T08:00:00Z"
        case .limit: "stop after N rows"
        case .native: "with --json: add each row as the PSA sent it"
        case .lines: "read each recurring invoice with its lines (one request each)"
        case .ticket: "the ticket"
        case .summary: "the subject line"
        case .details: "the first message"
        case .company: "the company it is for"
        case .contact: "the contact who reports it"
        case .type: "the ticket type (default: the connection's)"
        case .status: "the status"
        case .priority: "the priority (default: the connection's)"
        case .externalReference: "a mark of your own to find the ticket by"
        case .text: "what to say"
        case .markdown: "print the reference page Docs/Errors.md"
        case .port: "the port to listen on; 0 picks a free one"
        case .tickets: "how many tickets there are"
        case .fault: "a fault to start with; “list” shows them"
        case .applicationScopes: "what the demo application was granted, such as “read:tickets read:customers”"
        case .untilInputEnds: "stop when standard input ends"
        }
    }
}
