import PSACore

/// Plain text as the HTML that HaloPSA's notes are made of.
enum HaloText {
    /// The text with its markup characters escaped and its line ends kept.
    ///
    /// - Throws: ``PSAError`` with `request.rejected` if there is nothing to say.
    static func html(_ text: String, about object: HaloMessage, _ client: HaloClient) throws -> String {
        let trimmed = text.trimmingSpaces
        guard !trimmed.isEmpty else { throw client.error(.requestInvalid, about: object, message: .noText) }
        return "<p>" + escape(trimmed) + "</p>"
    }

    /// Escapes what HTML would read as markup; every kind of line end becomes a break.
    static func escape(_ text: String) -> String {
        text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
            .map { String($0).escapedForHTML(apostrophes: false) }.joined(separator: "<br>")
    }
}
