/// An error of the token endpoint.
enum TokenRefusal {
    /// The body as OpenIddict, the vendor's OAuth server, words it.
    static func body(_ error: String, _ description: String, _ reference: String) -> JSONValue {
        [
            "error": .string(error), "error_description": .string(description),
            "error_uri": .string("https://documentation.openiddict.com/errors/\(reference)"),
        ]
    }

    static func reply(_ status: Int, _ error: String, _ description: String, _ reference: String) -> Reply {
        Reply(status: status, json: body(error, description, reference))
    }
}
