/// Header fields in the order they were added, looked up without regard to case.
///
/// The description names the fields and never their values, because one of them is the bearer token.
public struct HTTPHeaders: Sendable, Equatable, CustomStringConvertible, CustomReflectable,
    ExpressibleByDictionaryLiteral
{
    private struct Field: Sendable, Equatable {
        var name: String
        var value: String
    }

    private var storage: [Field] = []

    /// Makes an empty set of fields.
    public init() {}

    /// Makes fields from a literal, keeping its order and its duplicates.
    public init(dictionaryLiteral elements: (String, String)...) {
        storage = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value of a field, or nil; setting replaces every value of that name.
    public subscript(name: String) -> String? {
        get { storage.first { $0.name.lowercased() == name.lowercased() }?.value }
        set {
            storage.removeAll { $0.name.lowercased() == name.lowercased() }
            if let newValue { storage.append(Field(name: name, value: newValue)) }
        }
    }

    /// Every value of a field, in order.
    public func values(of name: String) -> [String] { storage.filter { $0.name.lowercased() == name.lowercased() }.map(\.value) }

    /// Adds a value without touching those already there.
    public mutating func append(_ name: String, _ value: String) {
        storage.append(Field(name: name, value: value))
    }

    /// Every field as a name and value pair, in order.
    public var fields: [(name: String, value: String)] { storage.map { ($0.name, $0.value) } }

    /// The field names only: values may be secret.
    public var description: String { storage.map(\.name).joined(separator: ", ") }

    /// The field names only, also for a debugger.
    public var customMirror: Mirror { Mirror(self, unlabeledChildren: storage.map(\.name)) }
}
