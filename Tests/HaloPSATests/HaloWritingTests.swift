import FoundationEssentials
import HaloSimulator
import PSACore
import PSATesting
import Testing
@testable import HaloPSA

@Suite("Writing to HaloPSA")
struct HaloWritingTests {
    @Test func aTicketTakesItsDefaultsAndKeepsWhatWasAsked() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session(["ticketStatusID": "2", "ticketPriorityID": "2"])
            let contact = try #require(
                try await session.contacts().collected().first { $0.site != nil && $0.company != nil && !$0.emails.isEmpty })
            let created = try await session.createTicket(
                TicketDraft(summary: "Disk full", details: "On SRV-02 <C:>", contact: contact.id, externalReference: "rule-7:42"))
            let stored = try await fixture.stored(created.id)
            #expect(stored.typeID == 1 && stored.statusID == 2 && stored.priorityID == 2)
            #expect(
                stored.userID == contact.id.integer && stored.siteID == contact.site?.id.integer
                    && stored.clientID == contact.company?.id.integer)
            #expect(stored.thirdPartyIDString == "rule-7:42" && created.externalReference == "rule-7:42")
            let details = try await session.ticket(created.id).details
            #expect(details == "On SRV-02 <C:>")
        }
    }

    @Test func whatIsGivenWinsOverTheDefaults() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session(["ticketStatusID": "2"])
            let created = try await session.createTicket(
                TicketDraft(
                    summary: "New starter", company: Company.ID(12), type: TicketType.ID(3), status: TicketStatus.ID(1),
                    priority: TicketPriority.ID(4)))
            let stored = try await fixture.stored(created.id)
            #expect([stored.typeID, stored.statusID, stored.priorityID, stored.clientID] == [3, 1, 4, 12])
        }
    }

    @Test func aTicketWithoutTypeOrSummaryIsNotSent() async throws {
        try await HaloFixture.run { fixture in
            let untyped = try fixture.session(["ticketTypeID": ""])
            #expect(await code { _ = try await untyped.createTicket(TicketDraft(summary: "x")) } == .configMissingField)
            let session = try fixture.session()
            #expect(await code { _ = try await session.createTicket(TicketDraft(summary: " \n ")) } == .requestInvalid)
            #expect(fixture.transport.requests.isEmpty)
        }
    }

    @Test func aContactOfAnotherCompanyIsRefusedBeforeTheTicketIsSent() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let contact = try #require(try await session.contacts().collected().first { $0.company.map { $0.id.integer != 12 } ?? false })
            let draft = TicketDraft(summary: "x", company: Company.ID(12), contact: contact.id)
            #expect(await code { _ = try await session.createTicket(draft) } == .requestInvalid)
            #expect(fixture.transport.count(.post, "/api/Tickets") == 0)
        }
    }

    @Test func twentyTicketsAtOnceAreCreatedOneByOne() async throws {
        try await HaloFixture.run(faults: ["create-race"]) { fixture in
            let sessions = [try fixture.session(), try fixture.session()]
            let before = await fixture.simulator.ticketCount()
            try await withThrowingTaskGroup(of: Ticket.ID.self) { group in
                for number in 0..<20 {
                    group.addTask { try await sessions[number % 2].createTicket(TicketDraft(summary: "Ticket \(number)")).id }
                }
                let ids = try await group.reduce(into: Set()) { $0.insert($1) }
                #expect(ids.count == 20)
            }
            #expect(await fixture.simulator.ticketCount() == before + 20)
        }
    }

    @Test func aPrivateNoteIsHiddenAndMailsNobody() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let ticket = try await session.createTicket(TicketDraft(summary: "x")).id
            let note = try await session.addPrivateNote("Line 1 <b>&\r\nLine 2", to: ticket)
            let stored = try await fixture.lastAction(of: ticket)
            #expect(stored.isHidden && stored.emailTo == nil && stored.outcomeID == 7)
            #expect(stored.noteHTML == "<p>Line 1 &lt;b&gt;&amp;<br>Line 2</p>")
            #expect(note.visibility == .staffOnly && note.ticket == ticket)
        }
    }

    @Test func aReplyIsVisibleAndGoesToTheTicketsContact() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let contact = try #require(try await session.contacts().collected().first { $0.site != nil && !$0.emails.isEmpty })
            let ticket = try await session.createTicket(TicketDraft(summary: "Printer jams", contact: contact.id)).id
            let reply = try await session.reply("We are on it.", to: ticket)
            let stored = try await fixture.lastAction(of: ticket)
            #expect(!stored.isHidden && stored.emailTo == contact.emails.first && stored.outcomeID == 16)
            #expect(reply.note.visibility == .contact && reply.notification == .requested)
        }
    }

    @Test func aReplyToNobodyIsNotSent() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let ticket = try await session.createTicket(TicketDraft(summary: "From nobody", company: Company.ID(12))).id
            #expect(await code { _ = try await session.reply("Hello?", to: ticket) } == .ticketActionIncomplete)
            #expect(fixture.transport.count(.post, "/api/Actions") == 0)
        }
    }

    @Test func theStatusIsChangedAndReadBack() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let ticket = try await session.createTicket(TicketDraft(summary: "x")).id
            let changed = try await session.changeStatus(of: ticket, to: TicketStatus.ID(9))
            #expect(changed.status?.id.rawValue == "9")
            let readBack = try await session.ticket(ticket)
            #expect(readBack.phase == .closed)
            #expect(await code { _ = try await session.changeStatus(of: ticket, to: TicketStatus.ID(777)) } == .ticketFieldInvalid)
        }
    }

    @Test func anOutcomeThatDoesNotExistNamesThoseThatDo() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session(["privateNoteOutcome": "Interne Notiz"])
            do {
                _ = try await session.addPrivateNote("x", to: Ticket.ID(1_001))
                Issue.record("The note was added.")
            } catch let error as PSAError {
                #expect(error.code == .configInvalidField)
                #expect(error.guidance.fields == ["privateNoteOutcome"])
                #expect(error.guidance.detail.contains("Internal Note"))
            }
            #expect(fixture.transport.count(.post, "/api/Actions") == 0)
        }
    }

    @Test func outcomesAreReadOnceForManyNotes() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            for number in 1...3 { _ = try await session.addPrivateNote("Note \(number)", to: Ticket.ID(1_001)) }
            #expect(fixture.transport.count(.get, "/api/Outcome") == 1)
        }
    }

    @Test func anActionTheAgentMayNotUseSaysSo() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session(["privateNoteOutcome": "Restricted"])
            #expect(await code { _ = try await session.addPrivateNote("x", to: Ticket.ID(1_001)) } == .permissionActionDenied)
        }
    }

    @Test func aPriorityOfAnotherSLAIsSeenInWhatComesBack() async throws {
        try await HaloFixture.run { fixture in
            let created = try await fixture.session().createTicket(
                TicketDraft(summary: "x", type: TicketType.ID(4), priority: TicketPriority.ID(1)))
            #expect(created.priority?.id.rawValue != "1")
        }
    }

    @Test(
        "a ticket is found by its reference, whatever the build can filter",
        arguments: [
            [], ["third-party-filter-unsupported"], ["third-party-hidden-on-rows"],
        ])
    func foundByReference(faults: [String]) async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let open = try await session.createTicket(TicketDraft(summary: "open", externalReference: "ref-open")).id
            let closed = try await session.createTicket(TicketDraft(summary: "closed", externalReference: "ref-closed")).id
            _ = try await session.changeStatus(of: closed, to: TicketStatus.ID(9))
            await fixture.simulator.setFaults(try faults.map(HaloFault.init(parsing:)))
            #expect(try await session.tickets(externalReference: "ref-open").map(\.id) == [open])
            #expect(try await session.tickets(externalReference: "ref-closed").map(\.id) == [closed])
            #expect(try await session.tickets(externalReference: "ref").isEmpty)
        }
    }
}

