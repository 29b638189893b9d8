import PSACore

/// The text of a transaction, out of the parts of its mail.
struct RTMessage: Sendable {
    private(set) var plain: String?
    private(set) var html: String?

    /// Takes one part; files are no text of the message, and of several texts the first counts.
    mutating func add(_ part: JSONView) {
        guard part["Filename"]?.string ?? "" == "", let content = part["Content"]?.string else { return }
        switch part["ContentType"]?.string {
        case "text/html": html = html ?? content
        case "text/plain": plain = plain ?? content
        default: break
        }
    }
}
