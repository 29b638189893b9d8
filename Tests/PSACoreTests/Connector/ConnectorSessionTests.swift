import FoundationEssentials
import PSATesting
import Testing

@testable import PSACore

@Suite struct ConnectorSessionTests {
    private func session(
        _ descriptor: ConnectorDescriptor = SampleConnector.descriptor, _ change: (inout SampleConnector) -> Void = { _ in }
    ) -> ConnectorSession {
        var connector = SampleConnector()
        change(&connector)
        return ConnectorSession(connector, descriptor: descriptor)
    }

    private func companies(_ session: ConnectorSession) async throws -> [Company] {
        try await session.companies().reduce(into: []) { $0.append($1) }
    }

    @Test func aDeclaredAbilityIsCarriedOut() async throws {
        let session = session()
        #expect(session.can(.readCompanies) && !session.can(.readTickets))
        #expect(try await companies(session).isEmpty)
        #expect(try await session.createTicket(TicketDraft(summary: "s")).summary == "s")
        #expect(try await session.ticketFields().fields.map(\.id) == [.summary])
        #expect(try await session.tickets(externalReference: "x").isEmpty)
    }

    @Test func anUndeclaredAbilityIsRefusedAndNeverAskedFor() async throws {
        let session = session(SampleConnector.describing(capabilities: [])) {
            $0.companyPage = { _ in
                Issue.record("The connector was asked.")
                return Page(items: [])
            }
        }
        let error = try await #require(throws: PSAError.self) { try await companies(session) }
        #expect(error.code == .connectorUnsupported && error.connector?.rawValue == "sample")
        #expect(error.guidance.detail == "The connector for Sample PSA does not offer companies.")
    }

    @Test func anErrorNamesWhatWasAskedForUnlessTheConnectorHasNamedIt() async throws {
        func detail(_ values: [GuidanceTemplate.Slot: MessageValue]) async throws -> MessageValue? {
            let session = session {
                $0.companyPage = { _ in throw PSAError(.permissionScopeMissing, values: values) }
            }
            let error = try await #require(throws: PSAError.self) { try await companies(session) }
            return error.values[.object]
        }
        #expect(try await detail([:]).map { TextRenderer().text($0) } == "companies")
        #expect(try await detail([.object: .verbatim("the customers")]).map { TextRenderer().text($0) } == "the customers")
    }

    @Test func aCheckOfAConnectionTestNamesTheListThatItRead() {
        let error = PSAError(.permissionScopeMissing)
        let check = ConnectionCheck(.read(.readTickets), .failed, evidence: CoreMessage.notBuilt, error: error)
            .attributed(to: ConnectorID("sample"))
        #expect(check.error?.values[.object].map { TextRenderer().text($0) } == "tickets")
    }

    @Test func withoutAFilterForChangesTheWholeListIsRead() async throws {
        let session = session {
            $0.companyPage = { _ in Page(items: [Company(id: Company.ID(1), name: "Acme", native: .init(bytes: [], fetchedAt: .now))]) }
        }
        #expect(!session.filtersCompanyChanges && !session.filtersContactChanges)
        #expect(!session.listsDeletedTickets && !session.readsChangeHints)
        let changed = try await session.companies(changedSince: .now).reduce(into: []) { $0.append($1) }
        #expect(changed.map(\.name) == ["Acme"])
        #expect(session.hintedTickets(in: try JSONDocument(Array("{\"id\":1}".utf8)).root).isEmpty)
    }

