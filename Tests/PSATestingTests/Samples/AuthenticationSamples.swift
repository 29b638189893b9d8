import PSACore

/// How requests prove who they come from, where a vendor wants its credentials with every request.
enum AuthenticationSamples {
    /// An API key in a header field of the vendor's own.
    static func apiKey(_ key: Secret) -> VendorAuthentication { .headers([(name: "X-Api-Key", value: key)]) }

    /// HTTP Basic, and a client id beside it.
    static func basic(publicKey: String, privateKey: Secret, clientID: Secret) -> VendorAuthentication {
        .basic(user: publicKey, password: privateKey, and: [(name: "clientId", value: clientID)])
    }
}
