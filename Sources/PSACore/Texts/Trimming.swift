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
