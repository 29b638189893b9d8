extension Unicode.Scalar {
    /// Whether it shows as a space: Unicode white space of any width, line ends included, and characters without width.
    ///
    /// Joiners and direction marks are not spaces: at the end of a text they belong to the character before them.
    public var isSpace: Bool {
        switch value {
        // Mongolian vowel separator, zero width space, word joiner, byte order mark: invisible, but no white space to Unicode.
        case 0x180E, 0x200B, 0x2060, 0xFEFF: true
        default: properties.isWhitespace
        }
    }
}

extension Unicode.Scalar {
    /// Whether it breaks a line, controls a terminal, or changes the direction of writing.
    fileprivate var breaksLine: Bool {
        guard value > 0x7E else { return value < 0x20 }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}

extension String {
    /// The text without line breaks, control and direction characters: subjects and names come from strangers, and a terminal obeys
    /// escapes.
    package var onOneLine: String {
        guard !isPrintableASCII, unicodeScalars.contains(where: \.breaksLine) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0.breaksLine ? " " : $0 }))
    }

    /// Whether it has only characters from the space to the tilde, each of which is one byte and one column.
    package var isPrintableASCII: Bool { utf8.allSatisfy { $0 &- 0x20 < 0x5F } }
}

extension StringProtocol {
    /// The text without spaces at its ends, as ``Swift/Unicode/Scalar/isSpace`` defines them; empty if it has nothing else.
    public var trimmingSpaces: String { trimming { $0.isSpace } }

    /// The text without spaces and without the direction and joining marks that are copied along with a value.
    package var trimmingInvisible: String { trimming { $0.isSpace || $0.properties.generalCategory == .format } }

    private func trimming(_ isDropped: (Unicode.Scalar) -> Bool) -> String {
        let scalars = String(self).unicodeScalars
        guard let first = scalars.firstIndex(where: { !isDropped($0) }), let last = scalars.lastIndex(where: { !isDropped($0) }) else {
            return ""
        }
        return String(scalars[first...last])
    }
}

extension String {
    /// The text with the characters escaped that mean something to HTML, in content and in quoted attribute values.
    ///
    /// It is the one escaping of this package, except for the Markdown renderer, which depends on nothing but its C library.
    ///
    /// - Parameter apostrophes: Whether apostrophes are escaped too; only content and values in double quotes may go without.
    /// - Returns: The escaped text.
    public func escapedForHTML(apostrophes: Bool = true) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count + 16)
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "&"): bytes += "&amp;".utf8
            case UInt8(ascii: "<"): bytes += "&lt;".utf8
            case UInt8(ascii: ">"): bytes += "&gt;".utf8
            case UInt8(ascii: "\""): bytes += "&quot;".utf8
            case UInt8(ascii: "'") where apostrophes: bytes += "&#39;".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Finds the known name a person most likely meant.
package enum NearestName {
    /// The candidate with the fewest edits, if they are few enough to be a slip: a third of the length, at least one.
    package static func of(_ typed: String, in candidates: [String]) -> String? {
        let wanted = Array(typed.lowercased().prefix(64))
        let ranked = candidates.map { (name: $0, distance: distance(wanted, Array($0.lowercased()))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(1, best.name.count / 3) ? best.name : nil
    }

    /// The candidate with the fewest edits, if they are no more than so many.
    package static func of(_ typed: String, in candidates: [String], edits: Int) -> String? {
        let wanted = Array(typed.lowercased().prefix(64))
        let ranked = candidates.map { (name: $0, distance: distance(wanted, Array($0.lowercased()))) }
        return ranked.min { $0.distance < $1.distance }.flatMap { $0.distance <= edits ? $0.name : nil }
    }

    private static func distance(_ lhs: [Character], _ rhs: [Character]) -> Int {
        var previous = Array(0...rhs.count)
        for (row, character) in lhs.enumerated() {
            var current = [row + 1]
            for (column, other) in rhs.enumerated() {
                let substitution = previous[column] + (character == other ? 0 : 1)
                current.append(min(substitution, previous[column + 1] + 1, current[column] + 1))
            }
            previous = current
        }
        return previous[rhs.count]
    }
}
