import FoundationEssentials
import Synchronization
import Testing

@testable import HaloSimulator

@Suite("Webhooks of the simulator")
struct WebhookTests {
    private static let url = "https://vectis.example/hooks/acme/t0ken"

    private func json(_ delivery: HaloSimulator.WebhookDelivery?) -> JSONValue {
        (try? JSONDecoder().decode(JSONValue.self, from: Data(delivery?.body ?? []))) ?? .null
    }

    @Test func everyChangeOfATicketIsDelivered() async {
        let client = await SimulatorClient.connected()
        let simulator = client.simulator
        await simulator.setWebhook(.init(url: Self.url))
        _ = await client.post("Tickets", #"[{"summary":"x"}]"#)
        _ = await client.post("Tickets", #"[{"id":1005,"status_id":2}]"#)
        _ = await client.post("Actions", #"[{"ticket_id":1006,"outcome_id":7,"note":"hello"}]"#)
        await simulator.change(ticket: 1007, .closed)
        await simulator.addAction(toTicket: 1008, note: "x", movesLastUpdate: false)
        await simulator.createTicket("y")
        await simulator.change(ticket: 1009, .merged(into: 1010))
        for change in [HaloSimulator.TicketChange.hidden(true), .hidden(false), .deleted] { await simulator.change(ticket: 1011, change) }
        _ = await client.delete("Tickets/1012")
        _ = await client.post("Client", #"[{"id":14,"ref":"Z"}]"#)
        let due = await simulator.takeWebhookDeliveries()
        #expect(due.flatMap(\.ticketIDs) == [1251, 1005, 1006, 1007, 1008, 1252, 1010, 1009])
        #expect(
            due.map { json($0)["event"].text } == [
                "New Ticket", "Ticket Updated", "Action Added", "Ticket Updated", "Action Added", "New Ticket", "Ticket Updated",
                "Ticket Updated",
            ])
        #expect(due.allSatisfy { $0.url == Self.url && $0.headers["Content-Type"]?.hasPrefix("application/json") == true })
        #expect(await simulator.takeWebhookDeliveries().isEmpty)
        await simulator.setWebhook(nil)
        await simulator.change(ticket: 1007, .reopened)
        #expect(await simulator.takeWebhookDeliveries().isEmpty)
    }

    @Test(arguments: HaloSimulator.Webhook.Payload.allCases) func aMessageHoldsItsPayload(_ payload: HaloSimulator.Webhook.Payload) async {
        let client = await SimulatorClient.connected()
        await client.simulator.setWebhook(.init(url: Self.url, payload: payload))
        await client.simulator.change(ticket: 1005, .summary("New words"))
        let message = json(await client.simulator.takeWebhookDeliveries().first)
        #expect(message["object_id"] == 1005 && message["webhook_id"].text?.count == 36 && message["timestamp"].time != nil)
        #expect(message.has("ticket") == (payload != .eventOnly))
        if payload != .eventOnly { #expect(message["ticket"]["id"] == 1005 && message["ticket"]["summary"] == "New words") }
        #expect(message["ticket"].has("client_name") == (payload == .full))
    }

    @Test func aBatchIsAnArray() async {
        let client = await SimulatorClient.connected()
        await client.simulator.setWebhook(.init(url: Self.url, batchSize: 3))
        for id in 1001...1004 { await client.simulator.change(ticket: id, .closed) }
        #expect(await client.simulator.dueWebhookDeliveries().map(\.ticketIDs) == [[1001, 1002, 1003]])
        let taken = await client.simulator.takeWebhookDeliveries()
        #expect(taken.map(\.ticketIDs) == [[1001, 1002, 1003], [1004]])
        if case .array(let rows) = json(taken.last) {
            #expect(rows.map { $0["object_id"] } == [1004])
        } else {
            Issue.record("A batch of one is an array too.")
        }
    }

    @Test func aMessageCarriesItsProof() async throws {
        let client = await SimulatorClient.connected()
        func headers(_ authentication: HaloSimulator.Webhook.Authentication) async throws -> HaloSimulator.WebhookDelivery {
            await client.simulator.setWebhook(.init(url: Self.url, authentication: authentication))
            await client.simulator.change(ticket: 1005, .summary("x"))
            return try #require(await client.simulator.takeWebhookDeliveries().first)
        }
        #expect(try await headers(.none).headers.keys.sorted() == ["Content-Type"])
        #expect(try await headers(.basic(username: "halo", password: "p:w")).headers["Authorization"] == "Basic aGFsbzpwOnc=")
        #expect(try await headers(.bearer("s3cret")).headers["Authorization"] == "Bearer s3cret")
        let signed = try await headers(.hmac(secret: "s3cret"))
        let code = SHA256.authenticationCode(of: signed.body, key: Array("s3cret".utf8))
        #expect(signed.headers["Token"] == Data(code).base64EncodedString())
    }

    @Test func aHandlerReceivesEachDeliveryAtOnce() async {
        let client = await SimulatorClient.connected()
        let received = Mutex<[Int]>([])
        await client.simulator.setWebhook(.init(url: Self.url)) { delivery in received.withLock { $0 += delivery.ticketIDs } }
        await client.simulator.change(ticket: 1005, .closed)
        #expect(received.withLock { $0 } == [1005])
        #expect(await client.simulator.takeWebhookDeliveries().isEmpty)
    }

    @Test func theWebhookIsControlledByItsRoutes() async {
        let client = await SimulatorClient.connected()
        func put(_ body: String) async -> Int { await client.send("PUT", "/_simulator/webhook", body: body).status }
        for body in [
            "{}", #"{"url":"x","authentication":"bearer"}"#, #"{"url":"x","authentication":"basic","secret":"x"}"#,
            #"{"url":"x","payload":"huge"}"#, #"{"url":"x","batch_size":0}"#, "[]",
        ] { #expect(await put(body) == 400, "\(body)") }
        #expect(await put(#"{"url":"\#(Self.url)","authentication":"hmac","secret":"s","payload":"small","batch_size":2}"#) == 204)
        await client.simulator.change(ticket: 1005, .closed)
        await client.simulator.change(ticket: 1006, .closed)
        await client.simulator.change(ticket: 1007, .closed)
        let due = await client.send("GET", "/_simulator/webhook/deliveries").rows()
        #expect(due.count == 1 && due.first?["url"].text == Self.url && due.first?["headers"].has("Token") == true)
        #expect(await client.send("DELETE", "/_simulator/webhook/deliveries").rows().count == 2)
        #expect(await client.send("GET", "/_simulator/webhook/deliveries").rows().isEmpty)
        #expect(await client.send("DELETE", "/_simulator/webhook").status == 204)
        await client.simulator.change(ticket: 1005, .reopened)
        #expect(await client.send("GET", "/_simulator/webhook/deliveries").rows().isEmpty)
    }

    private func hex(_ bytes: [UInt8]) -> String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

    @Test func hashesAreThoseOfTheStandards() {
        #expect(hex(SHA256.hash([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(hex(SHA256.hash(Array("abc".utf8))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        let long = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        #expect(hex(SHA256.hash(long)) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        // RFC 4231, cases 2 and 6.
        #expect(
            hex(SHA256.authenticationCode(of: Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            hex(
                SHA256.authenticationCode(
                    of: Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8), key: [UInt8](repeating: 0xAA, count: 131)))
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    }
}
