extension FrontDoor {
    /// What it says about the causes of a failure.
    ///
    /// Its own marks prove that it is there. Why it refused a request, it does not say: that stays likely.
    public func findings(for code: ErrorCode) -> [CauseEvidence] {
        let evidence = FrontDoorMessage.seen(self)
        func found(_ cause: CauseID, _ confidence: Confidence? = nil) -> [CauseEvidence] {
            [CauseEvidence(cause, confidence, by: .frontDoor, evidence: evidence)]
        }
        switch code {
        case .proxyBlocked:
            switch act {
            case .challenged: return found("bot_protection")
            case .tooLarge: return found("too_large")
            default: return found(device?.guardsNetworks == true ? "network_proxy" : "not_listed")
            }
        case .proxyHTMLInsteadOfJSON, .urlNotVendor:
            switch act {
            case .holdsCaptive: return found("captive_portal")
            case .parked: return found("parked")
            case .page where device?.isWebServer ?? true: return []
            default: return found("access_proxy", .likely)
            }
        case .proxyAuthenticationRequired: return found("network_proxy", .likely)
        case .vendorMaintenance: return found("maintenance")
        case .vendorLicense: return found("licence", .likely)
        case .vendorUnavailable: return found(act == .stopped ? "stopped" : "fault", .likely)
        default: return []
        }
    }

    /// The values that texts about it ask for.
    ///
    /// - Parameter source: The address of this machine on the connection.
    /// - Returns: Device, reference and, if it is known, the source.
    public func values(source: IPAddress?) -> [GuidanceTemplate.Slot: MessageValue] {
        var values: [GuidanceTemplate.Slot: MessageValue] = [
            .device: .phrase(FrontDoorMessage.device(self)), .reference: .phrase(FrontDoorMessage.reference(self)),
        ]
        values[.source] = source.map { .phrase(FrontDoorMessage.source($0)) }
        return values
    }
}

extension FrontDoor.Device {
    /// Whether it watches what leaves a network, rather than what arrives at a server.
    fileprivate var guardsNetworks: Bool {
        switch self {
        case .zscaler, .netskope, .umbrella, .cloudflareGateway, .fortinet, .paloAlto, .checkPoint, .sophos, .sonicWall, .watchGuard,
            .forcepoint,
            .skyhigh, .blueCoat, .squid, .captivePortal:
            true
        default: false
        }
    }
}
