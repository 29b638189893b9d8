import FoundationEssentials

extension HaloSimulator {
    /// A webhook of the tenant, which sends a message for each change of a ticket.
    ///
    /// The simulator sends nothing itself: it has no HTTP client. Each message becomes a ``WebhookDelivery``, which a test or a host takes
    /// with ``takeWebhookDeliveries()`` or receives as it is made, and sends.
    package struct Webhook: Sendable {
        /// How a message proves where it comes from.
        package enum Authentication: Sendable, Hashable {
            /// It does not.
            case none
            /// A user name and a password in the header `Authorization`.
            case basic(username: String, password: String)
            /// A secret in the header `Authorization`.
            case bearer(String)
            /// The base64 HMAC-SHA256 of the body in the header `Token`.
            case hmac(secret: String)
        }

        /// What a message holds.
        package enum Payload: String, Sendable, Hashable, CaseIterable {
            /// The event, and the ticket's id as `object_id`.
            case eventOnly = "event-only"
            /// The same, and the ticket with a few members.
            case small
            /// The same, and the ticket's detail.
            case full
        }

        /// Where messages go.
        package var url: String
        /// How a message proves where it comes from.
        package var authentication: Authentication
        /// What a message holds.
        package var payload: Payload
        /// How many events a message holds; with more than one, the body is an array of them.
        package var batchSize: Int

        /// Creates a webhook.
        package init(url: String, authentication: Authentication = .none, payload: Payload = .eventOnly, batchSize: Int = 1) {
            self.url = url
            self.authentication = authentication
            self.payload = payload
            self.batchSize = max(1, batchSize)
        }
    }

    /// A request that a webhook sends: a POST.
    package struct WebhookDelivery: Sendable, Hashable {
        /// Where it goes.
        package var url: String
        /// The headers, without those of the connection.
        package var headers: [String: String]
        /// The body, as signed.
        package var body: [UInt8]
        /// The ids of the tickets whose changes it reports, in order.
        package var ticketIDs: [Int]
    }

    /// Receives each delivery as it is made, synchronously and on the simulator; it hands the delivery to whatever sends it.
    package typealias DeliveryHandler = @Sendable (WebhookDelivery) -> Void

    /// Starts a webhook in place of the present one, or ends it; deliveries that are due are dropped.
    ///
    /// Changes of tickets by the API and by ``change(ticket:_:)`` are events. Deleting, hiding and showing a ticket is none.
    ///
    /// - Parameters:
    ///   - webhook: The webhook, or nil for none.
    ///   - handler: Receives each delivery; without one they are kept until ``takeWebhookDeliveries()``, at most 10,000.
    package func setWebhook(_ webhook: Webhook?, handler: DeliveryHandler? = nil) {
        webhookState = webhook.map { WebhookState(webhook: $0, handler: handler) }
    }

    /// Returns the deliveries that are due, oldest first; events that do not fill a batch yet are not among them.
    package func dueWebhookDeliveries() -> [WebhookDelivery] { webhookState?.due ?? [] }

    /// Returns and forgets the deliveries that are due, oldest first, with one for the events that do not fill a batch.
    package func takeWebhookDeliveries() -> [WebhookDelivery] {
        flushWebhookBatch()
        defer { webhookState?.due = [] }
        return webhookState?.due ?? []
    }

    /// The events of tickets that a webhook knows.
    enum TicketEvent: String, Sendable {
        case created = "New Ticket"
        case updated = "Ticket Updated"
        case actionAdded = "Action Added"
    }

    struct WebhookState: Sendable {
        static let maxDue = 10_000

        let webhook: Webhook
        let handler: DeliveryHandler?
        var due: [WebhookDelivery] = []
        var pending: [(ticket: Int, event: JSONValue)] = []
        var eventCount = 0
    }

    /// Notes the change of a ticket for the webhook, if there is one.
    func ticketEvent(_ event: TicketEvent, _ id: Int) {
        guard let state = webhookState, let record = store.tickets[id] else { return }
        webhookState?.eventCount += 1
        var members: [String: JSONValue] = [
            "id": .string(SeedID.guid(0xE0_0000 + state.eventCount)), "webhook_id": .string(SeedID.guid(0xF1_0000)),
            "notification_id": 4, "event": .string(event.rawValue), "object_id": .int(id), "timestamp": .string(vendorNow.text(.saved)),
        ]
        switch state.webhook.payload {
        case .eventOnly: break
        case .small:
            members["ticket"] = ["id": .int(id), "summary": .string(record.summary), "status_id": .int(record.statusID)]
        case .full:
            var json = JSONWriter()
            store.append(record, TicketParts(isRow: false), .saved, origin: "https://\(configuration.tenant).halopsa.example", to: &json)
            members["ticket"] = (try? JSONDecoder().decode(JSONValue.self, from: Data(json.bytes))) ?? .null
        }
        webhookState?.pending.append((id, .object(members)))
        if state.pending.count + 1 >= state.webhook.batchSize { flushWebhookBatch() }
    }

