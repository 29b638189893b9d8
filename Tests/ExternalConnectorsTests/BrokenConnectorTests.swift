import ExternalConnectors
import PSACore
import PSATesting
import Testing

@Suite(.timeLimit(.minutes(2)))
struct BrokenConnectorTests {
    @Test func aCorrectProgramIsReadPageByPage() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                page = m["arguments"].get("cursor")
                items = [{"id": "2", "name": "Globex"}] if page else [{"id": "1", "name": "Acme"}, {"name": "no id"}]
                answer({"items": items, "next": None if page else "p2"})
                """)
        #expect(try await connector.session().companyNames() == ["Acme", "Globex"])
    }

    @Test func aCrashIsReportedWithItsSignalAndLastLines() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                print("cannot go on", file=sys.stderr, flush=True)
                os.kill(os.getpid(), signal.SIGSEGV)
                """)
        let error = try #require(await connector.session().companyError())
        #expect(error.code == .connectorDefect)
        #expect(error.retry == .safeNow)
        #expect(error.evidence == "The program crashed with signal 11. Its last lines: cannot go on")
        #expect(error.guidance.detail.contains("Scripted PSA"))
    }

    @Test func anUnexpectedExitIsReportedWithItsStatus() async throws {
        let error = try #require(await ScriptedConnector(onCall: "sys.exit(3)").session().companyError())
        #expect(error.evidence.contains("ended by itself with status 3"))
    }

    @Test func theNextCallAfterACrashRestartsTheProgram() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                mark = os.path.join(os.getcwd(), "crashed")
                if not os.path.exists(mark):
                    open(mark, "w").close()
                    sys.exit(1)
                answer({"items": [{"id": "1", "name": "Acme"}]})
                """)
        let session = try await connector.session()
        #expect(await session.companyError() != nil)
        #expect(try await session.companyNames() == ["Acme"])
    }

    @Test func aProgramThatKeepsCrashingBacksOff() async throws {
        let limits = ExternalConnectorLimits()
        let clock = ManualClock(movesBySleeping: false, skipping: [limits.grace])
        let starts = "open(os.path.join(os.getcwd(), 'starts'), 'a').write('x')"
        let connector = try ScriptedConnector(onCall: "sys.exit(1)", atStart: starts)
        let session = try await connector.session(limits: limits, time: clock.source)
        for _ in 0..<3 { #expect(await session.companyError()?.retry == .safeNow) }
        let refused = try #require(await session.companyError())
        #expect(refused.retry == .afterDelay(.seconds(300)))
        #expect(refused.evidence == "The program failed 3 times in a short time and is started again in 300 seconds at the earliest.")
        clock.advance(by: 300)
        #expect(await session.companyError()?.retry == .safeNow)
    }

    @Test(arguments: [
        ("print('hello?', flush=True)", "“the value” is not JSON"),
        ("say(type='gossip')", "“type” is none of hello, result, error, progress, request, log"),
        ("say(type='result', id='x', value={})", "“id” is missing or no whole number"),
        ("say(type='result', id=m['id'])", "“value” is missing or no object"),
        ("say(type='result', id=m['id'] + 7, value={})", "answered something that was not asked"),
        ("say(type='request', call=99, id='1', method='GET', url='https://psa.example.com/')", "answered something that was not asked"),
        ("say(type='request', call=m['id'], id='1', method='BREW', url='https://psa.example.com/')", "“method” is none of GET"),
        ("say(type='hello', contract=1)", "did not say hello first, or said it twice"),
        ("sys.stdout.write('x' * 3000000); sys.stdout.flush()", "a line of more than 1048576 bytes"),
        ("while True: say(type='log', level='info', text='busy')", "more than 1000 logLines"),
        (
            "for n in range(40): say(type='request', call=m['id'], id=str(n), method='GET', url='https://psa.example.com/')",
            "more than 16 requests at a time"
        ),
    ])
    func nonsenseEndsTheProgramAndIsToldInPlainWords(_ statements: String, _ words: String) async throws {
        let connector = try ScriptedConnector(onCall: statements)
        let session = try await connector.session { _ in
            // None of them is answered, so that they are under way together.
            try await Task.sleep(for: .seconds(3_600))
            return TransportResponse(status: 200)
        }
        let error = try #require(await session.companyError())
        #expect(error.code == .connectorDefect)
        #expect(error.evidence.contains(words), "\(error.evidence)")
    }

    @Test func aProgramThatAnswersTwiceIsEndedAfterItsFirstAnswer() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                line = json.dumps({"type": "result", "id": m["id"], "value": {"items": [{"id": "1", "name": str(os.getpid())}]}}) + "\\n"
                sys.stdout.write(line + line)
                sys.stdout.flush()
                """)
        let session = try await connector.session()
        let first = try await session.companyNames()
        do {
            // Where the second answer was seen before this call, there is another program already.
            #expect(try await session.companyNames() != first)
        } catch let error as PSAError {
            #expect(error.evidence.contains("answered something that was not asked, or answered twice"))
        }
    }

    @Test func onlyTheLastLinesOfStandardErrorAreKept() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                for n in range(20000): print("line", n, file=sys.stderr)
                sys.stderr.flush()
                sys.exit(1)
                """)
        let error = try #require(await connector.session().companyError())
        #expect(error.evidence.hasSuffix("line 19998 ⏎ line 19999"))
        #expect(!error.evidence.contains("line 19989"))
    }

    @Test func aHangingProgramIsEndedAtTheTimeout() async throws {
        let limits = ExternalConnectorLimits()
        let clock = ManualClock(movesBySleeping: false, skipping: [limits.grace])
        let connector = try ScriptedConnector(
            onCall: """
                if "called" in settings: hear()
                settings["called"] = True
                answer({"items": []})
                """)
        let session = try await connector.session(limits: limits, time: clock.source)
        // Its opening and a good call are over, so that the only wait is the one for the call that hangs.
        #expect(await session.companyError() == nil)
        let ticking = Task {
            while !Task.isCancelled {
                clock.endSleeps(lasting: limits.silence)
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        let error = try #require(await session.companyError())
        ticking.cancel()
        #expect(error.evidence == "The program gave no answer for 60 seconds and was ended.")
        #expect(error.retry == .safeNow)
    }

    @Test func waitingForItsServerDoesNotTimeOutTheProgram() async throws {
        let limits = ExternalConnectorLimits()
        let clock = ManualClock(movesBySleeping: false, skipping: [limits.grace])
        let arrived = AsyncStream<Void>.makeStream()
        let answers = AsyncStream<Void>.makeStream()
        let connector = try ScriptedConnector(
            onCall: """
                say(type="request", call=m["id"], id="1", method="GET", url="https://psa.example.com/companies")
                hear()
                answer({"items": [{"id": "1", "name": "Acme"}]})
                """)
        let session = try await connector.session(limits: limits, time: clock.source) { _ in
            arrived.continuation.finish()
            for await _ in answers.stream {}
            return TransportResponse(status: 200)
        }
        async let names = session.companyNames()
        for await _ in arrived.stream {}
        clock.endSleeps(lasting: limits.silence)
        answers.continuation.finish()
        #expect(try await names == ["Acme"])
    }

    @Test func twoConnectionsDoNotDisturbEachOther() async throws {
        let bad = try await ScriptedConnector(onCall: "sys.exit(1)").session()
        let goodConnector = try ScriptedConnector(onCall: "answer({'items': [{'id': '1', 'name': str(os.getpid())}]})")
        let (one, other) = (try await goodConnector.session(), try await goodConnector.session())
        let before = try await one.companyNames()
        #expect(await bad.companyError() != nil)
        #expect(try await one.companyNames() == before)
        #expect(try await other.companyNames() != before)
    }
}
