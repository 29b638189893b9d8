package import PSACore
package import PSAEngine
import Sodium
import VectisRules

extension ConnectionID {
    /// The id of a connection that no host has stored: the same for each start with the same connector and tenant.
    package init(derivedFrom connector: ConnectorID, _ tenant: TenantIdentity) {
        let digest = Digest(of: Array("\(connector.rawValue)\n\(tenant.rawValue)".utf8)).bytes
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        let text = String(digest.prefix(12).map { alphabet[Int($0) % alphabet.count] })
        // The characters are those of an id.
        self = ConnectionID(text) ?? ConnectionID()
    }
}
