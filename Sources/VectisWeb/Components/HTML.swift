import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// HTML that is safe to send: literals in the source are trusted, and every interpolated value is escaped.
///
/// Written as a literal: `let row: HTML = "<td title=\"\(note)\">\(name)</td>"`. A `String` in an interpolation becomes text or the inside
/// of a quoted attribute and nothing else; another `HTML` is inserted as it is. Attribute values are always quoted in the templates.
struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The markup.
    private(set) var description: String

    init(stringLiteral value: String) { description = value }
    init(stringInterpolation: Interpolation) { description = stringInterpolation.markup }

    /// A text, escaped.
    init(text: String) { description = text.escapedForHTML() }

    /// Markup that the Markdown renderer has escaped already.
    init(rendered markup: String) { description = markup }

    /// Nothing.
    static let empty: HTML = ""

    /// Several pieces, one after the other.
    static func all(_ pieces: some Sequence<HTML>) -> HTML { HTML(rendered: pieces.map(\.description).joined()) }

    /// Several pieces with commas between them.
    static func joined(_ pieces: [HTML]) -> HTML { HTML(rendered: pieces.map(\.description).joined(separator: ", ")) }

    static func + (left: HTML, right: HTML) -> HTML { HTML(rendered: left.description + right.description) }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { markup += literal }
        mutating func appendInterpolation(_ text: String) { markup += text.escapedForHTML() }
        mutating func appendInterpolation(_ html: HTML) { markup += html.description }
        mutating func appendInterpolation(_ html: HTML?) { markup += html?.description ?? "" }
        mutating func appendInterpolation(_ number: Int) { markup += String(number) }

        /// The markup of each element.
        mutating func appendInterpolation<Element>(each elements: some Sequence<Element>, _ row: (Element) -> HTML) {
            for element in elements { markup += row(element).description }
        }

        /// An attribute without a value, such as `checked`, where it applies.
        mutating func appendInterpolation(flag name: StaticString, _ isOn: Bool) { if isOn { markup += " \(name)" } }

        /// An attribute with a value, where there is one.
        mutating func appendInterpolation(attribute name: StaticString, _ value: String?) {
            if let value { markup += " \(name)=\"\(value.escapedForHTML())\"" }
        }
    }
}
