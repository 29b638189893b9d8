import ExternalConnectors
import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing

/// A connection's secret goes to its program over one pipe, and is found nowhere else.
@Suite(.timeLimit(.minutes(2)))
struct SecrecyTests {
    @Test func aSecretIsInNoArgumentAndNoEnvironment() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                own = open('/proc/self/cmdline').read() + open('/proc/self/environ').read()
                answer({'items': [{'id': '1', 'name': str(settings['apiKey'] in own) + settings['apiKey']}]})
                """)
        // It has the secret, and the system does not show it.
        #expect(try await connector.session().companyNames() == ["False" + SecretMarker.plain])
    }

    @Test(arguments: ["sys.exit(1)", "print('nonsense', flush=True)"])
    func aSecretInItsStandardErrorIsRedacted(_ ending: String) async throws {
        let connector = try ScriptedConnector(
            onCall: """
                print("key is", settings["apiKey"], file=sys.stderr, flush=True)
                say(type="log", level="error", text="key was " + settings["apiKey"])
                \(ending)
                """)
        let log = RecordingLog()
        let error = try #require(await connector.session(log: log).companyError())
        #expect(error.evidence.contains("key was •••••"))
        #expect(SecretMarker.found(in: "\(error) \(error.problem.encodedText) \(error.evidence) \(log.lines)").isEmpty)
    }

    @Test func aSecretInAReportedErrorIsRedacted() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                key = settings["apiKey"]
                say(type="error", id=m["id"], error={"code": "auth.token_rejected", "message": "bad " + key, "vendor": {"status": 401, "code": key, "message": "no " + key, "requestID": key}})
                """)
        let error = try #require(await connector.session().companyError())
        #expect(error.code == .authTokenRejected)
        #expect(error.vendor?.message == "no •••••")
        #expect(SecretMarker.found(in: "\(error) \(error.problem.encodedText) \(error.evidence)").isEmpty)
    }

    @Test func theLogContainsOnlyMethodHostAndRouteOfARequest() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                key = settings["apiKey"]
                base = {"type": "request", "call": m["id"], "method": "GET", "headers": {"Authorization": "Bearer " + key}}
                say(**base, id="1", url="https://psa.example.com/companies/7?name=Jane", route="/companies/{id}")
                hear()
                say(**base, id="2", url="https://psa.example.com/people/jane.doe")
                hear()
                say(**base, id="3", url="https://psa.example.com/people/jane.doe", route="/people/jane doe")
                hear()
                answer({"items": []})
                """)
        let log = RecordingLog()
        _ = try await connector.session(log: log).companyNames()
        let lines = log.lines.map { $0.split(separator: " answered").first.map(String.init) ?? $0 }
        #expect(lines == ["GET psa.example.com/companies/{id}", "GET psa.example.com/…", "GET psa.example.com/…"])
    }
}