@Suite("What HaloPSA answers to a write")
struct HaloWriteAnswerTests {
    private static let outcomes = TransportResponse.json(#"[{"id":7,"outcome":"Internal Note"},{"id":16,"outcome":"Email User"}]"#)

    /// Answers that do not say which record was saved.
    static let noRecord = [
        #"{"id":0}"#, #"{"id":-1}"#, #"{"id":-9223372036854775808}"#, #"{"id":null}"#, #"{}"#, #"[]"#, #"[{}]"#, #"[{"id":0}]"#, "null",
        "0",
        "true", #""ok""#, #"{"id":"abc"}"#, #"{"id":""}"#, #"{"id":12.5}"#, #"{"id":true}"#, #"{"id":[12]}"#, #"{"id":{}}"#,
        #"{"id":1e300}"#,
        #"{"id":99999999999}"#, #"{"ID":12}"#, #"{"ticket":{"id":12}}"#, #"[{"id":12},{"id":13}]"#, #"{"id":"0"}"#, #"{"id":0.0}"#,
    ]

    @Test(arguments: noRecord, [200, 201]) func anAnswerThatNamesNoTicketLeavesTheCreateUnknown(body: String, status: Int) async throws {
        let transport = AnsweringTransport(["POST /api/Tickets": .json(body, status: status)])
        let session = try transport.session()
        #expect(await code { _ = try await session.createTicket(TicketDraft(summary: "x")) } == .writeOutcomeUnknown)
        #expect(transport.requests.count == 1)
    }

    @Test(arguments: noRecord) func anAnswerThatNamesNoNoteLeavesItUnknown(body: String) async throws {
        let transport = AnsweringTransport([
            "GET /api/Outcome": Self.outcomes, "POST /api/Actions": .json(body, status: 201),
            "GET /api/Tickets/{id}": .json(#"{"id":5,"user_email":"a@example.com"}"#),
        ])
        let session = try transport.session()
        #expect(await code { _ = try await session.addPrivateNote("x", to: Ticket.ID(5)) } == .writeOutcomeUnknown)
        #expect(await code { _ = try await session.reply("x", to: Ticket.ID(5)) } == .writeOutcomeUnknown)
    }

    @Test(arguments: noRecord) func anAnswerThatNamesNoTicketLeavesTheChangeOfStatusUnknown(body: String) async throws {
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body)]).session()
        #expect(await code { _ = try await session.changeStatus(of: Ticket.ID(5), to: TicketStatus.ID(2)) } == .writeOutcomeUnknown)
    }

    @Test(
        arguments: [
            #"{"id":12,"third_party_id_string":"another"}"#, #"{"id":12,"summary":"Printer on fire"}"#,
            #"{"id":12,"summary":"Disk full","third_party_id_string":"r-2"}"#,
        ])
    func aTicketThatIsPlainlyAnotherIsNotTakenForTheNewOne(body: String) async throws {
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body, status: 201)]).session()
        let draft = TicketDraft(summary: "Disk full", externalReference: "r-1")
        #expect(await code { _ = try await session.createTicket(draft) } == .writeOutcomeUnknown)
    }

    @Test(
        arguments: [
            #"{"id":12}"#, #"[{"id":12}]"#, #"{"id":"12"}"#, #"{"id":12.0}"#, #"{"id":12,"summary":"Disk & RAM full"}"#,
            #"{"id":12,"summary":"Disk &amp; RAM full"}"#, #"{"id":12,"summary":"Disk & R"}"#,
            #"{"id":12,"summary":"[NEW] disk  & ram full!"}"#,
            #"{"id":12,"summary":"Changed by a rule","third_party_id_string":"r-1"}"#, #"{"id":12,"summary":""}"#,
        ])
    func whatTheTenantMadeOfTheTicketIsStillTheTicket(body: String) async throws {
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body, status: 201)]).session()
        let ticket = try await session.createTicket(TicketDraft(summary: "Disk & RAM full", externalReference: "r-1"))
        #expect(ticket.id == Ticket.ID(12))
    }

    @Test(arguments: [#"{"id":1,"ticket_id":6}"#, #"{"id":1,"ticket_id":0}"#, #"{"id":1,"ticket_id":"x"}"#, #"{"id":1,"ticket_id":-5}"#])
    func aNoteOfAnotherTicketIsNotTakenForTheNewOne(body: String) async throws {
        let session = try AnsweringTransport(["GET /api/Outcome": Self.outcomes, "POST /api/Actions": .json(body)]).session()
        #expect(await code { _ = try await session.addPrivateNote("x", to: Ticket.ID(5)) } == .writeOutcomeUnknown)
    }

    /// Sentences with which HaloPSA refuses, by operation, and what they come to.
    static let refusals: [(write: String, body: String, code: ErrorCode, cause: CauseID, field: String?)] = [
        ("note", #""You cannot add an action to a closed ticket""#, .ticketNotWritable, "closed", nil),
        ("note", #""You cannot add an action to a merged ticket""#, .ticketNotWritable, "merged", nil),
        ("note", #""This action is not available at the current workflow step""#, .permissionActionDenied, "workflow", nil),
        ("note", #""Invalid Ticket""#, .requestNotFound, "gone", nil),
        ("note", #""An Outcome must be entered for this Action""#, .configInvalidField, "no_such_outcome", "Outcome of private notes"),
        ("note", #""Time Taken must be entered""#, .ticketActionIncomplete, "action_demands", "“Time Taken”"),
        (
            "create", #""A database error occurred (1205) - Transaction (Process ID 57) was deadlocked. Rerun the transaction.""#,
            .vendorUnavailable, "fault", nil
        ),
        ("create", #"{"Message":"Timeout expired. The timeout period elapsed."}"#, .vendorUnavailable, "fault", nil),
        (
            "create", #""A database error occurred (515) - Cannot insert the value NULL into column 'x'.""#, .requestRejected,
            "vendor_fault", nil
        ),
        ("create", #"{"[0].client_id":["The value 'abc' is not valid."]}"#, .requestCompanyUnusable, "wrong_id", nil),
        ("create", #"{"[0].priority_id":["The value 'abc' is not valid."]}"#, .ticketDefaultInvalid, "no_such_id", "Priority"),
        (
            "create", #"{"[0].site_id":["The value 'abc' is not valid."],"[0].team":["The value '7' is not valid."]}"#, .ticketFieldInvalid,
            "wrong_form", "“site_id”, “team”"
        ),
        ("create", #"{"[0].details":["Details must be entered"]}"#, .ticketFieldRequired, "mandatory", "“Details”"),
        ("upload", #""File type .txt is not allowed""#, .requestRejected, "file_type", nil),
        ("upload", #""File size exceeds the maximum of 10 MB""#, .requestRejected, "file_size", nil),
    ]

    @Test(arguments: refusals)
    func aRefusalIsReadForWhatItSaysOfThatWrite(write: String, body: String, code: ErrorCode, cause: CauseID, field: String?) async throws {
        let answer = TransportResponse.json(body, status: 400)
        let session = try AnsweringTransport([
            "GET /api/Outcome": Self.outcomes, "POST /api/Actions": answer, "POST /api/Tickets": answer, "POST /api/Attachment": answer,
            "GET /api/Outcome/{id}": .json("{}"),
        ]).session()
        let error = await #expect(throws: PSAError.self) {
            switch write {
            case "note": _ = try await session.addPrivateNote("x", to: Ticket.ID(5))
            case "upload": _ = try await session.upload(try AttachmentFile(name: "log.txt", bytes: [1]))
            default: _ = try await session.createTicket(TicketDraft(summary: "x"))
            }
        }
        #expect(error?.code == code && error?.execution == .notExecuted)
        #expect(error?.guidance.causes.first?.id == cause, "\(String(describing: error?.guidance.causes))")
        #expect(error?.values[.field].map { TextRenderer().text($0) }?.contains(field ?? "") ?? (field == nil))
    }

    @Test(
        arguments: [
            ("Ticket Type", TicketDefault.type, "ticketTypeID"), ("Status", .status, "ticketStatusID"),
            ("Priority", .priority, "ticketPriorityID"),
        ] as [(String, TicketDefault, SettingKey)])
    func aRefusedChoiceIsBlamedOnWhateverNamedIt(word: String, choice: TicketDefault, setting: SettingKey) async throws {
        let transport = AnsweringTransport(["POST /api/Tickets": .json("\"Invalid \(word)\"", status: 400)])
        let settings: [SettingKey: String] = ["ticketTypeID": "1", "ticketStatusID": "2", "ticketPriorityID": "3"]
        let session = try transport.session(settings)
        let given = TicketDraft(
            summary: "x", type: TicketType.ID(1), status: choice == .status ? TicketStatus.ID(71) : nil,
            priority: choice == .priority ? TicketPriority.ID(71) : nil)
        let named = try await #require(throws: PSAError.self) { try await session.createTicket(given) }
        #expect(named.code == .ticketDefaultInvalid && named.fields.isEmpty && named.guidance.fields.isEmpty)
        #expect(named.ticketFieldIssues.map(\.field.rawValue) == [choice.rawValue])
        let detail = named.guidance(in: TextRenderer().on(.terminal)).detail
        #expect(detail.contains("(--\(choice.rawValue))") && !detail.contains("HALOPSA_"), "\(detail)")
        let defaulted = try await #require(throws: PSAError.self) { try await session.createTicket(TicketDraft(summary: "x")) }
        #expect(defaulted.fields == [setting] && defaulted.ticketFieldIssues.isEmpty)
        // Stored and read again, an error still concerns no setting that the ticket replaced.
        let stored = try JSONDecoder().decode(PSAError.self, from: JSONEncoder().encode(named))
        #expect(stored.fields.isEmpty)
    }

    @Test func aFieldThatTheTypeDoesNotHaveIsNamedAsOneBeforeAnythingIsSent() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let bogus = try #require(TicketField.ID("bogus"))
            let before = await fixture.simulator.ticketCount()
            let error = try await #require(throws: PSAError.self) {
                try await session.createTicket(TicketDraft(summary: "x", fields: [bogus: .text("1")]))
            }
            let cause = try #require(error.guidance.causes.first)
            #expect(error.code == .ticketFieldInvalid && cause.id == "no_such_field" && cause.confidence == .certain)
            #expect(cause.evidence?.contains("before anything was sent") == true)
            #expect(await fixture.simulator.ticketCount() == before)
        }
    }

    @Test func aTestTicketWithoutATypeSaysThatNoneIsSet() async throws {
        try await HaloFixture.run { fixture in
            let check = try await fixture.session(["ticketTypeID": ""]).testTicketCreation()
            #expect(check.outcome == .failed && TextRenderer().text(check.evidence).contains("No ticket type is set"))
        }
    }

    @Test func aFailedUploadIsReportedAsTheFailureOfTheServer() async throws {
        let session = try AnsweringTransport(["POST /api/Attachment": .json(#""The file store is full.""#, status: 500)]).session()
        let error = await #expect(throws: PSAError.self) { try await session.upload(try AttachmentFile(name: "log.txt", bytes: [1])) }
        #expect(error?.code == .vendorUnavailable && error?.mayHaveBeenExecuted == true)
        #expect(error?.guidance.causes.first?.text.contains("The file store is full.") == true)
    }

    @Test func anOutcomeThatWasMadeAgainIsFoundAfterARefusal() async throws {
        let transport = AnsweringTransport([
            "GET /api/Outcome": Self.outcomes, "POST /api/Actions": .json(#""An Outcome must be entered for this Action""#, status: 400),
        ])
        let session = try transport.session()
        for _ in 0..<2 {
            #expect(await code { _ = try await session.addPrivateNote("x", to: Ticket.ID(5)) } == .configInvalidField)
        }
        #expect(transport.requests.count { $0.route == "/api/Outcome" } == 2)
    }

    @Test func anOutcomeThatMayBeASecretIsNotRepeated() async throws {
        let session = try AnsweringTransport(["GET /api/Outcome": Self.outcomes]).session(["privateNoteOutcome": "a1b2c3d4e5f6a7b8"])
        let error = await #expect(throws: PSAError.self) { try await session.addPrivateNote("x", to: Ticket.ID(5)) }
        #expect(error?.code == .configInvalidField && error?.guidance.detail.contains("a1b2c3d4") == false)
    }

    @Test func aWriteThatIsRefusedWith401IsNotDeniedBeforeANewTokenWasRefusedToo() async throws {
        let time = SkippingClock()
        let transport = AnsweringTransport([
            "GET /api/Outcome": Self.outcomes, "POST /api/Tickets": TransportResponse(status: 401),
            "POST /api/Actions": .json(#"{"id":1,"ticket_id":5,"hiddenfromuser":true}"#),
        ])
        let input: SettingsInput = [
            "tenantURL": "acme.halopsa.com", "clientID": "id", "clientSecret": "a-secret-of-some-length", "ticketTypeID": "1",
        ]
        let session = try ConnectorRegistry([HaloConnector.self]).connect(
            "halopsa", settings: input,
            context: ConnectorContext(transport: transport, time: time.source, tenants: TenantRateLimits(pace: nil)))
        _ = try await session.addPrivateNote("x", to: Ticket.ID(5))
        time.advance(by: .seconds(600))
        let old = await #expect(throws: PSAError.self) { try await session.createTicket(TicketDraft(summary: "x")) }
        #expect(old?.code == .authTokenRejected && old?.mayHaveBeenExecuted == true)
        #expect(old?.guidance.causes.first?.id == "token_ended")
        let new = await #expect(throws: PSAError.self) { try await session.createTicket(TicketDraft(summary: "x")) }
        #expect(new?.code == .permissionRoleDenied && new?.mayHaveBeenExecuted == true)
    }

    @Test func aChangeThatCanNotBeReadBackIsUnknown() async throws {
        let transport = AnsweringTransport([
            "POST /api/Tickets": .json(#"{"id":5}"#), "GET /api/Tickets/{id}": .json("\"no\"", status: 403),
        ])
        let session = try transport.session()
        #expect(await code { _ = try await session.changeStatus(of: Ticket.ID(5), to: TicketStatus.ID(2)) } == .writeOutcomeUnknown)
    }

    @Test func whatHaloPSAStoredOtherwiseIsTold() async throws {
        let body = #"{"id":12,"tickettype_id":4,"tickettype_name":"Problem","status_id":1,"priority_id":0,"client_id":9,"user_id":3}"#
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body, status: 201)])
            .session(["ticketStatusID": "2", "ticketPriorityID": "3"])
        let ticket = try await session.createTicket(TicketDraft(summary: "x", company: Company.ID(8)))
        #expect(
            ticket.differences == [
                TicketDifference(.type, requested: "1", stored: "4", storedLabel: "Problem"),
                TicketDifference(.status, requested: "2", stored: "1"),
                TicketDifference(.company, requested: "8", stored: "9"), TicketDifference(.priority, requested: "3", stored: nil),
            ])
        let english = ticket.differences.map { TextRenderer(.english).text($0.sentence) }
        #expect(english.first == "The PSA stored the ticket type 4 (Problem) instead of 1.")
        #expect(english.last == "The PSA did not keep the priority 3.")
        let german = ticket.differences.map { TextRenderer(.german).text($0.sentence) }
        #expect(german.first == "Das PSA-System hat den Tickettyp 4 (Problem) statt 1 gespeichert.")
        #expect(
            JSONValue.array(ticket.json["differences"].map { [$0] } ?? []).encodedText.contains(
                #"{"field":"type","requested":"1","stored":"4","storedLabel":"Problem"}"#))
    }

    @Test(arguments: [
        #"{"id":12}"#, #"{"id":12,"status_id":2,"tickettype_id":1}"#, #"{"id":12,"status_id":null}"#, #"{"id":12,"status_id":""}"#,
    ])
    func whatTheAnswerLeavesOutIsNoDifference(body: String) async throws {
        let session = try AnsweringTransport(["POST /api/Tickets": .json(body, status: 201)]).session(["ticketStatusID": "2"])
        let ticket = try await session.createTicket(TicketDraft(summary: "x"))
        #expect(ticket.differences.isEmpty)
        #expect(!ticket.json.encodedText.contains("differences"))
    }

    @Test func aTestTicketWhoseDeletionIsAnsweredWith404IsLeftBehind() async throws {
        let transport = AnsweringTransport([
            "POST /api/Tickets": .json(#"{"id":12}"#, status: 201),
            "GET /api/Tickets/{id}": .json(#"{"id":12,"tickettype_id":1,"status_id":5,"deleted":false}"#),
            "DELETE /api/Tickets/{id}": .json("{}", status: 404),
        ])
        let check = try await transport.session().testTicketCreation()
        #expect(check.outcome == .warning)
        #expect(!TextRenderer(.english).text(check.evidence).contains("deleted again"))
    }

    @Test func theTestTicketTellsWhatWasStoredOtherwise() async throws {
        let stored = TransportResponse.json(#"{"id":12,"tickettype_id":1,"status_id":5,"deleted":true}"#)
        let transport = AnsweringTransport([
            "POST /api/Tickets": .json(#"{"id":12}"#, status: 201), "GET /api/Tickets/{id}": stored,
            "DELETE /api/Tickets/{id}": .json("{}"),
        ])
        let check = try await transport.session(["ticketStatusID": "2"]).testTicketCreation()
        #expect(check.outcome == .warning)
        #expect(
            TextRenderer(.english).text(check.evidence)
                == "Ticket 12 was created, read back and deleted again. The PSA stored the status 5 instead of 2.")
    }
}
