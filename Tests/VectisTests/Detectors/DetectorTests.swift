import FoundationEssentials
import PSACore
import Testing

@testable import PSAEngine
@testable import VectisRules

@Suite("Detectors") struct DetectorTests {
    /// 2026-11-24.
    private static let midnight = Date(timeIntervalSince1970: 1_795_478_400)

    // MARK: Agreements

    @Test(arguments: [-1, 0, 1, 29, 30, 31], [0.0, 86_399])
    func anAgreementIsFoundFromTheFirstToTheLastDay(left: Int, second: Double) {
        for nowSecond in [0.0, 34_200, 86_399] {
            let detector = Detector(.agreementEnding, days: 30, now: Self.midnight + nowSecond)
            let agreement = SyncRecord.agreement(endsAt: Self.midnight + Double(left) * 86_400 + second)
            let finding = detector.finding(agreement: agreement, company: .company(), companiesAreKnown: true)
            #expect((finding != nil) == (0...30).contains(left))
            #expect(detector.agreementQuery.matches(agreement) == (finding != nil))
            #expect(finding?.isCurrent != false)
        }
    }

    @Test(arguments: [("2026-12-24T23:59:59Z", true), ("2026-12-24T23:30:00-05:00", false), ("2026-12-25T01:00:00+02:00", true)])
    func daysAreDaysOfUTC(end: String, isFound: Bool) {
        let agreement = SyncRecord.agreement(endsAt: GregorianUTC.instant(iso8601: end))
        let finding = Detector(.agreementEnding, days: 30, now: .sampleNow)
            .finding(agreement: agreement, company: .company(), companiesAreKnown: true)
        #expect((finding != nil) == isFound)
    }

