import HaloSimulator
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Networks that the operator allows")
struct AllowedNetworksTests {
    @Test(arguments: [
        "--allow-network 127.0.0.0/8", "--allow-network 10.0.0.0/8,127.0.0.1", "--allow-network fd00::/8 --allow-network=127.0.0.0/8",
    ])
    func aServerInAnAllowedNetworkIsReached(options: String) async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let result = try await fixture.run("test halopsa \(options)")
            #expect(result.status == 0, "\(result.messages)")
        }
    }

    @Test func theEnvironmentVariableWorksLikeTheOption() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            var fixture = fixture
            fixture.environment[CommandLineProgram.networksVariable] = "fd00::/8, 127.0.0.0/8"
            let result = try await fixture.run("test halopsa")
            #expect(result.status == 0)
        }
    }

    @Test(arguments: ["", "--allow-network 10.0.0.0/8", "--allow-network 0.0.0.0/0", "--allow-network 127.0.0.2"])
    func otherNetworksStayBlocked(options: String) async throws {
        try await CommandLineFixture.withHalo { fixture, simulator in
            let result = try await fixture.run("test halopsa --json \(options)")
            #expect(result.json?["code"]?.string == "url.forbidden_address")
            let requests = await simulator.requestLog()
            #expect(requests.isEmpty)
        }
    }

    @Test(arguments: ["10.20.30.40/8", "halo.example.com", "10.0.0.0/33", "012.0.0.0/8"])
    func anInvalidNetworkIsACommandLineError(text: String) async throws {
        for line in ["test halopsa --json --allow-network \(text)", "serve --json --allow-network \(text)"] {
            let result = try await CommandLineFixture().run(line)
            #expect(result.status == 2)
            #expect(result.json?["code"]?.string == "usage.invalid")
            #expect(result.json?["detail"]?.string?.contains(text) == true)
        }
        let fixture = CommandLineFixture(environment: [CommandLineProgram.networksVariable: "10.0.0.0/8 " + text])
        let result = try await fixture.run("test halopsa --json")
        #expect(result.json?["detail"]?.string?.contains(CommandLineProgram.networksVariable) == true)
    }

    @Test(arguments: [
        ("https://10.20.30.40", true), ("https://[::ffff:10.20.30.40]", true), ("https://0x0a141e28", true),
        ("https://012.024.036.050", true),
        ("https://169.254.169.254", false), ("https://2852039166", false), ("https://[::ffff:a9fe:a9fe]", false), ("https://127.1", false),
        ("https://192.168.0.1", false), ("https://[fd00:ec2::254]", false),
    ])
    func everySpellingIsJudgedByTheAddressItMeans(address: String, isAllowed: Bool) async throws {
        let networks = try ["10.0.0.0/8", "fd00::/8"].map { try #require(IPNetwork($0)) }
        let policy = AddressPolicy.publicOnly.allowing(networks)
        let url = try? ServiceURL(typed: address, policy: policy)
        #expect((url != nil) == isAllowed)
        #expect(throws: ServiceURL.Problem.self) { try ServiceURL(typed: address) }
    }
}
