import FoundationEssentials
import PSACore

/// The proof that certain settings were seen to work, handed to the browser and checked when they are saved.
///
/// What was found is sealed in it, bound to a digest of connector and settings: nothing can be read from it, it fits no other settings, and
/// nobody without the host's key can make one.
struct TestProof: Sendable, Hashable {
    let rawValue: String

    /// How long a test counts.
    static let lifetime: TimeInterval = 30 * 60
}

extension ConnectionDraft {
    /// All that the test depended on, unambiguously, for a keyed digest.
    var canonicalBytes: [UInt8] {
        let settings = descriptor.settings.fields.map { field -> JSONValue in
            [field.key.rawValue: .string(input[field.key]?.reveal() ?? "")]
        }
        return JSONValue.array([.string(descriptor.id.rawValue)] + settings).encoded
    }
}
