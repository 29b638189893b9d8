import HaloPSA
import PSACore
import Testing

/// One way in which a connection fails, as data: what the other side does, and what a person must be told about it.
struct FaultCase: Sendable, CustomTestStringConvertible {
    /// What is done with the connection.
    enum Operation: Sendable {
        case test
        case createTicket(type: Int?)
    }

    /// The case in a sentence.
    let name: String
    /// The other side.
    let peer: FaultPeer
    /// Settings that differ from those of a good connection; `{authority}` stands for the peer's host and port.
    var settings: [SettingKey: String] = [:]
    /// Which addresses the host allows.
    var policy = AddressPolicy.allowingLoopback
    /// The longest an answer is waited for, if shorter than the connector would; which check runs into it then depends on no clock but this.
    var maxWait: Duration?
    /// What is done.
    var operation = Operation.test
    /// What a person must be told; nil if nothing is wrong.
    let told: Told?

    var testDescription: String { name }

    /// What a person must be told.
    struct Told: Sendable {
        var code: ErrorCode
        /// How the surest cause begins.
        var cause: String
        var confidence: Confidence?
        /// How the first step begins.
        var step: String
        /// The first setting to change; nil if the remedy lies elsewhere.
        var field: SettingKey?
        /// The value to paste; `{halo}` stands for the address of a HaloPSA beside the peer.
        var suggestion: String?
        /// The seconds after which the request may be made again.
        var retry: ClosedRange<Int>?
        /// The check that says so, and how it ends; nil for whatever failed first.
        var check: (subject: ConnectionCheck.Subject, outcome: ConnectionCheck.Outcome)?
        /// What the explanation must contain.
        var detail = ""
    }
}

extension FaultCase.Told {
    static func address(_ code: ErrorCode, _ cause: String, _ step: String) -> Self {
        Self(code: code, cause: cause, step: step, field: "tenantURL")
    }

    /// What is mended in no setting.
    static func elsewhere(_ code: ErrorCode, _ cause: String, _ step: String) -> Self { Self(code: code, cause: cause, step: step) }

    /// The same, said by a check of its own.
    func by(_ subject: ConnectionCheck.Subject, _ outcome: ConnectionCheck.Outcome) -> Self {
        var told = self
        told.check = (subject, outcome)
        return told
    }
}

extension FaultCase {
    /// Every case, area by area.
    static let all =
        network + resets + certificates + typedAddresses + otherServers + token + tenant + permissions + refusals + answers + throttling
        + ticketDefaults + newTickets

    /// The cases that do not come out right, and why.
    ///
    /// A test asserts that they still miss, so that a remedy is noticed.
    static let knownMisses: [String: String] = [:]
}
