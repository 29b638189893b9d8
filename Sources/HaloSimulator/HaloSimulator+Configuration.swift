public import FoundationEssentials

extension HaloSimulator {
    /// What the stand-in is like: who may connect, how much it holds, how it is limited.
    public struct Configuration: Sendable {
        /// How many requests a window allows before 429.
        public struct RateLimit: Sendable, Hashable {
            /// The number of API requests in a window.
            public var requests: Int
            /// The length of the rolling window in seconds.
            public var windowSeconds: Int
            /// Whether 429 carries `Retry-After`; the vendor's behaviour is not on record.
            public var sendsRetryAfter: Bool

            /// Sets a limit, by default the vendor's fair-use figure of 500 requests in three minutes.
            public init(requests: Int = 500, windowSeconds: Int = 180, sendsRetryAfter: Bool = true) {
                self.requests = requests
                self.windowSeconds = windowSeconds
                self.sendsRetryAfter = sendsRetryAfter
            }
        }

        /// The client id of the demo application.
        ///
        /// It is public on purpose and opens nothing but a stand-in.
        public static let demoClientID = "11111111-2222-4333-8444-555555555555"
        /// The secret of the demo application, two GUIDs as the vendor makes them.
        ///
        /// It is public and opens nothing real.
        public static let demoClientSecret = "de300000-0000-4000-8000-000000000001-de300000-0000-4000-8000-000000000002"

        /// The tenant's name, as `?tenant=` and `authinfo` spell it.
        public var tenant = "acme"
        /// The client id that the token endpoint accepts.
        public var clientID = Self.demoClientID
        /// The secret that the token endpoint accepts.
        public var clientSecret = Self.demoClientSecret
        /// The user name that the password grant accepts.
        public var username = "demo.agent"
        /// The password that the password grant accepts; a demo value, like the secret.
        public var password = "demo-password"
        /// The scopes the application was given; a request is granted what it shares with them.
        public var applicationScopes = ["all"]
        /// How many tickets there are at the start.
        public var ticketCount = 250
        /// How many companies there are besides the built-in one.
        public var companyCount = 24
        /// How many people there are besides the "General User" of every site.
        public var contactCount = 120
        /// Decides every name, date and number of the tenant; the same seed and clock make the same tenant.
        public var seed: UInt64 = 1
        /// How long tokens live, in seconds.
        public var tokenLifetime = 3600
        /// A real limit on API requests, or nil for none.
        public var rateLimit: RateLimit?
        /// How many bytes are added to every ticket row; 7,000 make rows of about 8 kB, as real tenants send them.
        public var rowPadding = 0
        /// Whether a ticket without a type is refused, as many real tenants do.
        public var ticketTypeRequired = false
        /// The time that the stand-in goes by.
        public var clock: @Sendable () -> Date = { Date() }

        /// Describes the default tenant; change what should differ.
        public init() {}
    }
}
