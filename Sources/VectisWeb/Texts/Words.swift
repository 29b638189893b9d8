import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// A sentence that a page shows in the viewer's language and a program reads in English.
///
/// Written as a literal, like ``HTML``: its words are translated, and interpolated values are data.
struct Words: Sendable, ExpressibleByStringInterpolation {
    /// For programs and logs.
    let english: String
    /// For pages.
    let html: HTML

    init(stringLiteral value: String) {
        english = value
        html = HTML(term: value)
    }

    init(stringInterpolation: Interpolation) {
        english = stringInterpolation.english
        html = HTML(stringInterpolation: stringInterpolation.html)
    }

    /// A sentence that is declared as a `String` elsewhere.
    init(term: String) {
        english = term
        html = HTML(term: term)
    }

    /// A message of the core.
    init(_ message: any LocalizedMessage) {
        english = TextRenderer().text(message)
        html = HTML(text: Viewer.current.renderer.text(message))
    }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var english = ""
        fileprivate var html: HTML.Interpolation

        init(literalCapacity: Int, interpolationCount: Int) {
            html = HTML.Interpolation(literalCapacity: literalCapacity, interpolationCount: interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) {
            english += literal
            html.appendLiteral(literal)
        }

        mutating func appendInterpolation(_ value: String) {
            english += value
            html.appendInterpolation(value)
        }

        mutating func appendInterpolation(_ value: Int) { appendInterpolation(String(value)) }
    }
}
