import Foundation
import PSACore
import PSATesting
import Sodium
import TestSupport
import Testing
@testable import PSAEngine
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// Two hosts on one database behind a load balancer that sends each request to either of them.
@Suite("Hosts that share a database", .timeLimit(.minutes(2))) struct SharedHostTests {
    @Test func aSessionOfOneHostIsOneOfTheOther() async throws {
        try await WebFixture.withTwo { first, second in
            let browser = try await first.signIn()
            #expect(try await second.browser(browser).get("/integrations").status == 200)
            #expect(try await second.browser(browser).call("GET", "/session").json["account"]?.string == "admin")
        }
    }

    @Test func aFormOfOneHostCanBeSentToTheOther() async throws {
        try await WebFixture.withTwo { first, second in
            let browser = try await first.signIn()
            let page = try await second.browser(browser).post(
                "/api-keys", [("name", "Monitoring"), ("scope", "events:send"), ("namespace", "")])
            #expect(page.status == 201)
            #expect(try await browser.get("/api-keys").text.contains("Monitoring"))
        }
    }

    @Test func aSignOutEndsTheSessionAtBoth() async throws {
        try await WebFixture.withTwo { first, second in
            let browser = try await first.signIn()
            _ = try await second.browser(browser).post("/sign-out")
            #expect(try await browser.get("/integrations").status == 303)
            #expect(try await browser.call("GET", "/session").status == 401)
        }
    }

    @Test func failedSignInsCountOverBoth() async throws {
        try await WebFixture.withTwo { first, second in
            for number in 0..<5 {
                let answer = try await [first, second][number % 2].trySignIn("admin", password: "wrong")
                #expect(answer.status == 401)
            }
            for host in [first, second] {
                #expect(try await host.trySignIn("admin", password: WebFixture.password, from: "192.0.2.9").status == 429)
                #expect(try await host.trySignIn("viewer", password: WebFixture.password).status == 429)
            }
        }
    }

    @Test func triesThatArriveTogetherDoNotOutrunTheCount() async throws {
        try await WebFixture.withTwo { first, second in
            let statuses = try await withThrowingTaskGroup { group in
                for number in 0..<40 {
                    group.addTask {
                        try await [first, second][number % 2].trySignIn("admin", password: "wrong", from: "192.0.2.\(number)").status
                    }
                }
                return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(statuses[401] == 5)
        }
    }

    @Test func aSignInThatSucceedsIsNotAFailure() async throws {
        try await WebFixture.withTwo { first, second in
            for number in 0..<12 { _ = try await [first, second][number % 2].signIn() }
            #expect(try await first.trySignIn("admin", password: "wrong").status == 401)
        }
    }

    @Test func aTestOfOneHostIsShownAndAcceptedByTheOther() async throws {
        try await WebFixture.withTwo { first, second in
            let browser = try await first.signIn()
            let connection = try await first.connect()
            _ = try await browser.call("POST", "/connections/\(connection.id)/test")
            let stored = try await second.browser(browser).call("GET", "/connections/\(connection.id)").json
            #expect(stored["status"]?["outcome"]?.string == "connected")
            let settings: JSONValue = ["tenant": "other", "mode": "works", "password": .string(ConfigurableConnector.secret)]
            let tested = try await browser.call(
                "POST", "/connection-tests", ["connector": "scripted", "settings": settings])
            let receipt = try #require(tested.json["receipt"])
            let saved = try await second.browser(browser).call(
                "POST", "/connections", ["connector": "scripted", "settings": settings, "receipt": receipt])
            #expect(saved.status == 201)
        }
    }

    @Test func aChangedConnectionIsUsedByBothAtOnce() async throws {
        try await WebFixture.withTwo { first, second in
            let connection = try await first.connect()
            _ = try await second.services.connections.session(of: connection)
            let values: [SettingKey: Secret] = ["mode": Secret(ConfigurableConnector.Mode.refused.rawValue)]
            let draft = try first.services.connections.draft("scripted", SettingsSubmission(name: "Acme", values: values), over: connection)
            let changed = try await first.services.connections.save(
                draft, SaveConfirmation(acceptsUntested: true), audit: .sample(.connectionChanged))
            let stored = try #require(try await second.services.storage.connection(connection.id))
            #expect(stored.revision == changed.revision && stored.settings["mode"] == values["mode"]?.reveal())
            let report = try await second.services.connections.session(of: stored).testConnection()
            #expect(!report.isConnected)
        }
    }

    @Test func aRuleThatIsChangedAtOneDecidesAtTheOtherAtOnce() async throws {
        try await WebFixture.withTwo { first, second in
            let connection = try await first.connect()
            var rule = Rule(
                id: RuleID(), name: "Backup failed", revision: 1, mode: .active,
                definition: .sample(connection: connection.id), createdAt: first.time.now, changedAt: first.time.now)
            func decisions(_ host: WebFixture, _ id: String) async throws -> Int {
                let event = HostEvent.sample(senderID: id, at: host.time.now, receivedAt: host.time.now)
                return try await host.services.events.accept(event, in: .detectors(of: connection.id, tenant: connection.tenant)).jobs
            }
            #expect(try await decisions(second, "1") == 0)
            try await first.services.storage.add(rule, audit: .sample(.ruleCreated))
            #expect(try await decisions(second, "2") == 1)
            rule.mode = .off
            rule.revision = 2
            try await second.services.storage.replace(rule, audit: .sample(.ruleChanged))
            #expect(try await decisions(first, "3") == 0)
        }
    }

    @Test func theLatestRunOfDetectorsIsShownByBothAndMadeByOne() async throws {
        try await WebFixture.withTwo { first, second in
            let connection = try await first.connect()
            var settings = DetectorSettings()
            settings[.syncStale].isOn = true
            _ = try await first.services.storage.setDetectorSettings(
                settings, of: connection.id, revision: 0, audit: .sample(.detectorsChanged))
            await first.services.detectors.runThoseDue()
            let run = try #require(try await second.services.detectors.latestRuns(of: connection.id)[.syncStale])
            #expect(run.at == first.time.now)
            first.time.advance(by: 60)
            await second.services.detectors.runThoseDue()
            #expect(try await first.services.detectors.latestRuns(of: connection.id)[.syncStale] == run)
        }
    }

    @Test func hostsThatStartTogetherMakeOneFirstAdministrator() async throws {
        try await WebFixture.withTwo(accounts: []) { first, second in
            let made = try await withThrowingTaskGroup { group in
                for host in [first, second] {
                    group.addTask {
                        try await Host.makeFirstAccount(host.services.storage, host.services.signIn, host.time.source)?.password.reveal()
                    }
                }
                return try await group.reduce(into: [String]()) { if let password = $1 { $0.append(password) } }
            }
            #expect(made.count == 1)
            _ = try await second.signIn(password: try #require(made.first))
        }
    }

    @Test func aDutyIsDoneByOneProcessAtATime() async throws {
        try await WebFixture.withTwo { first, second in
            let duties = [first, second].map { ProcessDuties(sharedIn: $0.services.storage.engine, time: $0.time.source) }
            let (begun, release) = (Signal(), Signal())
            let working = Task {
                try await duties[0].perform("retention") {
                    begun.fire()
                    await release.wait()
                    return 1
                }
            }
            await begun.wait()
            let meanwhile = try await duties[1].perform("retention") { 2 }
            let other = try await duties[1].perform("other") { 2 }
            #expect(meanwhile == nil && other == 2)
            release.fire()
            #expect(try await working.value == 1)
            let afterwards = try await duties[1].perform("retention") { 2 }
            let alone = try await ProcessDuties().perform("retention") { 3 }
            #expect(afterwards == 2 && alone == 3)
        }
    }
}
