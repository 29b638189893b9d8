import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// HTML that is safe to send: literals in the source are trusted, and every interpolated value is escaped.
///
/// Written as a literal: `let row: HTML = "<td title=\"\(note)\">\(name)</td>"`. A `String` in an interpolation becomes text or the inside
/// of a quoted attribute and nothing else; another `HTML` is inserted as it is. Attribute values are always quoted in the templates.
///
/// A literal holds words of the host, and an interpolation holds data: for a viewer whose language is not English, the words of the literal
/// are translated while it is created. That is why words on pages are `HTML`, and why no `HTML` is stored in a constant of a type.
struct HTML: Sendable, Hashable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The markup.
    private(set) var description: String

    init(stringLiteral value: String) {
        description = Viewer.current.translation.map { TranslatedMarkup(value, [], $0).text } ?? value
    }

    init(stringInterpolation: Interpolation) { description = stringInterpolation.text }

    /// A text, escaped.
    init(text: String) { description = text.escapedForHTML() }

    /// A word or sentence that is declared as a `String` outside the pages, such as the label of a setting: translated, then escaped.
    init(term: String) { description = (Viewer.current.translation?.term(term) ?? term).escapedForHTML() }

    /// Markup that the Markdown renderer has escaped already.
    init(rendered markup: String) { description = markup }

    /// Nothing.
    static var empty: HTML { HTML(rendered: "") }

    /// Whether it is nothing.
    var isEmpty: Bool { description.isEmpty }

    /// Several pieces, one after the other.
    static func all(_ pieces: some Sequence<HTML>) -> HTML { HTML(rendered: pieces.map(\.description).joined()) }

    /// Several pieces with commas between them.
    static func joined(_ pieces: [HTML]) -> HTML { HTML(rendered: pieces.map(\.description).joined(separator: ", ")) }

    static func + (left: HTML, right: HTML) -> HTML { HTML(rendered: left.description + right.description) }

    struct Interpolation: StringInterpolationProtocol {
        private var markup = ""
        private let translation: Translation?
        /// Where the values are in the markup, in bytes; only for a translation.
        private var values: [Range<Int>] = []

        init(literalCapacity: Int, interpolationCount: Int) {
            translation = Viewer.current.translation
            markup.reserveCapacity(literalCapacity * 2)
        }

        /// The markup in the language of the viewer.
        fileprivate var text: String { translation.map { TranslatedMarkup(markup, values, $0).text } ?? markup }

        mutating func appendLiteral(_ literal: String) { markup += literal }
        mutating func appendInterpolation(_ text: String) { append(text.escapedForHTML()) }
        mutating func appendInterpolation(_ html: HTML) { append(html.description) }
        mutating func appendInterpolation(_ html: HTML?) { append(html?.description ?? "") }
        mutating func appendInterpolation(_ number: Int) { append(String(number)) }

        /// The markup of each element.
        mutating func appendInterpolation<Element>(each elements: some Sequence<Element>, _ row: (Element) -> HTML) {
            append(elements.reduce(into: "") { $0 += row($1).description })
        }

        /// An attribute without a value, such as `checked`, where it applies.
        mutating func appendInterpolation(flag name: StaticString, _ isOn: Bool) { append(isOn ? " \(name)" : "") }

        /// An attribute with a value, where there is one.
        mutating func appendInterpolation(attribute name: StaticString, _ value: String?) {
            append(value.map { " \(name)=\"\($0.escapedForHTML())\"" } ?? "")
        }

        private mutating func append(_ value: String) {
            guard translation != nil else { return markup += value }
            let start = markup.utf8.count
            markup += value
            values.append(start..<markup.utf8.count)
        }
    }
}
