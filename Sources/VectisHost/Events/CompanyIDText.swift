import PSACore

/// Decides what a sender may give as a company's id in the PSA.
enum CompanyIDText {
    /// The largest whole number that JSON numbers hold exactly in every language.
    static let largestNumber = 9_007_199_254_740_991

    /// The id of a JSON number as it is written; nil if it is no whole number from 1 to ``largestNumber``, written in digits alone.
    static func id(number: String) -> String? {
        guard let whole = digits(number), whole <= largestNumber else { return nil }
        return number
    }

    /// The id of a text without blanks around it; nil if it is no id.
    ///
    /// What is a number is a whole one from 1, in digits alone, that fits into 64 bits. Everything else is taken as it is, because some PSAs
    /// have ids that are no numbers; control characters and blanks other than the plain space are in none.
    static func id(text: String) -> String? {
        if isNumber(text) { return digits(text) == nil ? nil : text }
        return Company.ID(text)?.rawValue
    }

    private static func digits(_ text: String) -> Int? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), text.utf8.first != 0x30 else { return nil }
        return Int(text)
    }

    /// Whether it is meant as a number: signs, digits of any script, separators and an exponent, and nothing else.
    private static func isNumber(_ text: String) -> Bool {
        var rest = text.unicodeScalars[...]
        func take(_ isTaken: (Unicode.Scalar) -> Bool) -> Int {
            let taken = rest.prefix(while: isTaken).count
            rest = rest.dropFirst(taken)
            return taken
        }
        func isSign(_ scalar: Unicode.Scalar) -> Bool {
            "+-\u{2010}\u{2011}\u{2012}\u{2013}\u{2212}\u{FE63}\u{FF0B}\u{FF0D}".unicodeScalars.contains(scalar)
        }
        func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .decimalNumber }
        func isSeparator(_ scalar: Unicode.Scalar) -> Bool { ".,'’ \u{66B}\u{66C}\u{FF0E}".unicodeScalars.contains(scalar) }
        _ = take { isSign($0) || $0 == " " }
        var digits = 0
        while !rest.isEmpty {
            let more = take(isDigit)
            guard more + take(isSeparator) > 0 else { break }
            digits += more
        }
        guard digits > 0 else { return false }
        if take({ $0 == "e" || $0 == "E" }) == 1 {
            _ = take(isSign)
            guard take(isDigit) > 0 else { return false }
        }
        return rest.isEmpty
    }
}
