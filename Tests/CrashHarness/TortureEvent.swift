import Foundation
import PSACore

/// An event as a run sends it, and its expected result.
struct TortureEvent: Sendable {
    /// Identifies the event among all runs, in its text and so in what is written to the PSA.
    let key: String
    /// The id that the sender gives it.
    var id: String
    /// The event type, which decides on the rule.
    var type: String
    /// The device, which becomes the subject.
    var device: String
    /// The customer's number in the PSA; nil for an event about none.
    var client: Int?
    /// How the customer's name is written where the event names it instead of its number; nil for the number.
    var spelling: (@Sendable (String) -> String)?
    /// Which of the tokens it is sent with.
    var token = 0
    /// Text that the PSA rejects, or other content of the text.
    var words = ""
    /// How many files it has.
    var fileCount = 0
    /// Whether the PSA will reject it, so that it must fail alone.
    var isPoisoned = false

    /// An event whose id is its key.
    init(_ key: String, type: String, device: String, client: Int? = nil) {
        self.key = key
        id = key
        self.type = type
        self.device = device
        self.client = client
    }

    static let source = "torture"

    /// A text that only this event contains.
    var mark: String { "Event \(key) of a torture run." }

    /// The names of its files, which no other event has.
    var fileNames: [String] { (0..<fileCount).map { "\(key).\($0).txt" } }

    private static func file(_ name: String) -> JSONValue {
        ["name": .string(name), "mediaType": "text/plain", "content": .string(Data("The file \(name).".utf8).base64EncodedString())]
    }

    /// The event as JSON; `name` is the customer's name in the PSA.
    func json(name: String?) -> JSONValue {
        let company = spelling.flatMap { spelling in name.map(spelling) }
        let event: JSONValue = [
            "source": .string(Self.source), "id": .string(id), "type": .string(type), "severity": "error", "device": .string(device),
            "company": .string(company ?? ""), "companyID": .string(company == nil ? client.map(String.init) ?? "" : ""),
            "text": .string(mark + words),
        ]
        return fileCount == 0 ? event : event.adding(("attachments", .array(fileNames.map(Self.file))))
    }
}
