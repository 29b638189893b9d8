import PSACore

/// Values in one text, separated by commas; a value with a comma is in quotation marks, as in CSV.
package enum CommaSeparated {
    /// The values of a text, without spaces at their ends and without empty ones.
    ///
    /// Quotation marks count only around a value that can’t be written without them: with a comma or a doubled quotation mark in it.
    package static func values(_ text: String) -> [String] {
        var values: [String] = []
        var rest = text[...]
        while true {
            let end: Substring.Index
            if let quoted = leadingValue(rest) {
                values.append(quoted.value.trimmingSpaces)
                end = quoted.end
            } else {
                end = rest.firstIndex(of: ",") ?? rest.endIndex
                values.append(String(rest[..<end]).trimmingSpaces)
            }
            guard end < rest.endIndex else { return values.filter { !$0.isEmpty } }
            rest = rest[rest.index(after: end)...]
        }
    }

    /// A text that ``values(_:)`` reads as these values.
    package static func text(_ values: [String]) -> String { values.map(quoted).joined(separator: ", ") }

    /// A value as it is written among others.
    package static func quoted(_ value: String) -> String {
        guard value.contains(",") || value.hasPrefix("\"") else { return value }
        return "\"" + value.replacing("\"", with: "\"\"") + "\""
    }

    /// The value in quotation marks with which a text begins, and where the comma after it, or the end, is; nil if it begins with none.
    private static func leadingValue(_ text: Substring) -> (value: String, end: Substring.Index)? {
        guard let first = text.firstIndex(where: { $0 != " " }), text[first] == "\"" else { return nil }
        var value = ""
        var isNeeded = false
        var place = text.index(after: first)
        while let mark = text[place...].firstIndex(of: "\"") {
            value += text[place..<mark]
            let next = text.index(after: mark)
            guard next < text.endIndex, text[next] == "\"" else {
                let end = text[next...].firstIndex { $0 != " " } ?? text.endIndex
                guard isNeeded || value.contains(","), end == text.endIndex || text[end] == "," else { return nil }
                return (value, end)
            }
            value += "\""
            isNeeded = true
            place = text.index(after: next)
        }
        return nil
    }
}
