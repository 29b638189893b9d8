import ExternalConnectors
import Foundation
import PSACore
import PSATesting
import Synchronization
import Testing

/// How the host performs a connector's HTTP requests.
@Suite(.timeLimit(.minutes(2)))
struct RelayTests {
    /// Asks for one request, and answers with a company whose name is what came back.
    private static func asking(_ members: String) throws -> ScriptedConnector {
        try ScriptedConnector(
            onCall: """
                say(type="request", call=m["id"], id="1", **\(members))
                recorded = hear()
                answer({"items": [{"id": "1", "name": json.dumps({k: recorded[k] for k in recorded if k not in ("type", "id")})}]})
                """)
    }

    @Test func theTransportReceivesTheRequestUnchanged() async throws {
        let seen = Mutex<TransportRequest?>(nil)
        let connector = try Self.asking(
            """
            {"method": "PUT", "url": "https://psa.example.com:8443/a%20b?x=1&y=%C3%A4#part", "body": "größer", "headers": {"X-Key": "v"}}
            """)
        let names = try await connector.session { request in
            seen.withLock { $0 = request }
            return TransportResponse(status: 201, headers: ["X-A": "1", "x-a": "2"], body: Array("fine".utf8))
        }.companyNames()
        let request = try #require(seen.withLock { $0 })
        #expect(request.method == .put)
        #expect(request.urlText == "https://psa.example.com:8443/a%20b?x=1&y=%C3%A4")
        #expect(request.headers["X-Key"] == "v")
        #expect(request.body == Array("größer".utf8))
        #expect(request.addressPolicy == .allowingLoopback)
        #expect(!request.isRepeatable)
        #expect(request.maximumResponseBytes == 8 << 20)
        #expect(names == [#"{"status": 201, "headers": {"x-a": "1, 2"}, "body": "fine"}"#])
    }

    @Test func bytesThatAreNotTextAreSentAsBase64() async throws {
        let seen = Mutex<[UInt8]?>(nil)
        let connector = try Self.asking(#"{"method": "POST", "url": "https://psa.example.com/", "bodyBase64": "/wA="}"#)
        let names = try await connector.session { request in
            seen.withLock { $0 = request.body }
            return TransportResponse(status: 200, body: [0xFF, 0x00])
        }.companyNames()
        #expect(seen.withLock { $0 } == [0xFF, 0x00])
        #expect(names == [#"{"status": 200, "headers": {}, "bodyBase64": "/wA="}"#])
    }

    @Test(arguments: [
        ("https://10.0.0.1/", "addressForbidden"), ("http://psa.example.com/", "addressForbidden"),
        ("https://169.254.169.254/latest", "addressForbidden"), ("https://user:word@psa.example.com/", "unusableRequest"),
        ("file:///etc/passwd", "unusableRequest"), ("https://psa.example.com/a b", "unusableRequest"), ("nonsense", "unusableRequest"),
    ])
    func anAddressThatIsNotAllowedIsNotEvenTried(_ url: String, _ kind: String) async throws {
        let connector = try Self.asking(#"{"method": "GET", "url": "\#(url)"}"#)
        let names = try await connector.session { _ in
            Issue.record("a request was made")
            return TransportResponse(status: 200)
        }.companyNames()
        #expect(names == [#"{"failure": {"kind": "\#(kind)", "maybeSent": false}}"#])
    }

    @Test(arguments: [#"{"Host": "other"}"#, #"{"Content-Length": "3"}"#, #"{"X": "a\r\nY: b"}"#, #"{"a b": "c"}"#, #"{"": "c"}"#])
    func aFieldThatBelongsToTheTransportIsNotSent(_ headers: String) async throws {
        let connector = try Self.asking(#"{"method": "GET", "url": "https://psa.example.com/", "headers": \#(headers)}"#)
        let names = try await connector.session { _ in
            Issue.record("a request was made")
            return TransportResponse(status: 200)
        }.companyNames()
        #expect(names.first?.contains("unusableRequest") == true)
    }

    @Test func aTransportFailureReportsItsKindAndDelivery() async throws {
        let connector = try Self.asking(#"{"method": "POST", "url": "https://psa.example.com/"}"#)
        let session = try await connector.session { _ in throw TransportError(.timedOut, delivery: .maybeSent) }
        #expect(try await session.companyNames() == [#"{"failure": {"kind": "timedOut", "maybeSent": true}}"#])
    }

    @Test func aReadIsRepeatedByTheHostAsForABuiltInConnector() async throws {
        let count = Mutex(0)
        let connector = try Self.asking(#"{"method": "POST", "url": "https://psa.example.com/token", "repeatable": True}"#)
        let clock = ManualClock(movesBySleeping: false, skipping: [.milliseconds(750)], random: 0.5)
        let session = try await connector.session(time: clock.source) { _ in
            count.withLock { count in
                count += 1
                return TransportResponse(status: count == 1 ? 503 : 200)
            }
        }
        #expect(try await session.companyNames() == [#"{"status": 200, "headers": {}, "body": ""}"#])
        #expect(count.withLock { $0 } == 2)
    }

    @Test func aProgramMayMakeNoRequestWhileItDescribesItself() async throws {
        let connector = try ScriptedConnector(
            program: """
                #!/usr/bin/env python3
                import json, sys
                def say(**message): print(json.dumps(message), flush=True)
                say(type="hello", contract=1)
                sys.stdin.readline()
                sys.stdin.readline()
                say(type="request", call=1, id="1", method="GET", url="https://psa.example.com/")
                kind = json.loads(sys.stdin.readline())["failure"]["kind"]
                say(type="result", id=1, value={"id": "scripted", "displayName": kind})
                """)
        #expect(try await ExternalConnector.entry(at: connector.path).descriptor.displayName == "unusableRequest")
    }
}
