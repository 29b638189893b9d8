import FoundationEssentials
import PSACore
import PSAEngine
import Sodium

/// Seals what must not be read from the database, and proves what the host itself said earlier.
///
/// Secrets are bound to their place: a sealed secret that is copied to another connection or setting does not open there.
struct Vault: SecretSealer {
    private let keys: KeyRing
    private let now: @Sendable () -> Date

    init(_ keys: KeyRing, time: TimeSource) {
        self.keys = keys
        now = time.now
    }

    /// Seals a secret for its place.
    func seal(_ secret: Secret, of connection: ConnectionID, _ key: SettingKey) throws -> SealedSecret {
        SealedSecret(bytes: try keys.seal(Array(secret.reveal().utf8), for: Self.place(connection, key)))
    }

    /// Opens a secret at its place.
    ///
    /// - Throws: ``KeyRingError`` if none of the keys fits or it was damaged.
    func open(_ sealed: SealedSecret, of connection: ConnectionID, _ key: SettingKey) throws -> Secret {
        Secret(String(decoding: try keys.open(sealed.bytes, for: Self.place(connection, key)), as: UTF8.self))
    }

    private static func place(_ connection: ConnectionID, _ key: SettingKey) -> String { "connection/\(connection)/\(key)" }

    /// A secret that was typed into a form, in a shape that may stand in the page that comes back.
    ///
    /// It opens in the same browser session only, for as long as a test counts.
    func carry(_ secret: Secret, for user: SignedInUser, _ key: SettingKey) throws -> String {
        let until = Int(now().timeIntervalSince1970 + TestProof.lifetime)
        let content = Array("\(until) ".utf8) + Array(secret.reveal().utf8)
        return Base64URL.encode(try keys.seal(content, for: Self.place(user, key)))
    }

    /// The typed secret, or nil if it belongs to another session, is too old or was damaged.
    func carried(_ text: String, for user: SignedInUser, _ key: SettingKey) -> Secret? {
        guard let bytes = Base64URL.decode(text), let content = try? keys.open(bytes, for: Self.place(user, key)) else { return nil }
        // Bytes, because a secret that starts with a combining mark would make one character with the blank.
        let parts = content.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let until = TimeInterval(String(decoding: parts[0], as: UTF8.self)), until > now().timeIntervalSince1970
        else { return nil }
        return Secret(String(decoding: parts[1], as: UTF8.self))
    }

    private static func place(_ user: SignedInUser, _ key: SettingKey) -> String {
        "form/\(Base64URL.encode(user.session.tokenDigest))/\(key)"
    }

    /// Proves that the settings of a draft were just seen to work, and how well.
    func receipt(for draft: ConnectionDraft, _ status: ConnectionStatus) throws -> TestProof {
        TestProof(rawValue: Base64URL.encode(try keys.seal(status.json.encoded, for: Self.place(draft))))
    }

    /// What the test of exactly these settings found, or nil if this is no proof of one, or too old.
    func status(provenBy receipt: TestProof, for draft: ConnectionDraft) -> ConnectionStatus? {
        guard let bytes = Base64URL.decode(receipt.rawValue), let content = try? keys.open(bytes, for: Self.place(draft)),
            let status = ConnectionStatus(json: content), now().timeIntervalSince(status.checkedAt) < TestProof.lifetime
        else { return nil }
        return status
    }

    private static func place(_ draft: ConnectionDraft) -> String {
        "receipt/" + Base64URL.encode(Digest(of: draft.canonicalBytes).bytes)
    }

    /// What forms of a session have to send along; it can't be guessed from outside.
    func formToken(for token: SessionToken) -> String { keys.proof(of: "form-token/" + token.cookieValue) }
}

extension ConnectionStatus {
    /// The status as JSON, for a receipt.
    fileprivate var json: JSONValue {
        .init(present: [
            ("outcome", .string(outcome.rawValue)), ("headline", .string(headline)), ("code", code.map { .string($0.rawValue) }),
            ("correlationID", correlationID.map(JSONValue.string)), ("checkedAt", .double(checkedAt.timeIntervalSince1970)),
        ])
    }

    fileprivate init?(json: [UInt8]) {
        guard let root = try? JSONDocument(json).root, let outcome = root["outcome"]?.string.flatMap(Outcome.init(rawValue:)),
            let headline = root["headline"]?.string, let checkedAt = root["checkedAt"]?.double
        else { return nil }
        self.init(
            outcome: outcome, headline: headline, code: root["code"]?.string.flatMap(ErrorCode.init(rawValue:)),
            correlationID: root["correlationID"]?.string, checkedAt: Date(timeIntervalSince1970: checkedAt))
    }
}
