/// The files of a new connector: a placeholder that says what it is.
struct ConnectorTemplates: Sendable {
    let name: ConnectorName

    /// The settings that nearly every PSA asks for, so that form, guide and tests agree from the start; the author corrects them.
    static let (serverURL, apiKey) = ("serverURL", "apiKey")
    static let (serverHeading, keyHeading) = ("1. Find the server URL", "2. Make an API key")
    static let (serverAnchor, keyAnchor) = ("1-find-the-server-url", "2-make-an-api-key")
}
