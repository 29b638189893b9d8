import Testing

/// The built program as a user starts it.
@Suite("The vectis process")
struct ProcessTests {
    @Test func theTourEndsByItselfWithSuccess() async throws {
        let result = try await VectisRun.run(["tour"])
        #expect(result.status == 0, "\(result.output)")
        for part in [
            "Connected to 127.0.0.1", "auth.invalid_client", "permission.scope_missing", "auth.endpoint_not_found",
            "ticket.default_invalid",
        ] {
            #expect(result.output.contains(part))
        }
    }

    @Test func theExitStatusReachesTheShell() async throws {
        #expect(try await VectisRun.run(["connectors"]).status == 0)
        #expect(try await VectisRun.run(["connectors", "show", "nobody"]).status == 2)
    }
}
