import PSACore

/// The surroundings of one connection under examination: every request is kept, faults are played, and waits are over at once.
struct ConformanceStage: Sendable {
    let subject: ConformanceSubject
    let transport: ObservingTransport
    let log = RecordingLog()
    let time: SkippingClock
    let context: ConnectorContext
    private let settings: SettingsInput

    init(
        _ subject: ConformanceSubject, faults: [TransportFault] = [], settings: SettingsInput? = nil, pace: RateLimit?? = .some(nil),
        testLimit: Duration = .seconds(3_600)
    ) {
        self.subject = subject
        // The time limit of a connection test is really waited for, or the test would be late at once.
        time = SkippingClock(maxSkippedLength: min(.seconds(1_800), testLimit - .seconds(1)))
        self.settings = settings ?? subject.settings
        transport = ObservingTransport(FaultyTransport(subject.transport, faults: faults))
        context = ConnectorContext(
            transport: transport, addressPolicy: subject.addressPolicy, time: time.source, log: log,
            tenants: pace.map { TenantRateLimits(pace: $0) } ?? TenantRateLimits(), connectionTestLimit: testLimit)
    }

    /// A session as a host gets it.
    func session() throws -> ConnectorSession { try subject.entry.connect(settings: settings, context: context) }

    /// The connection itself, for what a session does not show: pages and their cursors.
    func connection() throws -> any PSAConnection {
        let validation = subject.descriptor.settings.validate(settings, policy: subject.addressPolicy)
        guard let checked = validation.settings else { throw PSAError(settings: validation.issues, descriptor: subject.descriptor) }
        return try subject.entry.makeConnection(checked, context)
    }

    /// The requests that carry a secret of the settings: the token requests of a connector that has them.
    var requestsWithSecret: [HTTPRequest] { transport.requests.filter { $0.carries(subject.secrets) } }
}

/// The error of an operation that must fail.
///
/// - Returns: The error, or nil if the operation went through; anything but a ``PSAError`` is thrown on.
func failure(of operation: () async throws -> Void) async throws -> PSAError? {
    do {
        try await operation()
        return nil
    } catch let error as PSAError {
        return error
    }
}

extension HTTPRequest {
    /// Whether any of the secrets is in its address, headers or body, in clear, percent-encoded or in base64.
    func carries(_ secrets: [Secret]) -> Bool {
        let texts = [urlText, String(decoding: body ?? [], as: UTF8.self)] + headers.fields.map(\.value)
        return secrets.contains { secret in SecretSpelling.all(of: secret).contains { spelling in texts.contains { $0.contains(spelling) } }
        }
    }
}
