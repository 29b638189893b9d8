import PSACore

/// Plain text as the HTML that HaloPSA's notes are made of.
enum HaloText {
    /// The text with its markup characters escaped and its line ends kept.
    ///
    /// - Throws: ``PSAError`` with `request.rejected` if there is nothing to say.
    static func html(_ text: String, about object: HaloMessage, _ client: HaloClient) throws -> String {
        let trimmed = text.trimmed
        guard !trimmed.isEmpty else { throw client.error(.requestInvalid, about: object, message: .noText) }
        return "<p>" + escape(trimmed) + "</p>"
    }

    /// Escapes what HTML would read as markup; every kind of line end becomes a break.
    static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\r\n", "\r": escaped += "<br>"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}

extension String {
    /// Without blanks and line ends around it.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
