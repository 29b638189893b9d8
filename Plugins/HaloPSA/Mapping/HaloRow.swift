#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// Reads members of a row with the vendor's habits: omitted falsehoods, ids as doubles, sentinel dates, and 0 or -1 for “none”.
struct HaloRow {
    let view: JSONView
    let fetchedAt: Date
    private let members: JSONMembers

    /// Takes a row and finds its members.
    init(view: JSONView, fetchedAt: Date) {
        self.view = view
        self.fetchedAt = fetchedAt
        members = JSONMembers(of: view, HaloMember.names)
    }

    /// The row as it came.
    var native: NativeRecord { NativeRecord(view, fetchedAt: fetchedAt) }

    /// A member as it came, also `null`; nil if the row lacks it.
    func member(_ member: HaloMember) -> JSONView? { members.view(member.rawValue) }

    /// A text that is not empty.
    func text(_ member: HaloMember) -> String? {
        guard let text = members.string(member.rawValue), !text.isEmpty else { return nil }
        return text
    }

    /// A whole number, also when it came as `18.0` or `"18"`.
    func integer(_ member: HaloMember) -> Int? { members.integer(member.rawValue) }

    /// A number.
    func double(_ member: HaloMember) -> Double? { self.member(member)?.double }

    /// A Boolean, or nil if the row lacks it.
    func bool(_ member: HaloMember) -> Bool? { members.bool(member.rawValue) }

    /// A Boolean; HaloPSA leaves out what is false.
    func flag(_ member: HaloMember) -> Bool { bool(member) ?? false }

    /// A date, unless it is missing or a sentinel.
    func date(_ member: HaloMember) -> Date? { HaloDate.unlessUnset(members.instant(member.rawValue)) }

    /// The id of this row.
    func id<Entity>(_ member: HaloMember = .id) -> RecordID<Entity>? { integer(member).map { RecordID($0) } }

    /// A pointer to another record; 0 and -1 mean none.
    func reference<Entity>(_ id: HaloMember, label: HaloMember? = nil) -> Reference<Entity>? {
        guard let number = integer(id), number > 0 else { return nil }
        return Reference(RecordID(number), label: label.flatMap(text))
    }

    /// The first of several spellings that has a text.
    func text(anyOf members: HaloMember...) -> String? { members.lazy.compactMap { text($0) }.first }

    /// The first of two spellings that has a date: GET and POST answers differ (`last_update`, `lastupdate`).
    func date(_ member: HaloMember, or other: HaloMember) -> Date? { date(member) ?? date(other) }
}

/// The rows of a list answer, whatever envelope they came in.
///
/// HaloPSA sends `{"record_count":n,"tickets":[…]}`, bare arrays, `null` in place of the rows, and for some tenants a key other than the
/// documented one; an object in place of a list is a single row.
struct HaloList {
    let rows: [JSONView]
    /// The grand total where paging was asked for; otherwise only the number of rows, so it is a hint.
    let recordCount: Int?

    /// The rows as a page takes them.
    var rowList: RowList { RowList(rows, total: recordCount) }

    /// Finds the rows, or returns nil if the answer is not a list at all.
    init?(_ root: JSONView, key: String) {
        if root.isArray {
            rows = root.elements
            recordCount = nil
            return
        }
        guard root.isObject else { return nil }
        recordCount = root["record_count"]?.integer
        if let declared = root.member(key) {
            guard declared.isArray || declared.isNull else { return nil }
            rows = declared.elements
        } else if let found = root.members.first(where: Self.mayBeRows) {
            rows = found.value.elements
        } else if root["id"] != nil {
            rows = [root]
        } else if recordCount != nil {
            rows = []
        } else {
            return nil
        }
    }

    /// Whether a member of another name may be the list: a list of texts is none, such as one of errors.
    private static func mayBeRows(_ name: String, _ value: JSONView) -> Bool {
        value.isArray && name != "columns" && name != "folders" && value.elements.allSatisfy(\.isObject)
    }
}

/// The record in the answer to a POST of one element: a bare object, or an array of one.
enum HaloSavedRecord {
    /// The record, or nil where the answer does not say which one was saved: without an id that a record can have, or with several.
    static func find(in root: JSONView) -> JSONView? {
        guard !root.isArray || root.elements.count == 1, let record = root.isArray ? root.elements.first : root,
            let id = record["id"]?.integer, (1...Int(Int32.max)).contains(id)
        else { return nil }
        return record
    }
}

/// Dates as HaloPSA writes them: 0 to 7 fraction digits, with or without a zone, and years before 1980 for “none”.
///
/// Without a zone they are UTC (three clients agree). `1900-01-01`, `1899-12-30` and `1901-01-01` stand for unset fields.
enum HaloDate {
    /// Reads a date, or returns nil for none, a sentinel or something else.
    static func parse(_ text: String?) -> Date? {
        unlessUnset(text.flatMap { GregorianUTC.instant(iso8601: $0) })
    }

    /// The date, or nil for a sentinel.
    static func unlessUnset(_ date: Date?) -> Date? {
        guard let date, date >= earliest else { return nil }
        return date
    }

    /// Writes a date as filters take it: UTC and whole seconds, with the zone, as the client does that has used them longest.
    static func filter(_ date: Date) -> String {
        let whole = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        return whole.formatted(.iso8601)
    }

    /// 1980-01-01: everything before means "not set".
    private static let earliest = Date(timeIntervalSince1970: 315_532_800)
}
