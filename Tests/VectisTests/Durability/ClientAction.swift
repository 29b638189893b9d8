/// One thing a browser asked for, and whether the host said that it was done.
struct ClientAction: Sendable {
    /// The connection, by the first word of its name.
    let subject: String
    /// Its name before; nil if it was not there.
    let before: String?
    /// Its name if it was done; nil if it is gone then.
    let after: String?
    /// Whether an answer said so; without one nobody knows.
    var isAnswered = false
}

/// What stands in each thing that is written in one revision, so that halves of two revisions don't go unnoticed.
struct RevisionMarker: Sendable, Hashable {
    /// The connection's name; its first word is the connection's own.
    let name: String

    init(subject: String, number: Int) { name = "\(subject) \(number)" }
    init(name: String) { self.name = name }

    static func subject(of name: String) -> String { String(name.prefix { $0 != " " }) }

    var subject: String { Self.subject(of: name) }
    var address: String { "https://\(subject).example.com" }
    /// A setting in clear.
    var clientID: String { "id of \(name)" }
    var clientSecret: String { "\(Self.secretPrefix) of \(name)" }

    /// The beginning of every secret, to be found in no file.
    static let secretPrefix = "s3cr3t-5f0c"

    /// The fields of the page's form for saving it without a test.
    var fields: [String: String] {
        [
            "connection-name": name, "tenantURL": address, "clientID": clientID, "clientSecret": clientSecret, "action": "save",
            "accept-untested": "1",
        ]
    }
}
