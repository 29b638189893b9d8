import PSACore

extension JSONValue {
    /// The elements of an array; nothing for any other value.
    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The members of an object; nothing for any other value.
    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    var integer: Int? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }
}
