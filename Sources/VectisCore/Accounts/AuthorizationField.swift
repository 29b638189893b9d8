/// Reads the header field `Authorization`.
package enum AuthorizationField {
    /// A scheme with credentials in one part.
    package enum Scheme: String, Sendable {
        case basic, bearer
    }

    /// The credentials of a scheme; nil where the field has another one.
    ///
    /// RFC 9110 lets the name of a scheme be written in any case.
    package static func credentials(_ field: String?, of scheme: Scheme) -> String? {
        guard let field, let space = field.firstIndex(of: " "), field[..<space].lowercased() == scheme.rawValue else { return nil }
        return String(field[space...].drop { $0 == " " })
    }
}
