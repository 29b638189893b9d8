import Testing

@testable import HaloSimulator

@Suite("Simulator server")
struct HaloSimulatorServerTests {
    /// Starts a server, requests a token, runs the body and stops the server.
    private func withServer(_ faults: [HaloFault] = [], _ body: (HaloSimulatorServer, String) async throws -> Void) async throws {
        let server = try HaloSimulatorServer.start()
        let form =
            "grant_type=client_credentials&client_id=\(HaloSimulator.Configuration.demoClientID)"
            + "&client_secret=\(HaloSimulator.Configuration.demoClientSecret)&scope=all"
        let answer = try await SocketClient.exchange(
            port: server.port,
            SocketClient.request("POST", "/auth/token?tenant=acme", type: "application/x-www-form-urlencoded", body: form))
        let token = answer.split(separator: "\"access_token\":\"").last?.split(separator: "\"").first.map(String.init) ?? ""
        await server.simulator.setFaults(faults)
        do {
            try await body(server, token)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    @Test func aTicketIsCreatedAndRead() async throws {
        try await withServer { server, token in
            let made = try await SocketClient.exchange(
                port: server.port, SocketClient.request("POST", "/api/Tickets", token: token, body: #"[{"summary":"Disk full é"}]"#))
            #expect(made.hasPrefix("HTTP/1.1 201"))
            let read = try await SocketClient.exchange(port: server.port, SocketClient.request("GET", "/api/tickets/1251", token: token))
            #expect(read.contains("Disk full é"))
        }
    }

    @Test func discoveryRepeatsTheRequestedHost() async throws {
        try await withServer { server, _ in
            let answer = try await SocketClient.exchange(port: server.port, SocketClient.request("GET", "/api/authinfo"))
            #expect(answer.contains(#""auth_url":"http://127.0.0.1/auth""#))
        }
    }

    @Test func queriesAreDecoded() async throws {
        try await withServer { server, token in
            _ = try await SocketClient.exchange(
                port: server.port, SocketClient.request("GET", "/api/Tickets?third_party_id_string=vectis%3A1%20%26%20a+b", token: token))
            #expect(await server.simulator.requestLog().last?.query.first?.value == "vectis:1 & a b")
        }
    }

    @Test func aConnectionIsClosedWithoutAByte() async throws {
        try await withServer([HaloFault(.hangUp)]) { server, token in
            let answer = try await SocketClient.exchange(port: server.port, SocketClient.request("GET", "/api/Status", token: token))
            #expect(answer.isEmpty)
        }
    }

    @Test func aBodyIsCutOffBeforeItsDeclaredLength() async throws {
        try await withServer([HaloFault(.truncatedHalfway)]) { server, token in
            let answer = try await SocketClient.exchange(port: server.port, SocketClient.request("GET", "/api/Status", token: token))
            let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1)
            let declared = parts[0].split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") }?.dropFirst(16).description
            #expect(parts[1].utf8.count < Int(declared ?? "0") ?? 0)
        }
    }

    @Test func aSlowBodyArrivesCompletely() async throws {
        try await withServer([HaloFault(.slowBody, "1")]) { server, token in
            let answer = try await SocketClient.exchange(port: server.port, SocketClient.request("GET", "/api/Team", token: token))
            #expect(answer.contains("Transfer-Encoding: chunked"))
            #expect(answer.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test func stoppingReleasesHeldRequests() async throws {
        let server = try HaloSimulatorServer.start()
        await server.simulator.setFaults([HaloFault(.silent)])
        async let waiting = SocketClient.exchange(port: server.port, SocketClient.request("GET", "/api/Status"))
        while server.simulator.heldRequests.count == 0 { await Task.yield() }
        await server.stop()
        let answer = try await waiting
        #expect(answer.isEmpty)
    }

    @Test func anotherProcessCanSetFaults() async throws {
        try await withServer { server, token in
            let switched = try await SocketClient.exchange(
                port: server.port, SocketClient.request("PUT", "/_simulator/faults", body: #"["html-502"]"#))
            #expect(switched.hasPrefix("HTTP/1.1 200"))
            let answer = try await SocketClient.exchange(port: server.port, SocketClient.request("GET", "/api/Status", token: token))
            #expect(answer.hasPrefix("HTTP/1.1 502"))
        }
    }

    @Test func everyStatusFrom100To999IsSent() async throws {
        try await withServer { server, token in
            for status in 100...999 {
                await server.simulator.setFaults([HaloFault(.createStatusStored, "\(status)/html")])
                let answer = try await SocketClient.exchange(
                    port: server.port, SocketClient.request("POST", "/api/Tickets", token: token, body: #"[{"summary":"\#(status)"}]"#))
                // libmicrohttpd 1.0 sends 101 with an upgrade alone, and closes the connection.
                let isNotSent = status == 101 && answer.isEmpty
                #expect(answer.hasPrefix("HTTP/1.1 \(status) ") || isNotSent, "\(status): \(answer.prefix(40))")
                #expect(answer.contains("<html") == (status >= 200 && ![204, 304].contains(status)), "\(status)")
            }
            #expect(await server.simulator.storedWrites().count == 900)
        }
    }
}
