/// What all transfers of a transport have in common.
struct TransferSettings: Sendable {
    var certificateAuthorityFile: String?
    var proxies: ProxyEnvironment
    /// How long an idle connection is trusted for a write: less than the shortest keep-alive time servers commonly have (5 s), because a
    /// connection closed under a write leaves its outcome unknown.
    ///
    /// libcurl's own limit is 118 s.
    var maximumIdleSecondsBeforeWrite = 3
}