    @Test func everyOperationChecksItsOwnCapability() async throws {
        let session = session(SampleConnector.describing(capabilities: []))
        let id = Ticket.ID(1)
        let operations: [@Sendable () async throws -> Void] = [
            { for try await _ in session.companies() {} }, { for try await _ in session.contacts() {} },
            { for try await _ in session.companies(changedSince: .now) {} }, { for try await _ in session.contacts(changedSince: .now) {} },
            { for try await _ in session.deletedTickets() {} },
            { for try await _ in session.agents() {} },
            { for try await _ in session.tickets() {} }, { _ = try await session.ticket(id) },
            { _ = try await session.company(Company.ID(1)) },
            { for try await _ in session.tickets(matching: TicketQuery(company: Company.ID(1))) {} },
            { for try await _ in session.notes(of: id) {} },
            { for try await _ in session.agreements() {} }, { for try await _ in session.recurringInvoices() {} },
            { _ = try await session.recurringInvoice(RecurringInvoice.ID(1)) }, { _ = try await session.ticketTypes() },
            { _ = try await session.ticketStatuses() }, { _ = try await session.ticketPriorities() },
            { _ = try await session.ticketFields() },
            { _ = try await session.createTicket(TicketDraft(summary: "s")) }, { _ = try await session.tickets(externalReference: "x") },
            { _ = try await session.addPrivateNote("n", to: id) }, { _ = try await session.reply("r", to: id) },
            { _ = try await session.changeStatus(of: id, to: TicketStatus.ID(1)) },
            { _ = try await session.choices(of: .priority) }, { _ = try await session.contacts(withEmail: "a@acme.example.com") },
            { _ = try await session.attachments(of: id) }, { _ = try await session.content(of: Attachment.ID(1), of: id) },
            { _ = try await session.upload(AttachmentFile(name: "a.txt", bytes: [65])) },
            { try await session.discard(UploadedAttachment(id: RecordID(1), name: "a.txt", mediaType: "text/plain", byteCount: 1)) },
        ]
        for operation in operations {
            let error = try await #require(throws: PSAError.self) { try await operation() }
            #expect(error.code == .connectorUnsupported)
        }
    }

    @Test func anAbilityDeclaredButNotBuiltIsADefect() async throws {
        let error = try await #require(throws: PSAError.self) { try await session().addPrivateNote("n", to: Ticket.ID(1)) }
        #expect(error.code == .connectorDefect && error.connector?.rawValue == "sample")
        #expect(error.guidance.causes.first?.evidence == "The capability is declared, but not built.")
    }

    @Test func aPlaceholderAnswersThatItIsOneToEverything() async throws {
        struct Placeholder: PlaceholderConnector {
            static let descriptor = SampleConnector.describing(tier: .placeholder, capabilities: [])
        }
        let session = ConnectorSession(Placeholder(), descriptor: Placeholder.descriptor)
        let error = try await #require(throws: PSAError.self) { try await companies(session) }
        #expect(error.code == .connectorPlaceholder && error.connector?.rawValue == "sample")
        let progress = Shared<[String?]>([])
        let report = try await session.testConnection { check in progress.update { $0.append(check.error?.code.rawValue) } }
        #expect(!report.isConnected && report.failure?.code == .connectorPlaceholder)
        #expect(progress.value == ["connector.placeholder"])
    }

    @Test func aForeignErrorBecomesADefectWithoutItsText() async throws {
        let session = session {
            $0.companyPage = { _ in throw ForeignError(text: "hunter2") }
            $0.check = { throw ForeignError(text: "hunter2") }
        }
        for operation in [{ _ = try await companies(session) }, { _ = try await session.testConnection() }] as [() async throws -> Void] {
            let error = try await #require(throws: PSAError.self) { try await operation() }
            #expect(error.code == .connectorDefect && error.connector?.rawValue == "sample")
            #expect(!error.problem.encodedText.contains("hunter2") && !String(reflecting: error).contains("hunter2"))
            #expect(error.guidance.causes.first?.evidence == "An error of type ForeignError escaped.")
        }
    }

    @Test func cancellationPassesUntouched() async throws {
        let session = session {
            $0.companyPage = { _ in throw CancellationError() }
            $0.check = { throw CancellationError() }
        }
        await #expect(throws: CancellationError.self) { try await companies(session) }
        await #expect(throws: CancellationError.self) { try await session.testConnection() }
    }

    @Test func anErrorOfTheConnectorKeepsEverythingAndGetsItsConnector() async throws {
        let original = PSAError(.rateLimited, request: "GET acme.example.com/api/x", vendor: VendorReply(status: 429))
        let error = try await #require(throws: PSAError.self) { try await companies(session { $0.companyPage = { _ in throw original } }) }
        #expect(error.connector?.rawValue == "sample")
        #expect(
            error.code == .rateLimited && error.correlationID == original.correlationID && error.vendor == original.vendor
                && error.request == original.request)
    }

    @Test func everyCheckOfATestNamesItsConnectorInTheReportAndOnTheWay() async throws {
        let session = session {
            $0.check = { ConnectionCheck(.credentials, .failed, evidence: Plain("no"), error: PSAError(.authInvalidClient)) }
        }
        let progress = Shared<[String?]>([])
        let report = try await session.testConnection { check in progress.update { $0.append(check.error?.connector?.rawValue) } }
        #expect(report.failure?.connector?.rawValue == "sample")
        #expect(progress.value == ["sample"])
    }
}

