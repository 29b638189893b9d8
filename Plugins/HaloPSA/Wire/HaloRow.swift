import FoundationEssentials
import PSACore

/// Reads members of a row by the vendor's names, with the vendor's habits: omitted falsehoods, ids as doubles, sentinel dates, and 0 or -1
/// for “none”.
struct HaloRow {
    let view: JSONView
    let fetchedAt: Date

    /// The row as it came.
    var native: NativeRecord { NativeRecord(view, fetchedAt: fetchedAt) }

    /// A text that is not empty.
    func text(_ name: String) -> String? {
        guard let text = view[name]?.string, !text.isEmpty else { return nil }
        return text
    }

    /// A whole number, also when it came as `18.0` or `"18"`.
    func integer(_ name: String) -> Int? { view[name]?.integer }

    /// A number.
    func double(_ name: String) -> Double? { view[name]?.double }

    /// A truth value; HaloPSA leaves out what is false.
    func flag(_ name: String) -> Bool { view[name]?.bool ?? false }

    /// A date, unless it is missing or a sentinel.
    func date(_ name: String) -> Date? { HaloDate.parse(view[name]?.string) }

    /// The id of this row.
    func id<Entity>(_ name: String = "id") -> RecordID<Entity>? { integer(name).map { RecordID($0) } }

    /// A pointer to another record; 0 and -1 mean none.
    func reference<Entity>(_ idName: String, label labelName: String? = nil) -> Reference<Entity>? {
        guard let number = integer(idName), number > 0 else { return nil }
        return Reference(RecordID(number), label: labelName.flatMap(text))
    }

    /// The first of several spellings that has a text.
    func text(anyOf names: String...) -> String? { names.lazy.compactMap { text($0) }.first }

    /// The first of several spellings that has a date: GET and POST answers differ (`last_update`, `lastupdate`).
    func date(anyOf names: String...) -> Date? { names.lazy.compactMap { date($0) }.first }
}
