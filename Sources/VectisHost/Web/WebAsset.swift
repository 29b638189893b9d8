import Sodium
import WebServer

/// A file that pages refer to, by an address that changes with its content and so can be kept by browsers for good.
struct WebAsset: Sendable {
    private let name: String
    private let contentType: String
    private let bytes: [UInt8]
    private let digest: String

    static let style = WebAsset("vectis.css", "text/css; charset=utf-8", .vectisCSS)
    static let script = WebAsset("vectis.js", "text/javascript; charset=utf-8", .vectisJS)
    static let icon = WebAsset("icon.svg", "image/svg+xml", .iconSVG)

    private static let all = [style, script, icon]

    private init(_ name: String, _ contentType: String, _ file: EmbeddedFile) {
        self.name = name
        self.contentType = contentType
        bytes = Array(file.text.utf8)
        digest = String(Base64URL.encode(Digest(of: bytes).bytes).prefix(12))
    }

    /// Its address.
    var path: String { "/assets/\(name)?v=\(digest)" }

    /// The answer to a request for an asset.
    static func answer(_ context: RequestContext) throws -> WebResponse {
        guard let asset = all.first(where: { $0.name == context.parameter("name") }) else {
            throw WebError(.notFound, "There is no such file.")
        }
        let isExact = context.request.queryValue("v") == asset.digest
        return WebResponse(
            status: 200,
            headers: ["Content-Type": asset.contentType, "Cache-Control": isExact ? "public, max-age=31536000, immutable" : "no-cache"],
            body: .bytes(asset.bytes))
    }
}