    @Test(arguments: [
        (0, "ends today, on 2026-11-24."), (1, "ends tomorrow, on 2026-11-25."), (10, "ends on 2026-12-04, in 10 days."),
    ])
    func theTextSaysWhichAgreementEndsWhen(left: Int, words: String) throws {
        var agreement = SyncRecord.agreement(endsAt: Self.midnight + Double(left) * 86_400)
        agreement.content = ["company": ["id": "12", "name": "Acme Ltd"], "kind": "Managed", "startsAt": "2024-01-01T00:00:00Z"]
        let finding = try #require(
            Detector(.agreementEnding, now: .sampleNow).finding(agreement: agreement, company: .company(), companiesAreKnown: true))
        #expect(finding.text.hasPrefix("The agreement “Gold support” of Acme Ltd \(words)\n"))
        #expect(finding.text.contains("Kind: Managed") && finding.text.contains("In force since 2024-01-01"))
        let event = finding.event(of: ConnectionID(), at: .sampleNow)
        #expect(event.type == "agreement.ending" && event.source == "vectis" && event.severity == .warning)
        #expect(event.company == "Acme Ltd" && event.companyID == "12" && event.device == "Gold support")
    }

    @Test func anOccurrenceHasOneIDWhateverTheDay() throws {
        func id(_ days: Int, _ now: Date, end: Double = 10) -> String? {
            Detector(.agreementEnding, days: days, now: now).finding(
                agreement: .agreement(endsAt: Self.midnight + end * 86_400), company: .company(), companiesAreKnown: true)?.senderID
        }
        #expect(id(30, .sampleNow) == "agreement/5/ends/2026-12-04/within/30")
        #expect(id(30, .sampleNow + 5 * 86_400) == id(30, .sampleNow))
        #expect(id(14, .sampleNow) != id(30, .sampleNow))
        #expect(id(30, .sampleNow, end: 11) != id(30, .sampleNow))
    }

    @Test(arguments: [SyncRecord.State.closed, .merged, .deleted, .unreachable]) func onlyAnAgreementThatThePSAListsIsFound(
        state: SyncRecord.State
    ) {
        var agreement = SyncRecord.agreement(endsAt: Self.midnight)
        agreement.state = state
        #expect(
            Detector(.agreementEnding, now: .sampleNow).finding(agreement: agreement, company: .company(), companiesAreKnown: true) == nil)
    }

    @Test func whatIsNotActiveOrHasNoDatesIsNotFound() {
        let detector = Detector(.agreementEnding, now: .sampleNow)
        func isFound(_ agreement: SyncRecord, _ company: SyncRecord? = .company(), known: Bool = true) -> Bool {
            detector.finding(agreement: agreement, company: company, companiesAreKnown: known) != nil
        }
        #expect(isFound(.agreement(endsAt: Self.midnight)))
        #expect(!isFound(.agreement(endsAt: nil)))
        #expect(!isFound(.agreement(endsAt: .distantFuture)) && !isFound(.agreement(endsAt: .distantPast)))
        #expect(!isFound(.agreement(endsAt: Self.midnight, isActive: false)))
        #expect(isFound(.agreement(endsAt: Self.midnight, isActive: nil)))
        var later = SyncRecord.agreement(endsAt: Self.midnight, isActive: nil)
        later.content = ["startsAt": "2026-11-25T00:00:00Z"]
        #expect(!isFound(later))
        var own = SyncRecord.agreement(endsAt: Self.midnight)
        own.facts.company = nil
        #expect(!isFound(own))
        #expect(!isFound(.agreement(endsAt: Self.midnight), nil))
        #expect(isFound(.agreement(endsAt: Self.midnight), nil, known: false))
        #expect(!isFound(.agreement(endsAt: Self.midnight), .company(isActive: false)))
        #expect(isFound(.agreement(endsAt: Self.midnight), .company(isActive: nil)))
        for state in SyncRecord.State.allCases where state != .present {
            #expect(!isFound(.agreement(endsAt: Self.midnight), .company(state: state)))
        }
    }

    @Test(arguments: [(7, 8, false), (7, 7, true), (7, 0, true), (7, -23, true), (7, -24, false), (60, 60, true), (60, 61, false)])
    func lookingBackFindsWhatCrossedTheThreshold(days: Int, left: Int, isFound: Bool) {
        let detector = Detector(.agreementEnding, days: days, now: .sampleNow, lookback: 30)
        let agreement = SyncRecord.agreement(endsAt: Self.midnight + Double(left) * 86_400)
        let finding = detector.finding(agreement: agreement, company: .company(), companiesAreKnown: true)
        #expect((finding != nil) == isFound)
        #expect(detector.agreementQuery.matches(agreement) == isFound)
        #expect(finding.map(\.isCurrent) == (isFound ? left >= 0 : nil))
        #expect(finding.map { $0.began(within: 30, before: .sampleNow) } == (isFound ? true : nil))
    }

    @Test func whatCrossedTheThresholdEarlierHoldsNowAndIsNotNew() throws {
        let detector = Detector(.agreementEnding, days: 60, now: .sampleNow, lookback: 30)
        for (left, isNew) in [(30, true), (29, false)] {
            let agreement = SyncRecord.agreement(endsAt: Self.midnight + Double(left) * 86_400)
            let finding = try #require(detector.finding(agreement: agreement, company: .company(), companiesAreKnown: true))
            #expect(finding.isCurrent && finding.began(within: 30, before: .sampleNow) == isNew)
        }
    }

    // MARK: Tickets

    @Test(arguments: [(604_800, false), (604_801, true), (604_799, false), (34_560_000, true), (-60, false)] as [(Double, Bool)])
    func aTicketIsFoundAfterMoreThanTheDays(quiet: Double, isFound: Bool) {
        let detector = Detector(.ticketWaiting, days: 7, now: .sampleNow)
        let ticket = SyncRecord.ticket(quietSince: .sampleNow - quiet)
        #expect((detector.finding(ticket: ticket) != nil) == isFound)
        #expect(detector.ticketQuery.matches(ticket) == isFound)
    }

    @Test(arguments: SyncRecord.State.allCases, ["open", "waiting", "closed", "unknown", "strange", nil])
    func onlyAnOpenTicketIsFound(state: SyncRecord.State, phase: String?) {
        var ticket = SyncRecord.ticket(quietSince: .distantPast)
        ticket.state = state
        ticket.content = .init(present: [("phase", phase.map(JSONValue.string))])
        let isOpen = state == .present && ["open", "waiting"].contains(phase)
        #expect((Detector(.ticketWaiting, now: .sampleNow).finding(ticket: ticket) != nil) == isOpen)
    }

    @Test func aTicketWithoutATimeOfItsActivityIsNotFound() {
        #expect(Detector(.ticketWaiting, now: .sampleNow).finding(ticket: .ticket(quietSince: nil)) == nil)
    }

    @Test func theTextSaysSinceWhenTheTicketWaitsAndWhereItIs() throws {
        let finding = try #require(
            Detector(.ticketWaiting, days: 7, now: .sampleNow).finding(ticket: .ticket(quietSince: .sampleNow - 10 * 86_400)))
        #expect(
            finding.text == """
                The ticket T-9 “Printer is broken” of Acme Ltd has had no activity since 2026-11-14 09:30 UTC, for 10 days.
                Status: In progress
                https://psa.example.com/9
                """)
        #expect(finding.senderID == "ticket/9/quiet-since/2026-11-14T09:30:00Z/for/7" && finding.subject == "Ticket T-9")
        #expect(finding.company == Company.ID(12) && finding.since == .sampleNow - 3 * 86_400)
    }

    // MARK: Companies

    @Test func aCompanyIsFoundOnceAMonthWithItsOldestTickets() throws {
        var tickets = OpenTickets()
        for number in (1...7).reversed() {
            var ticket = SyncRecord.ticket(String(number), quietSince: .sampleNow)
            ticket.content = ["phase": "open", "number": .string("T-\(number)"), "createdAt": .string("2026-11-0\(number)T00:00:00Z")]
            tickets.add(ticket)
        }
        tickets.add(.ticket(quietSince: .sampleNow, phase: "closed"))
        func finding(_ now: Date) -> Finding? { Detector(.companyWithoutAgreement, now: now).finding(company: .company(), with: tickets) }
        let found = try #require(finding(.sampleNow))
        #expect(found.text.hasPrefix("Acme Ltd has 7 open tickets and no active agreement.\nTicket T-1: Printer is broken\nTicket T-2:"))
        #expect(found.text.hasSuffix("… and 2 more") && found.since == nil && found.subject.isEmpty)
        #expect(found.senderID == "company/12/without-agreement/2026-11" && found.company == Company.ID(12))
        #expect(finding(.sampleNow + 6 * 86_400)?.senderID == found.senderID)
        #expect(finding(.sampleNow + 7 * 86_400)?.senderID == "company/12/without-agreement/2026-12")
    }

    @Test func aCompanyThatIsNotActiveOrHasNoOpenTicketIsNotFound() {
        let detector = Detector(.companyWithoutAgreement, now: .sampleNow)
        var one = OpenTickets()
        one.add(.ticket(quietSince: .sampleNow))
        #expect(detector.finding(company: .company(isActive: nil), with: one) != nil)
        #expect(detector.finding(company: .company(isActive: false), with: one) == nil)
        #expect(detector.finding(company: .company(), with: OpenTickets()) == nil)
        for state in SyncRecord.State.allCases where state != .present {
            #expect(detector.finding(company: .company(state: state), with: one) == nil)
        }
    }

    @Test(
        "which agreements keep a company from being found",
        arguments: [
            (SyncRecord.State.present, true, nil, true), (.present, true, -400, true), (.present, nil, nil, true), (.present, nil, 0, true),
            (.present, nil, -1, false), (.present, false, 400, false), (.unreachable, true, nil, true), (.unreachable, true, 0, true),
            (.unreachable, true, -1, false), (.unreachable, false, nil, false), (.deleted, true, nil, false), (.merged, true, nil, false),
        ] as [(SyncRecord.State, Bool?, Double?, Bool)])
    func covered(state: SyncRecord.State, isActive: Bool?, daysLeft: Double?, isCovered: Bool) {
        var agreement = SyncRecord.agreement(endsAt: daysLeft.map { Self.midnight + $0 * 86_400 }, isActive: isActive)
        agreement.state = state
        let company = Detector(.companyWithoutAgreement, now: .sampleNow).coveredCompany(of: agreement)
        #expect(company == (isCovered ? Company.ID(12) : nil))
    }

    // MARK: The copy

    @Test(arguments: [(0.0, false), (1, true)]) func aListIsFoundOnceItIsStale(beyond: Double, isFound: Bool) throws {
        let policy = SyncPolicy()
        let limit = policy.staleAge(of: .agreements, readsChanges: false).seconds
        var status = SyncStatus.fresh(.agreements, at: .sampleNow - limit - beyond)
        let finding = Detector(.syncStale, now: .sampleNow).finding(status: status, policy)
        #expect((finding != nil) == isFound)
        guard let finding else { return }
        #expect(finding.severity == .error && finding.subject == "Local copy of agreements" && finding.company == nil)
        #expect(finding.senderID == "resource/agreements/stale-since/\((.sampleNow - limit - beyond).formatted(.iso8601))")
        status.progress.freshAt = nil
        #expect(Detector(.syncStale, now: .sampleNow).finding(status: status, policy) == nil)
        status = .fresh(.notes, at: .distantPast)
        #expect(Detector(.syncStale, now: .sampleNow).finding(status: status, policy) == nil)
    }

    @Test func withoutACopyThatCanBeReliedOnNothingIsFound() {
        let policy = SyncPolicy()
        func obstacle(_ kind: DetectorKind, _ change: (inout [SyncResource: SyncStatus]) -> Void = { _ in }) -> DetectorObstacle? {
            var statuses: [SyncResource: SyncStatus] = [:]
            for resource in SyncResource.allCases { statuses[resource] = .fresh(resource, at: .sampleNow) }
            change(&statuses)
            return kind.obstacle(Array(statuses.values), policy, at: .sampleNow)
        }
        for kind in DetectorKind.allCases {
            #expect(obstacle(kind) == nil)
            #expect(obstacle(kind) { $0 = [:] } == .noCopy)
        }
        let old = Date.sampleNow - 30 * 86_400
        for kind in [DetectorKind.agreementEnding, .companyWithoutAgreement] {
            #expect(obstacle(kind) { $0[.agreements] = nil } == .notOffered(.agreements))
            #expect(obstacle(kind) { $0[.agreements] = .fresh(.agreements, at: old) } == .stale(.agreements))
            #expect(obstacle(kind) { $0[.agreements]?.progress.lastFullAt = nil } == .notRead(.agreements))
            #expect(obstacle(kind) { $0[.companies] = .fresh(.companies, at: old) } == .stale(.companies))
        }
        #expect(obstacle(.agreementEnding) { $0[.companies] = nil } == nil)
        #expect(obstacle(.companyWithoutAgreement) { $0[.companies] = nil } == .notOffered(.companies))
        for kind in [DetectorKind.ticketWaiting, .companyWithoutAgreement] {
            #expect(obstacle(kind) { $0[.tickets] = .fresh(.tickets, at: old) } == .stale(.tickets))
        }
        // Absence needs a complete list; presence does not.
        let gaps: [(inout SyncProgress) -> Void] = [
            { $0.missing = SyncMissing(missing: 30, rows: 100, at: .sampleNow) }, { $0.lastRun?.hasGap = true },
            { $0.lastRun?.unreadable = 1 }, { $0.lastRun?.kind = .changes }, { $0.lastRun = nil },
        ]
        for gap in gaps {
            func change(_ statuses: inout [SyncResource: SyncStatus]) {
                guard var status = statuses[.agreements] else { return }
                gap(&status.progress)
                statuses[.agreements] = status
            }
            #expect(obstacle(.companyWithoutAgreement, change) == .incomplete(.agreements))
            #expect(obstacle(.agreementEnding, change) == nil)
        }
        #expect(obstacle(.syncStale) { $0[.tickets] = .fresh(.tickets, at: old) } == nil)
    }

    // MARK: Events and settings

    @Test func longAndStrangeNamesFitIntoAnEvent() {
        var company = SyncRecord.company()
        company.facts.name = String(repeating: "é\u{301}\n😀", count: 2_000)
        var tickets = OpenTickets()
        tickets.add(.ticket(quietSince: .sampleNow))
        let event = Detector(.companyWithoutAgreement, now: .sampleNow).finding(company: company, with: tickets)?
            .event(of: ConnectionID(), at: .sampleNow)
        #expect((900...1_000).contains(event?.company.utf8.count ?? 0) && event?.company.contains("\n") == false)
    }

    @Test func settingsRoundTripAndAreCheckedForTheirDays() throws {
        var settings = DetectorSettings()
        #expect(!settings.isAnyOn && settings.issues.isEmpty && settings[.agreementEnding].days == 30 && settings[.ticketWaiting].days == 7)
        settings[.agreementEnding] = .init(isOn: true, days: 365)
        settings[.syncStale].isOn = true
        #expect(try #require(DetectorSettings(stored: settings.stored)) == settings && settings.isAnyOn)
        #expect(DetectorSettings(stored: DetectorSettings().stored) == DetectorSettings())
        for days in [0, 366, -1] {
            settings[.ticketWaiting].days = days
            #expect(settings.issues == [.ticketWaiting])
        }
        for text in ["", "[]", "{\"sync.stale\":{}}", "{\"sync.stale\":1}"] { #expect(DetectorSettings(stored: text) == nil) }
        let stored = DetectorSettings(stored: "{\"ticket.waiting\":{\"on\":true,\"days\":9223372036854775807}}")
        #expect(stored?[.ticketWaiting].days == 365)
        #expect(DetectorSettings(stored: "{\"of.a.later.version\":{\"on\":true}}") == DetectorSettings())
    }
}

