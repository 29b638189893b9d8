import FoundationEssentials
import PSACore

/// An object of a message, read strictly: a member of the wrong type is a ``WireMismatch`` that names its path.
struct WireObject {
    let view: JSONView
    let path: String

    /// - Throws: ``WireMismatch`` if it is not an object.
    init(_ view: JSONView, at path: String = "") throws(WireMismatch) {
        guard view.isObject else { throw WireMismatch(path: path, wanted: .object) }
        self.view = view
        self.path = path
    }

    func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func mismatch(_ name: String, _ wanted: WireMismatch.Wanted) -> WireMismatch { WireMismatch(path: place(name), wanted: wanted) }

    /// A required member.
    func required<Value>(
        _ name: String, _ wanted: WireMismatch.Wanted, _ read: (JSONView) -> Value?
    ) throws(WireMismatch) -> Value {
        guard let value = view[name].flatMap(read) else { throw mismatch(name, wanted) }
        return value
    }

    /// An optional member; null counts as missing.
    func optional<Value>(
        _ name: String, _ wanted: WireMismatch.Wanted, _ read: (JSONView) -> Value?
    ) throws(WireMismatch) -> Value? {
        guard let member = view[name] else { return nil }
        guard let value = read(member) else { throw mismatch(name, wanted) }
        return value
    }

    func text(_ name: String) throws(WireMismatch) -> String { try required(name, .text, \.string) }
    func optionalText(_ name: String) throws(WireMismatch) -> String? { try optional(name, .text, \.string) }
    func optionalNumber(_ name: String) throws(WireMismatch) -> Double? { try optional(name, .number, \.double) }
    func optionalInteger(_ name: String) throws(WireMismatch) -> Int? { try optional(name, .wholeNumber, \.integer) }
    func optionalFlag(_ name: String) throws(WireMismatch) -> Bool? { try optional(name, .flag, \.bool) }
    func optionalTimestamp(_ name: String) throws(WireMismatch) -> Date? {
        try optional(name, .timestamp) { $0.string.flatMap { GregorianUTC.instant(iso8601: $0) } }
    }

    /// A value out of a fixed set.
    func word<Word: RawRepresentable & CaseIterable>(_ name: String, _ type: Word.Type) throws(WireMismatch) -> Word
    where Word.RawValue == String {
        try required(name, .oneOf(Word.allCases.map(\.rawValue))) { $0.string.flatMap(Word.init(rawValue:)) }
    }

    /// An optional value out of a fixed set.
    func optionalWord<Word: RawRepresentable & CaseIterable>(_ name: String, _ type: Word.Type) throws(WireMismatch) -> Word?
    where Word.RawValue == String {
        try optional(name, .oneOf(Word.allCases.map(\.rawValue))) { $0.string.flatMap(Word.init(rawValue:)) }
    }

    func id<Entity>(_ name: String, of entity: Entity.Type) throws(WireMismatch) -> RecordID<Entity> {
        try required(name, .identifier) { $0.text.flatMap { RecordID<Entity>($0) } }
    }

    /// The elements of a list; none if it is missing.
    func list(_ name: String) throws(WireMismatch) -> [JSONView] { try optional(name, .list) { $0.isArray ? $0.elements : nil } ?? [] }

    /// The elements of a list of strings; none if it is missing.
    func texts(_ name: String) throws(WireMismatch) -> [String] {
        try list(name).enumerated().map { index, element throws(WireMismatch) in
            guard let text = element.string else { throw WireMismatch(path: "\(place(name))[\(index)]", wanted: .text) }
            return text
        }
    }

    /// The elements of a list of objects; none if it is missing.
    func objects(_ name: String) throws(WireMismatch) -> [WireObject] {
        try list(name).enumerated().map { index, element throws(WireMismatch) in
            try WireObject(element, at: "\(place(name))[\(index)]")
        }
    }

    /// An optional object.
    func object(_ name: String) throws(WireMismatch) -> WireObject? {
        guard let member = view[name] else { return nil }
        return try WireObject(member, at: place(name))
    }

    /// A pointer to another record: `{"id":"7","name":"Acme"}`.
    func reference<Entity>(_ name: String, to entity: Entity.Type) throws(WireMismatch) -> Reference<Entity>? {
        guard let object = try object(name) else { return nil }
        return Reference(try object.id("id", of: entity), label: try object.optionalText("name"))
    }
}
