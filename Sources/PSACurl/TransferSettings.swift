/// What all transfers of a transport have in common.
struct TransferSettings: Sendable {
    var certificateAuthorityFile: String?
    var proxies: ProxyEnvironment
}
