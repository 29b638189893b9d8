/// One action that a browser requested, and whether the host confirmed it.
struct ClientAction: Sendable {
    /// The connection, by the first word of its name.
    let subject: String
    /// Its name before; nil if it was not there.
    let before: String?
    /// Its name if it was done; nil if it is gone then.
    let after: String?
    /// Whether a response confirmed it; without one the outcome is unknown.
    var isAnswered = false
}

/// A marker in each value written in one revision, so that a mix of two revisions is detected.
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
