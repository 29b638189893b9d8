import PSACore

/// What HaloPSA says when it refuses.
///
/// Seen: a JSON string; a serialized .NET exception with `Message`; a model-state map `{"[0].priority_id":["…"]}`; the OAuth pair
/// `error`/`error_description`; the older `errorMessage`, `Message` and `error`; and nothing at all. Gateways and other versions send more, so
/// every shape that ``VendorExplanation`` knows is read.
struct HaloErrorBody {
    /// A machine-readable code, such as `invalid_client`.
    let code: String?
    /// The words meant for people.
    let message: String?
    /// The body fields a model-state map complains about, without their index: `priority_id`.
    let fields: [String]
    /// The page that explains the code, `error_uri`, which names it for machines.
    let uri: String?

    init(_ response: HTTPResponse) {
        let explanation = VendorExplanation(response.body)
        code = explanation.code ?? Self.challengeCode(response.headers["WWW-Authenticate"])
        message = explanation.message
        fields = explanation.fields
        uri = explanation.uri
    }

    /// Whether the body has one of the forms in which HaloPSA itself refuses, which say that it did not store what was sent.
    static func isOwnRefusal(_ response: HTTPResponse) -> Bool {
        guard let root = try? JSONDocument(response.body).root else { return false }
        let words = root.string ?? ["error", "Message", "errorMessage", "message"].lazy.compactMap { root[$0]?.string }.first
        if let words { return !words.isEmpty }
        return root.isObject && root.members.contains { $0.value.isArray && $0.value.elements.contains { $0.string != nil } }
    }

    /// The `error` parameter of a bearer challenge.
    private static func challengeCode(_ header: String?) -> String? {
        guard let header, let start = header.firstRange(of: "error=\"") else { return nil }
        return String(header[start.upperBound...].prefix { $0 != "\"" })
    }
}
