import ExternalConnectors
import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing

/// When a program starts and ends, and that it leaves nothing behind.
@Suite(.timeLimit(.minutes(2)))
struct ProgramLifeTests {
    @Test func openingAConnectionStartsNoProgram() async throws {
        let connector = try ScriptedConnector(onCall: "answer({'items': []})", atStart: "open('starts', 'a').write('x')")
        let session = try await connector.session()
        let described = try String(contentsOfFile: connector.folder + "/starts", encoding: .utf8)
        _ = try await session.companyNames()
        _ = try await session.companyNames()
        let used = try String(contentsOfFile: connector.folder + "/starts", encoding: .utf8)
        #expect(described == "x", "described once")
        #expect(used == "xx", "started once for both calls")
    }

    @Test func aProgramThatIgnoresSIGTERMIsKilled() async throws {
        let limits = ExternalConnectorLimits()
        let clock = ManualClock(movesBySleeping: false, skipping: [limits.grace])
        let connector = try ScriptedConnector(
            onCall: """
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                held = open('lifeline', 'w')
                print("nonsense", flush=True)
                while True: time.sleep(1000)
                """)
        let lifeline = try Lifeline(in: connector.folder)
        async let cut: Void = lifeline.cut()
        let session = try await connector.session(limits: limits, time: clock.source)
        #expect(await session.companyError() != nil)
        await cut
    }

    @Test func childProcessesEndWithTheirProgram() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                words = ["/bin/sh", "-c", "trap '' TERM; exec 9> lifeline; echo ready; sleep 1000"]
                subprocess.Popen(words, stdout=subprocess.PIPE).stdout.readline()
                sys.exit(1)
                """)
        let lifeline = try Lifeline(in: connector.folder)
        async let cut: Void = lifeline.cut()
        #expect(try await connector.session().companyError() != nil)
        await cut
    }

    @Test func aProgramEndsWithTheConnection() async throws {
        let connector = try ScriptedConnector(onCall: "held = open('lifeline', 'w'); answer({'items': []})")
        let lifeline = try Lifeline(in: connector.folder)
        async let cut: Void = lifeline.cut()
        do {
            let session = try await connector.session()
            _ = try await session.companyNames()
        }
        await cut
    }

    @Test func anIdleProgramIsEndedAndStartedAgainOnDemand() async throws {
        let limits = ExternalConnectorLimits()
        let clock = ManualClock(movesBySleeping: false, skipping: [limits.grace])
        let connector = try ScriptedConnector(
            onCall: """
                if not os.path.exists('used'): held = open('lifeline', 'w')
                open('used', 'w').close()
                answer({'items': [{'id': '1', 'name': str(os.getpid())}]})
                """)
        let lifeline = try Lifeline(in: connector.folder)
        async let cut: Void = lifeline.cut()
        let session = try await connector.session(limits: limits, time: clock.source)
        let first = try await session.companyNames()
        await clock.sleeping(lasting: limits.idle).wait(for: 1)
        clock.endSleeps(lasting: limits.idle)
        await cut
        #expect(try await session.companyNames() != first)
    }

    @Test func aProgramFindsOnlyPathAndLanguageItsOwnFolderAndThreeDescriptors() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                names = sorted(os.environ)
                opened = [n for n in range(3, 256) if os.path.exists('/proc/self/fd/%d' % n)]
                own = os.getpgrp() == os.getpid()
                answer({'items': [{'id': '1', 'name': json.dumps([names, opened, own, os.getcwd(), sys.argv])}]})
                """)
        let recorded = try #require(try await connector.session().companyNames().first)
        let facts = try JSONDocument(Array(recorded.utf8)).root.elements
        let names = facts[0].elements.compactMap(\.string)
        // LC_CTYPE is Python's own doing.
        #expect(Set(names).subtracting(["LC_CTYPE"]) == ["PATH", "LANG"])
        #expect(facts[1].elements.isEmpty)
        #expect(facts[2].bool == true)
        #expect(facts[3].string == connector.folder)
        #expect(facts[4].elements.compactMap(\.string) == [connector.path])
    }

    @Test func aProgramEndsWhenItsInputEnds() throws {
        let example = RepositoryPath.example
        let process = Process()
        process.executableURL = URL(fileURLWithPath: example)
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = Pipe()
        try process.run()
        try input.fileHandleForWriting.close()
        process.waitForExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func cancellingACallNotifiesTheProgramAndKeepsItUsable() async throws {
        let arrived = AsyncStream<Void>.makeStream()
        let connector = try ScriptedConnector(
            onCall: """
                if m["method"] == "companies":
                    say(type="request", call=m["id"], id="1", method="GET", url="https://psa.example.com/companies")
                    recorded = hear()
                    say(type="error", id=m["id"], error={"code": "request.rejected"})
                else:
                    answer({"id": "1", "summary": recorded["type"] + str(recorded["id"] == m["id"] - 1)})
                """)
        let session = try await connector.session { _ in
            arrived.continuation.finish()
            try await Task.sleep(for: .seconds(3_600))
            return TransportResponse(status: 200)
        }
        let reading = Task { try await session.companyNames() }
        for await _ in arrived.stream {}
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
        #expect(try await session.ticket(RecordID(1)).summary == "cancelTrue")
    }
}
