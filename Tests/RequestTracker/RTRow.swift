#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// Reads members of a row with RT's habits: the same id as text in lists and as a number in the record, 1970 for a date that is not set, and
/// empty text for none.
struct RTRow {
    let view: JSONView
    let fetchedAt: Date

    /// The row as it came.
    var native: NativeRecord { NativeRecord(view, fetchedAt: fetchedAt) }

    /// A text that is not empty.
    func text(_ name: String) -> String? {
        guard let text = view[name]?.text, !text.isEmpty else { return nil }
        return text
    }

    /// The id of this row, whatever it was written as.
    func id<Entity>() -> RecordID<Entity>? { text("id").flatMap { RecordID($0) } }

    /// A date, unless it is not set.
    func date(_ name: String) -> Date? {
        guard let date = view[name]?.string.flatMap(GregorianUTC.instant(iso8601:)), date.timeIntervalSince1970 > 0 else { return nil }
        return date
    }

    /// A Bool, which RT writes as 0 and 1, as text or as a number.
    func flag(_ name: String) -> Bool? { view[name]?.integer.map { $0 != 0 } }

    /// A pointer to another record, and its name if it was asked for.
    func reference<Entity>(_ name: String, label: String...) -> Reference<Entity>? {
        view[name].flatMap { Self.reference($0, label: label) }
    }

    /// The first of several pointers.
    func firstReference<Entity>(_ name: String, label: String...) -> Reference<Entity>? {
        view[name]?.elements.first.flatMap { Self.reference($0, label: label) }
    }

    /// The first value of a custom field.
    func customField(_ name: String) -> String? {
        let field = view["CustomFields"]?.elements.first { $0["name"]?.string == name }
        return field?["values"]?.elements.first?.text
    }

    private static func reference<Entity>(_ view: JSONView, label names: [String]) -> Reference<Entity>? {
        guard let id = view["id"]?.text.flatMap({ RecordID<Entity>($0) }) else { return nil }
        return Reference(id, label: names.lazy.compactMap { view[$0]?.string }.first { !$0.isEmpty })
    }
}

extension RowList {
    /// The rows of a page of a collection: `{"page":1,"per_page":100,"pages":3,"count":100,"total":260,"items":[…]}`.
    ///
    /// The number of pages is null where RT would have to look at every row's rights, and left out of custom field values. Where it is null, RT
    /// leaves out rows that the user may not see after it has cut the page, so that a short page is not the last: only an empty one is.
    init?(rt root: JSONView) {
        self.init(array: root["items"], total: root["total"]?.integer)
        pages = root["pages"]?.integer
    }
}

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