    /// Makes a delivery of the events that wait for their batch.
    private func flushWebhookBatch() {
        guard let state = webhookState, !state.pending.isEmpty else { return }
        let events = state.pending.map(\.event)
        let body = JSONWriter.bytes(of: state.webhook.batchSize > 1 ? .array(events) : events[0])
        var headers = ["Content-Type": "application/json; charset=utf-8"]
        switch state.webhook.authentication {
        case .none: break
        case .basic(let username, let password):
            headers["Authorization"] = "Basic " + Data("\(username):\(password)".utf8).base64EncodedString()
        case .bearer(let secret): headers["Authorization"] = "Bearer \(secret)"
        case .hmac(let secret): headers["Token"] = Data(SHA256.authenticationCode(of: body, key: Array(secret.utf8))).base64EncodedString()
        }
        let delivery = WebhookDelivery(url: state.webhook.url, headers: headers, body: body, ticketIDs: state.pending.map(\.ticket))
        webhookState?.pending = []
        if let handler = state.handler {
            handler(delivery)
        } else if state.due.count < WebhookState.maxDue {
            webhookState?.due.append(delivery)
        }
    }
}

/// The control routes of the webhook: `PUT /_simulator/webhook` with `{"url":"…","authentication":"bearer","secret":"…"}`.
extension HaloSimulator {
    func startWebhook(_ body: [UInt8]) -> Reply {
        let expected =
            "The body must be an object with url; authentication none, basic, bearer or hmac, with secret and for basic username; "
            + "payload \(Webhook.Payload.allCases.map(\.rawValue).joined(separator: ", ")); and batch_size from 1 to 100."
        guard let members = Self.members(of: body), let url = members["url"]?.text, let authentication = Self.authentication(members),
            let payload = Webhook.Payload(rawValue: members["payload"]?.text ?? Webhook.Payload.eventOnly.rawValue),
            case let size = members["batch_size"]?.integer ?? 1, (1...100).contains(size)
        else { return Self.invalid(expected) }
        setWebhook(Webhook(url: url, authentication: authentication, payload: payload, batchSize: size))
        return Reply(status: 204, content: .empty)
    }

    func endWebhook() -> Reply {
        setWebhook(nil)
        return Reply(status: 204, content: .empty)
    }

    func clearWebhookDeliveries() -> Reply { Reply(status: 200, json: .array(takeWebhookDeliveries().map(Self.line))) }

    private static func authentication(_ members: [String: JSONValue]) -> Webhook.Authentication? {
        switch (members["authentication"]?.text ?? "none", members["secret"]?.text, members["username"]?.text) {
        case ("none", _, _): Webhook.Authentication.none
        case ("basic", let password?, let username?): .basic(username: username, password: password)
        case ("bearer", let secret?, _): .bearer(secret)
        case ("hmac", let secret?, _): .hmac(secret: secret)
        default: nil
        }
    }

    static func line(_ delivery: WebhookDelivery) -> JSONValue {
        [
            "url": .string(delivery.url), "headers": .object(delivery.headers.mapValues(JSONValue.string)),
            "body": .string(String(decoding: delivery.body, as: UTF8.self)),
        ]
    }
}

/// SHA-256 and its message authentication code (FIPS 180-4, RFC 2104), for the signature of webhooks.
enum SHA256 {
    /// Returns the 32 bytes of HMAC-SHA256.
    static func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var block = key.count > 64 ? hash(key) : key
        block += [UInt8](repeating: 0, count: 64 - block.count)
        return hash(block.map { $0 ^ 0x5C } + hash(block.map { $0 ^ 0x36 } + message))
    }

    /// Returns the 32 bytes of the hash.
    static func hash(_ message: [UInt8]) -> [UInt8] {
        var state: [UInt32] = [
            0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
        ]
        var padded = message + [0x80]
        padded += [UInt8](repeating: 0, count: (120 - padded.count % 64) % 64)
        let bitCount = UInt64(message.count) * 8
        padded += (0..<8).map { UInt8(truncatingIfNeeded: bitCount >> (56 - 8 * $0)) }
        for start in stride(from: 0, to: padded.count, by: 64) { compress(padded[start..<start + 64], into: &state) }
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) } }
    }

    private static func compress(_ block: ArraySlice<UInt8>, into state: inout [UInt32]) {
        func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
        let first = block.startIndex
        var words = (0..<16).map { index in
            (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(block[first + index * 4 + $1]) }
        }
        for index in 16..<64 {
            let (early, late) = (words[index - 15], words[index - 2])
            let small = rotated(early, 7) ^ rotated(early, 18) ^ early >> 3
            let large = rotated(late, 17) ^ rotated(late, 19) ^ late >> 10
            words.append(words[index - 16] &+ small &+ words[index - 7] &+ large)
        }
        var (a, b, c, d, e, f, g, h) = (state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let sumE = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
            let choice = (e & f) ^ (~e & g)
            let added = h &+ sumE &+ choice &+ constants[index] &+ words[index]
            let sumA = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ added, c, b, a, added &+ sumA &+ majority)
        }
        for (index, value) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= value }
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01,
        0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc,
        0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147,
        0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116, 0x1e37_6c08,
        0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3, 0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208,
        0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
