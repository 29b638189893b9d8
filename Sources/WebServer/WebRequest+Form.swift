extension WebRequest {
    /// Whether the body is said to be an HTML form's, `application/x-www-form-urlencoded`.
    public var isForm: Bool {
        let type = headers["Content-Type"].map { $0.prefix { $0 != ";" }.lowercased() } ?? ""
        return type.split(separator: " ") == ["application/x-www-form-urlencoded"]
    }

    /// The fields of a body sent by an HTML form, in order; nil if it is of another type or malformed.
    ///
    /// Only `application/x-www-form-urlencoded` is read. A malformed escape, `%00` and text that is no UTF-8 make the whole body malformed.
    public var formFields: [(name: String, value: String)]? {
        guard isForm else { return nil }
        var fields: [(name: String, value: String)] = []
        for field in body.split(separator: UInt8(ascii: "&")) {
            let sides = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = RequestTarget.decoded(sides[0], plusIsSpace: true),
                let value = sides.count == 2 ? RequestTarget.decoded(sides[1], plusIsSpace: true) : ""
            else { return nil }
            fields.append((name: name, value: value))
        }
        return fields
    }
}
