import PSACore

/// What HaloPSA says when it refuses, out of the shapes its bodies have.
///
/// Seen: a JSON string; a serialized .NET exception with `Message`; a model-state map `{"[0].priority_id":["…"]}`; the OAuth pair
/// `error`/`error_description`; the older `errorMessage`, `Message` and `error`; and nothing at all. HTML is never quoted: it is some
/// proxy's page, and may hold anything.
struct HaloErrorBody {
    /// A machine-readable code, such as `invalid_client`.
    let code: String?
    /// The words meant for people.
    let message: String?
    /// The body fields a model-state map complains about, without their index: `priority_id`.
    let fields: [String]

    init(_ response: HTTPResponse) {
        let challenge = Self.challengeCode(response.headers["WWW-Authenticate"])
        guard let root = try? JSONDocument(response.body).root else {
            (code, message, fields) = (challenge, nil, [])
            return
        }
        if let text = root.string {
            (code, message, fields) = (challenge, text, [])
        } else if let error = root["error"]?.string {
            (code, message, fields) = (error, root["error_description"]?.string ?? (challenge == nil ? error : nil), [])
        } else if let text = root["Message"]?.string ?? root["errorMessage"]?.string ?? root["message"]?.string {
            (code, message, fields) = (challenge, text, [])
        } else {
            let complaints = root.members.filter { $0.value.isArray }
            code = challenge
            message =
                complaints.isEmpty
                ? nil
                : complaints.map { "\($0.name): \($0.value.elements.compactMap(\.string).joined(separator: " "))" }.joined(separator: " ")
            fields = complaints.map { String($0.name.split(separator: ".").last ?? "") }
        }
    }

    /// The `error` parameter of a bearer challenge.
    private static func challengeCode(_ header: String?) -> String? {
        guard let header, let start = header.firstRange(of: "error=\"") else { return nil }
        return String(header[start.upperBound...].prefix { $0 != "\"" })
    }
}
