import PSACore

/// One occurrence of a code with made-up values, as a terminal shows it.
struct ErrorExample {
    private let error: PSAError
    private let registry: ConnectorRegistry

    init(_ code: ErrorCode, registry: ConnectorRegistry) {
        let descriptor =
            code == .connectorPlaceholder ? try? registry.descriptor(named: "connectwise") : try? registry.descriptor(named: "halopsa")
        var always = FixedGenerator()
        var error = PSAError(
            code, catalogue: descriptor?.guidance ?? .shared, values: Self.values, vendor: Self.vendor(code),
            correlationID: CorrelationID(using: &always))
        error.connector = descriptor?.id
        self.error = error
        self.registry = registry
    }

    /// The text without the blank lines around it.
    var text: String {
        GuidanceText(error, registry: registry, renderer: TextRenderer()).text.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { $0.isEmpty }.joined(separator: "\n").trimmingLineEnds
    }

    private static let values: [GuidanceTemplate.Slot: MessageValue] = [
        .host: .verbatim("acme.halopsa.com"), .object: .phrase(CoreMessage.capability(.readTickets)), .scope: .verbatim("read:tickets"),
        .field: .verbatim("Ticket Type ID"), .name: .verbatim("halpsa"), .known: .verbatim("autotask, connectwise, halopsa"),
        .message: .verbatim("the vendor's or the checker's own sentence stands here."),
    ]

    /// Only codes that come from an answer have one to show.
    private static func vendor(_ code: ErrorCode) -> VendorReply? {
        switch code {
        case .authInvalidClient: VendorReply(status: 401, code: "invalid_client")
        case .authEndpointNotFound: VendorReply(status: 404)
        case .permissionScopeMissing, .permissionRoleDenied: VendorReply(status: 403)
        case .requestRejected, .ticketDefaultInvalid, .permissionActionDenied: VendorReply(status: 400)
        case .rateLimited: VendorReply(status: 429)
        case .vendorUnavailable: VendorReply(status: 503)
        default: nil
        }
    }
}

/// Draws the same correlation id each time, so that the page does not change by itself.
private struct FixedGenerator: RandomNumberGenerator {
    private var state: UInt64 = 1

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state
    }
}

extension String {
    fileprivate var trimmingLineEnds: String {
        guard let last = lastIndex(where: { !$0.isNewline }) else { return "" }
        return String(self[...last])
    }
}
