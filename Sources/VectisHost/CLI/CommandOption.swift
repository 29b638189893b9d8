/// Every option of every command, declared once: parsing and help come from here.
enum CommandOption: String, CaseIterable, Sendable {
    case json = "--json"
    case help = "--help"
    case language = "--language"
    case createTestTicket = "--create-test-ticket"
    case allowWrites = "--allow-writes"
    case connector = "--connector"
    case connectors = "--connectors"
    case setting = "--setting"
    case settingFile = "--setting-file"
    case allowLoopback = "--allow-loopback"
    case allowNetwork = "--allow-network"
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
    case data = "--data"
    case keyFile = "--key-file"
    case demo = "--demo"
    case address = "--address"
    case allowRemote = "--allow-remote"
    case publicHost = "--public-host"
    case behindTLS = "--behind-tls"
    case checkEvery = "--check-every"
    case log = "--log"
    case displayName = "--display-name"
    case package = "--package"

    /// The word for its value in help, or nil if it takes none.
    var valueName: String? {
        switch self {
        case .json, .help, .createTestTicket, .allowWrites, .allowLoopback, .unlimitedPace, .verbose, .native, .lines, .markdown,
            .untilInputEnds, .demo,
            .allowRemote, .behindTLS:
            nil
        case .connector: "NAME"
        case .language: "en|de"
        case .setting: "KEY=VALUE"
        case .settingFile: "KEY=PATH"
        case .changedSince: "TIME"
        case .limit, .port, .tickets: "N"
        case .ticket, .company, .contact, .type, .status, .priority: "ID"
        case .summary, .details, .text, .externalReference, .displayName: "TEXT"
        case .fault: "NAME"
        case .data, .package, .connectors: "FOLDER"
        case .keyFile, .log: "PATH"
        case .address: "ADDRESS"
        case .allowNetwork: "NETWORK"
        case .publicHost: "HOST"
        case .checkEvery: "MINUTES"
        case .applicationScopes: "SCOPES"
        }
    }

    /// Whether it may be given more than once.
    var isRepeatable: Bool {
        switch self {
        case .setting, .settingFile, .fault, .publicHost, .allowNetwork: true
        default: false
        }
    }

    /// One line of help.
    var help: String {
        switch self {
        case .json: "print JSON for programs; failures too, on standard output"
        case .help: "show this help"
        case .language: "the language of guidance (default: that of LANG, or English)"
        case .createTestTicket: "also create a ticket marked as a test, and delete it again"
        case .allowWrites: "also examine writing; seven tickets stay at the tenant"
        case .connector: "the connector to use, by name"
        case .connectors: "take connectors from the programs in a folder too (serve: “connectors” in the data folder)"
        case .setting: "give a setting; secrets are refused here"
        case .settingFile: "read a setting, such as a secret, from a file"
        case .allowLoopback: "let the connection reach 127.0.0.1, over http too"
        case .allowNetwork:
            "let connections reach a network of your own, such as 10.0.0.0/8 or fd00::/8 (also: VECTIS_ALLOW_NETWORK, with commas between)"
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
        case .markdown: "print the reference page in Docs instead"
        case .port: "the port to listen on; 0 picks a free one"
        case .tickets: "how many tickets there are"
        case .fault: "a fault to start with; “list” shows them"
        case .applicationScopes: "what the demo application was granted, such as “read:tickets read:customers”"
        case .untilInputEnds: "stop when standard input ends"
        case .data: "the folder that holds what must not be forgotten (default: vectis-data)"
        case .keyFile: "the file with the keys to stored secrets (default: vectis.key in the data folder)"
        case .demo: "with a demo tenant beside it, and data that is forgotten at the end"
        case .address: "the address to listen on (default: 127.0.0.1)"
        case .allowRemote: "listen on an address that other machines reach"
        case .publicHost: "a name under which browsers may ask for it, such as vectis.example.com"
        case .behindTLS: "a proxy in front speaks TLS with browsers and names their addresses"
        case .checkEvery: "how old a connection's last test may get (default: 360; 0 for never)"
        case .log: "append the log (JSON lines) to a file instead of standard error"
        case .displayName: "the product's name as people know it (default: NAME)"
        case .package: "the root of this package's source (default: the current folder)"
        }
    }
}