/// The decision “may this write be sent again?”, over every answer and proof.
@Suite(.timeLimit(.minutes(1))) struct WriteExecutionTests {
    /// Sends one request for each call, and makes the errors of the shared table out of what comes back.
    private struct OneRequestConnection: TicketCreating, TicketNoteAdding, PSAConnection {
        let transport: any HTTPTransport
        var method = TransportMethod.post
        /// The error the connector makes of an answer, whatever the answer is; nil for the shared table's.
        var mapped: ErrorCode?

        func testConnection(progress: (ConnectionCheck) -> Void) async throws -> ConnectionReport {
            ConnectionReport(connector: ConnectorID("one"), host: "acme.example.com", checks: [])
        }
        func ticketFields(for type: TicketType.ID?) async throws -> TicketForm { TicketForm(type: type, fields: []) }
        func tickets(externalReference: String) async throws -> [Ticket] { [] }
        func createTicket(_ draft: TicketDraft) async throws -> Ticket {
            try await exchange()
            throw PSAError(.vendorUnexpectedResponse)
        }
        func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
            try await exchange()
            throw PSAError(.permissionActionDenied)
        }

        private func exchange() async throws {
            do {
                let response = try await transport.send(try TransportRequest.sample(method))
                if let mapped { throw PSAError(mapped) }
                if (200...299).contains(response.status) { return }
                let signal = FailureEvidence(stage: .write, status: response.status, shape: BodyShape(of: response.body))
                throw PSAError(FailureClassifier().code(for: signal), vendor: VendorReply(status: response.status))
            } catch let failure as TransportError {
                throw PSAError(FailureClassifier.code(for: failure, stage: .write))
            }
        }
    }

    private static func session(
        _ transport: any HTTPTransport, method: TransportMethod = .post, mapped: ErrorCode? = nil,
        rules: [NonExecutionRule] = NonExecutionRule.standard
    ) throws -> ConnectorSession {
        let descriptor = ConnectorDescriptor(
            id: ConnectorID("one"), displayName: "One", tier: .complete, settings: SettingsSchema([]),
            capabilities: [.createTickets, .addNotes],
            nonExecutionRules: rules, guidance: .shared, guide: "Docs/One.md")
        let entry = ConnectorRegistration(descriptor: descriptor) {
            OneRequestConnection(transport: $1.transport, method: method, mapped: mapped)
        }
        return try entry.connect(settings: SettingsInput(), context: ConnectorContext(transport: transport))
    }

    private static func failure(
        _ reply: ScriptedTransport.Reply, method: TransportMethod = .post, mapped: ErrorCode? = nil
    ) async throws -> PSAError {
        let session = try session(ScriptedTransport([reply]), method: method, mapped: mapped)
        do {
            _ = try await session.createTicket(TicketDraft(summary: "s"))
            throw PSAError(.usageInvalid)
        } catch let error as PSAError {
            return error
        }
    }

    private static let bodies: [(shape: BodyShape, text: String)] = [
        (.empty, ""), (.html, "<html>"), (.jsonObject, "{\"Message\":\"no\"}"), (.jsonArray, "[]"), (.jsonScalar, "\"no\""), (.other, "no"),
    ]

    @Test func onlyAListedRefusalInTheVendorsFormProvesThatAWriteWasNotExecuted() async throws {
        for status in 100...999 {
            for (shape, text) in Self.bodies {
                let error = try await Self.failure(.status(status, text))
                let isProof =
                    status == 429 || [400, 403, 404, 413, 422].contains(status) && [.jsonObject, .jsonArray, .jsonScalar].contains(shape)
                #expect(error.execution == (isProof ? .notExecuted : .unknown), "\(status) \(shape)")
                #expect(error.mayHaveBeenExecuted != isProof, "\(status) \(shape)")
                // Nothing that may have happened invites a repeat.
                if !isProof { #expect(error.retry == .unknownOutcome, "\(status) \(shape)") }
                if !isProof, !(400...499).contains(status) { #expect(error.code == .writeOutcomeUnknown, "\(status) \(shape)") }
            }
        }
    }

    @Test(arguments: TransportError.Kind.allCases) func aRequestWithoutAnAnswerIsJudgedByWhetherItLeft(kind: TransportError.Kind)
        async throws
    {
        #expect(try await Self.failure(.fault(kind, .notSent)).execution == .notExecuted)
        let left = try await Self.failure(.fault(kind, .maybeSent))
        #expect(left.execution == .unknown && left.code == .writeOutcomeUnknown)
    }

    @Test(arguments: [TransportMethod.post, .put, .patch, .delete]) func everyMethodThatChangesDataIsJudged(method: TransportMethod)
        async throws
    {
        #expect(try await Self.failure(.status(302), method: method).mayHaveBeenExecuted)
        #expect(try await !Self.failure(.status(404, "{}"), method: method).mayHaveBeenExecuted)
    }

    @Test(arguments: ErrorCode.allCases) func aConnectorCannotCallAnUnprovenWriteNotExecuted(code: ErrorCode) async throws {
        for status in [102, 200, 302, 401, 403, 500, 504, 600, 999] {
            #expect(try await Self.failure(.status(status), mapped: code).mayHaveBeenExecuted, "\(status)")
        }
        let refused = try await Self.failure(.status(422, "{}"), mapped: code)
        // What the connector itself calls unknown stays so.
        #expect(refused.mayHaveBeenExecuted == (code == .writeOutcomeUnknown))
    }

    @Test func aDiagnosisOfWhatTheVendorStoredKeepsItsCode() async throws {
        let session = try Self.session(ScriptedTransport([.status(201, "{}")]))
        let error = await #expect(throws: PSAError.self) { try await session.addPrivateNote("n", to: Ticket.ID(1)) }
        #expect(error?.code == .permissionActionDenied && error?.execution == .unknown)
    }

    @Test func aReadHasNothingToBeExecuted() async throws {
        let error = try await Self.failure(.status(200, "{}"), method: .get)
        #expect(error.execution == .notExecuted)
        #expect(PSAError(.networkTimeout).execution == nil && !PSAError(.networkTimeout).mayHaveBeenExecuted)
    }

    private struct Hanging: HTTPTransport {
        let arrived: Signal
        var thrown: any Error = CancellationError()

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            arrived.fire()
            do {
                try await Task.sleep(for: .seconds(3_600))
            } catch { throw thrown }
            return TransportResponse(status: 200)
        }
    }

    private func givenUp(_ transport: Hanging) async throws -> Result<Ticket, any Error> {
        let session = try Self.session(transport)
        let task = Task { try await session.createTicket(TicketDraft(summary: "s")) }
        await transport.arrived.wait(for: 1)
        task.cancel()
        return await task.result
    }

    @Test func aWriteGivenUpAfterItWasSentHasAnUnknownOutcome() async throws {
        for thrown in [CancellationError(), TransportError(.interrupted, delivery: .maybeSent)] as [any Error] {
            let result = try await givenUp(Hanging(arrived: Signal(), thrown: thrown))
            guard case .failure(let error as PSAError) = result else {
                Issue.record("\(result)")
                continue
            }
            #expect(error.code == .writeOutcomeUnknown && error.execution == .unknown)
            let cause = try #require(error.guidance.causes.first)
            #expect(cause.id == "cancelled" && cause.confidence == .likely)
            #expect(cause.evidence == "The request had been sent when the caller gave up, and its answer did not arrive.")
            #expect(error.guidance.causes.first { $0.id == "lost_answer" }?.confidence == .possible)
        }
    }

    @Test func aWriteGivenUpBeforeItWasSentIsCancelled() async throws {
        let result = try await givenUp(Hanging(arrived: Signal(), thrown: TransportError(.interrupted, delivery: .notSent)))
        #expect(throws: CancellationError.self) { _ = try result.get() }
        let arrived = Signal()
        let session = try Self.session(Hanging(arrived: arrived))
        let early = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await session.createTicket(TicketDraft(summary: "s"))
        }
        await #expect(throws: CancellationError.self) { try await early.value }
        #expect(arrived.count == 0)
    }

    @Test func theProblemDocumentSaysWhetherTheWriteMayHaveBeenExecuted() async throws {
        #expect(try await Self.failure(.status(302)).problem.encodedText.contains("\"execution\":\"unknown\""))
        #expect(try await Self.failure(.status(400, "{}")).problem.encodedText.contains("\"execution\":\"not_executed\""))
        #expect(!PSAError(.networkTimeout).problem.encodedText.contains("execution"))
    }
}