extension SyncRecord {
    static func company(_ id: String = "12", isActive: Bool? = true, state: State = .present) -> SyncRecord {
        .sample(.companies, id, state, SyncFacts(name: "Acme Ltd", company: Company.ID(id), isActive: isActive))
    }

    static func agreement(_ id: String = "5", of company: Company.ID? = Company.ID(12), endsAt: Date?, isActive: Bool? = true) -> SyncRecord
    {
        .sample(.agreements, id, .present, SyncFacts(name: "Gold support", company: company, isActive: isActive, endsAt: endsAt))
    }

    static func ticket(
        _ id: String = "9", of company: Company.ID? = Company.ID(12), quietSince: Date?, phase: String = "open"
    ) -> SyncRecord {
        .sample(
            .tickets, id, phase == "closed" ? .closed : .present,
            SyncFacts(name: "Printer is broken", company: company, lastActivityAt: quietSince),
            .init(present: [
                ("number", .string("T-\(id)")), ("phase", .string(phase)), ("company", ["id": "12", "name": "Acme Ltd"]),
                ("status", ["id": "2", "name": "In progress"]), ("webAddress", .string("https://psa.example.com/\(id)")),
                ("lastActivityAt", quietSince.map { .string($0.formatted(.iso8601)) }),
            ]))
    }

    private static func sample(
        _ resource: SyncResource, _ id: String, _ state: State, _ facts: SyncFacts, _ content: JSONValue = [:]
    ) -> SyncRecord {
        guard let id = SyncRecord.ID(id) else { preconditionFailure("“\(id)” is no id") }
        return SyncRecord(
            resource: resource, id: id, sequence: .beginning, state: state, facts: facts, content: content, native: nil,
            firstSeenAt: .sampleNow, changedAt: .sampleNow)
    }
}

extension SyncStatus {
    /// A list that was read in full at a time.
    static func fresh(_ resource: SyncResource, at time: Date) -> SyncStatus {
        var status = SyncStatus(resource: resource, nextRunAt: time)
        status.progress.freshAt = time
        status.progress.lastFullAt = time
        status.progress.lastRun = SyncRunSummary(
            kind: .full, startedAt: time, endedAt: time, pages: 1, rows: 1, added: 0, changed: 0, missing: 0, unreadable: 0, hasGap: false)
        return status
    }
}
