import FoundationEssentials
import HaloSimulator
import PSACore
import PSATesting
import Synchronization
import Testing

@testable import HaloPSA

/// Ticket type 40 of the simulator demands a choice, a text, a category and a file; type 41 the vendor's own fields; type 43 a table.
@Suite("Fields of HaloPSA's tickets")
struct HaloTicketFieldTests {
    private static let hardware = TicketType.ID(40)

    private static func id(_ text: String) throws -> TicketField.ID { try #require(TicketField.ID(text)) }

    private static func choice(_ text: String) throws -> TicketFieldValue { .choice(try #require(TicketField.Choice.ID(text))) }

    private static func complete(_ changes: [String: TicketFieldValue?] = [:]) throws -> TicketDraft {
        var fields: [TicketField.ID: TicketFieldValue] = [
            try id("cf:105"): try choice("38"), try id("cf:106"): .text("CC-7"), try id("category_1"): try choice("Hardware>Laptop"),
        ]
        for (name, value) in changes { fields[try id(name)] = value }
        let file = try AttachmentFile(name: "report.pdf", bytes: Array("%PDF-1.7 content".utf8))
        return TicketDraft(summary: "New laptop", type: hardware, fields: fields, attachments: [.file(file)])
    }

    @Test func everyFieldOfATypeIsListedWithItsKindItsChoicesAndWhetherItIsDemanded() async throws {
        try await HaloFixture.run { fixture in
            let form = try await fixture.session().ticketFields(for: Self.hardware)
            let kinds: [String: TicketField.Kind] = [
                "cf:105": .choice, "cf:106": .text, "cf:107": .longText, "cf:108": .integer, "cf:109": .money, "cf:110": .number,
                "cf:111": .date, "cf:112": .dateTime, "cf:113": .time, "cf:114": .checkbox, "cf:115": .choices, "cf:116": .richText,
                "cf:117": .url, "cf:118": .choice, "cf:119": .unsupported, "cf:120": .text, "cf:121": .text, "cf:123": .unsupported,
                "cf:124": .text, "category_1": .categoryPath, "category_2": .categoryPath, "team": .reference, "agent": .reference,
                "estimate": .number, "impact": .choice, "urgency": .choice, "assets": .references, "summary": .text,
                "attachments": .attachment,
            ]
            for (name, kind) in kinds { #expect(form[try Self.id(name)]?.kind == kind, "\(name)") }
            let required = Set(form.fields.filter(\.isRequired).map(\.id.rawValue))
            #expect(required == ["summary", "attachments", "category_1", "cf:105", "cf:106", "cf:120"])
            #expect(form[try Self.id("cf:121")]?.requirement == .recommended)
            #expect(form[try Self.id("cf:124")]?.requirement == .readOnly)
            #expect(form[try Self.id("cf:122")] == nil)
            #expect(form[try Self.id("cf:106")]?.maxLength == 10)
            #expect(form[try Self.id("cf:115")]?.maxSelections == 2)
            #expect(form[try Self.id("cf:120")]?.conditions == [TicketField.Condition(try Self.id("cf:105"), isOneOf: ["37"])])
            // Those of fieldinfo, of /FieldInfo/{id}, of /Lookup, of /Category and of /Team.
            for (name, known) in [
                ("cf:105", "38"), ("cf:115", "51"), ("impact", "3"), ("urgency", "1"), ("category_1", "Hardware>Laptop"),
                ("team", "1st Line"), ("agent", "1"),
            ] {
                guard case .listed(let choices)? = form[try Self.id(name)]?.choices else {
                    Issue.record("\(name) lists no choices.")
                    continue
                }
                #expect(choices.contains { $0.id.rawValue == known }, "\(name)")
            }
        }
    }

    @Test func aFormThatIsForgottenWhileItsChoicesAreReadIsNotKept() async throws {
        try await HaloFixture.run { fixture in
            let forms = Mutex<HaloTicketForms?>(nil)
            let connector = try fixture.connector { request in
                guard request.path.hasSuffix("/Lookup"), let forms = forms.withLock({ $0 }) else { return }
                await forms.forget(Self.hardware)
            }
            forms.withLock { $0 = connector.forms }
            for reading in 1...3 {
                // From the second reading on, nothing is forgotten.
                if reading == 2 { forms.withLock { $0 = nil } }
                #expect(try await !connector.forms.form(of: Self.hardware, .all, number: "40").choices.isEmpty)
                #expect(fixture.transport.count(.get, "/api/TicketType/{id}") == min(reading, 2))
            }
        }
    }

    @Test func whatIsMissingIsNamedAtOnceAndNothingIsSent() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let error = await #expect(throws: PSAError.self) {
                _ = try await session.createTicket(TicketDraft(summary: "New laptop", type: Self.hardware))
            }
            #expect(error?.code == .ticketFieldRequired)
            #expect(error?.ticketFieldIssues.map(\.field.rawValue) == ["attachments", "category_1", "cf:105", "cf:106"])
            #expect(error?.guidance.detail.contains("“Request reason”, “Cost centre”") ?? false)
            #expect(error?.execution == .notExecuted && fixture.transport.count(.post, "/api/Tickets") == 0)
        }
    }

    @Test func aCompleteTicketIsCreatedAndReadBackEqual() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let created = try await session.createTicket(try Self.complete())
            #expect(created.differences == [])
            let stored = try await fixture.stored(created.id)
            #expect(
                stored.customFields[105] == #""38""# && stored.customFields[106] == #""CC-7""# && stored.categories[1] == "Hardware>Laptop")
            #expect(stored.skipsRules == false && !stored.skipsValidation)
            // The type's defaults were sent: the simulator applies none.
            #expect(stored.teamID == 1 && stored.impact == 3)
            let read = try await session.ticket(created.id)
            #expect(read.customFields?.first { $0.id == "105" }?.display == "New starter")
            let attachments = try await session.attachments(of: created.id)
            #expect(attachments.map(\.name) == ["report.pdf"] && attachments.map(\.mediaType) == ["application/pdf"])
            let content = try await session.content(of: try #require(attachments.first).id, of: created.id)
            #expect(content == Array("%PDF-1.7 content".utf8))
            #expect(await fixture.simulator.orphanedAttachments().isEmpty)
        }
    }

    @Test func everyKindOfFieldMakesTheRoundTrip() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let values: [String: TicketFieldValue] = [
                "cf:107": .text("By lift\nonly"), "cf:108": .number(3), "cf:109": .number(20_000.5), "cf:110": .number(1.25),
                "cf:111": .date(try #require(CalendarDate("2026-12-24"))), "cf:112": .dateTime(Date(timeIntervalSince1970: 1_800_000_000)),
                "cf:113": .time(try #require(TimeOfDay("14:30"))), "cf:114": .checkbox(true),
                "cf:115": .choices(try ["50", "52"].map { try #require(TicketField.Choice.ID($0)) }), "cf:116": .text("<p>Because</p>"),
                "cf:117": .text("https://example.com/x"), "cf:118": try Self.choice("71"), "team": try Self.choice("2nd Line"),
                "agent": try Self.choice("3"), "impact": try Self.choice("2"), "urgency": try Self.choice("1"), "estimate": .number(1.5),
                "category_2": try Self.choice("Faulty part"),
            ]
            let created = try await session.createTicket(try Self.complete(values.mapValues(Optional.init)))
            #expect(created.differences == [])
            let stored = try await fixture.stored(created.id)
            #expect(stored.teamID == 2 && stored.agentID == 3 && stored.impact == 2 && stored.urgency == 1)
            #expect(stored.categories[2] == "Faulty part")
            let custom = try #require(try await session.ticket(created.id).customFields)
            #expect(Set(custom.map(\.id)).isSuperset(of: (107...118).map(String.init)))
        }
    }

    @Test func aTypeThatIsKnownCostsOneRequestBesidesTheUploads() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            _ = try await session.createTicket(try Self.complete())
            let before = fixture.transport.requests.count
            _ = try await session.createTicket(try Self.complete())
            #expect(fixture.transport.requests.count - before == 2)
        }
    }

    @Test func whatIsNoValueOfAFieldIsRefusedBeforeSendingWithAllOthers() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let draft = try Self.complete([
                "cf:105": try Self.choice("99"), "cf:106": .text("Longer than ten"), "cf:108": .text("three"),
                "cf:115": .choices(try ["50", "51", "52"].map { try #require(TicketField.Choice.ID($0)) }), "cf:123": .text("secret"),
                "cf:124": .text("x"),
                "cf:999": .text("x"), "category_1": try Self.choice("Hardware>Toaster"),
            ])
            let error = await #expect(throws: PSAError.self) { _ = try await session.createTicket(draft) }
            #expect(error?.code == .ticketFieldInvalid)
            #expect(
                Set(error?.ticketFieldIssues.map(\.field.rawValue) ?? [])
                    == ["cf:105", "cf:106", "cf:108", "cf:115", "cf:123", "cf:124", "cf:999", "category_1"])
            #expect(fixture.transport.count(.post, "/api/Tickets") == 0 && fixture.transport.count(.post, "/api/Attachment") == 0)
        }
    }

    @Test func aConditionalFieldIsDemandedOnlyWhereItsConditionHolds() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let error = await #expect(throws: PSAError.self) {
                _ = try await session.createTicket(try Self.complete(["cf:105": try Self.choice("37")]))
            }
            #expect(error?.ticketFieldIssues.map(\.field.rawValue) == ["cf:120"])
            let created = try await session.createTicket(try Self.complete(["cf:105": try Self.choice("37"), "cf:120": .text("P-1")]))
            #expect(try await fixture.stored(created.id).customFields[120] == #""P-1""#)
            // With another reason the value is not sent.
            let other = try await session.createTicket(try Self.complete(["cf:120": .text("P-2")]))
            #expect(try await fixture.stored(other.id).customFields[120] == nil)
        }
    }

    @Test func aDemandThatIsNewIsNamedAfterTheRefusalAndTheUploadIsDeleted() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            _ = try await session.createTicket(try Self.complete())
            await fixture.simulator.change(ticketType: 40, field: 121, .requirement(3))
            await fixture.simulator.change(ticketType: 40, field: 108, .requirement(3))
            let error = await #expect(throws: PSAError.self) { _ = try await session.createTicket(try Self.complete()) }
            #expect(error?.code == .ticketFieldRequired && error?.execution == .notExecuted)
            // HaloPSA named one; the type, read again, names both.
            #expect(Set(error?.ticketFieldIssues.map(\.field.rawValue) ?? []) == ["cf:108", "cf:121"])
            #expect(error?.vendor?.message != nil)
            #expect(await fixture.simulator.orphanedAttachments().isEmpty)
        }
    }

    @Test func aFieldThatHaloPSAMissesAlthoughAValueWasSentIsNotCalledEmpty() async throws {
        let row =
            #"{"fieldid":106,"technew":3,"seq":1,"fieldinfo":{"id":106,"name":"CFCostCentre","label":"Cost centre","custom":1,"type":0}}"#
        let transport = AnsweringTransport([
            "GET /api/TicketType/{id}": .json(#"{"id":1,"fields":[\#(row)]}"#),
            "POST /api/Tickets": .json(#""Cost centre is required""#, status: 400),
        ])
        let field = try Self.id("cf:106")
        let error = await #expect(throws: PSAError.self) {
            _ = try await transport.session().createTicket(TicketDraft(summary: "x", fields: [field: .text("CC-7")]))
        }
        #expect(error?.code == .ticketFieldInvalid && error?.guidance.causes.first?.id == "not_taken")
        #expect(error?.ticketFieldIssues.map(\.field) == [field])
        #expect(error?.ticketFieldIssues.map(\.problem) == [.refused("Cost centre is required")])
        #expect(error?.execution == .notExecuted && error?.guidance.detail.contains("Cost centre is required") == true)
    }

    @Test(
        "a refusal is understood in each wording and form", arguments: ["set", "entered", "mandatory"], ["string", "exception", "older"])
    func refusals(wording: String, shape: String) async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            _ = try await session.createTicket(try Self.complete())
            try await fixture.setFaults("requirement-wording:\(wording)", "requirement-shape:\(shape)")
            await fixture.simulator.change(ticketType: 40, field: 121, .requirement(3))
            let error = await #expect(throws: PSAError.self) { _ = try await session.createTicket(try Self.complete()) }
            #expect(error?.code == .ticketFieldRequired)
            #expect(error?.ticketFieldIssues.map(\.field.rawValue) == ["cf:121"])
        }
    }

    @Test func aTypeThatDemandsATableIsSaidToBeUnsupported() async throws {
        try await HaloFixture.run { fixture in
            let error = await #expect(throws: PSAError.self) {
                _ = try await fixture.session().createTicket(TicketDraft(summary: "x", type: TicketType.ID(43)))
            }
            #expect(error?.ticketFieldIssues.map(\.problem) == [.unsupported])
        }
    }

    @Test func mandatoryFieldsAreLeftToHaloPSAWhereTheConnectionSaysSo() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session(["createDespiteMissingFields": "yes", "runTicketRules": "no"])
            let created = try await session.createTicket(TicketDraft(summary: "x", type: Self.hardware))
            let stored = try await fixture.stored(created.id)
            #expect(stored.skipsValidation && stored.skipsRules == true)
        }
    }

    @Test("a ticket is sent without the detail of its type where that can't be read", arguments: [403, 404, 500])
    func unreadableType(status: Int) async throws {
        let transport = AnsweringTransport([
            "GET /api/TicketType/{id}": .json("{}", status: status), "POST /api/Tickets": .json(#"{"id":12}"#, status: 201),
        ])
        let session = try transport.session()
        _ = try await session.createTicket(TicketDraft(summary: "x"))
        let reads = transport.requests.count { $0.method == .get }
        // It is not asked for again with each ticket.
        _ = try await session.createTicket(TicketDraft(summary: "y"))
        #expect(transport.requests.count { $0.method == .get } == reads)
        // What kind the value of a further field has is not known then.
        let draft = TicketDraft(summary: "z", fields: [try Self.id("cf:105"): .text("x")])
        await #expect(throws: PSAError.self) { _ = try await session.createTicket(draft) }
        #expect(transport.requests.count { $0.method == .post } == 2)
    }

    @Test func conditionsOfAnUnknownKindAreLeftToHaloPSA() async throws {
        let conditions = [
            #""visibility_conditions":[{"lookup_field_id":10,"lookup_value_id":1,"conditiontype":2}]"#,
            #""visibility_conditions":[{"lookup_field_id":10,"dynamic_SQL_field":true}]"#,
            #""visibility_conditions":[{"lookup_field_id":99,"lookup_value_id":1}]"#,
            #""group_visibility_conditions":[{"id":1}]"#,
            #""visibility_conditions":[{"lookup_field_id":10,"lookup_value_id":1},{"lookup_field_id":10,"lookup_value_id":2}]"#,
        ]
        func row(_ id: Int, _ requirement: Int, _ condition: String = #""seq":1"#) -> String {
            #"{"fieldid":\#(id),"technew":\#(requirement),"fieldinfo":{"id":\#(id),"name":"CF\#(id)","custom":1,"type":0},\#(condition)}"#
        }
        let rows = [row(10, 1)] + conditions.enumerated().map { row(20 + $0, 3, $1) }
        let transport = AnsweringTransport([
            "GET /api/TicketType/{id}": .json(#"{"id":1,"fields":[\#(rows.joined(separator: ","))]}"#)
        ])
        let form = try await transport.session().ticketFields()
        #expect((20...23).allSatisfy { form[TicketField.ID("cf:\($0)") ?? .summary]?.requirement == .recommended })
        // Rows on one field are alternatives.
        let known = try #require(form[try Self.id("cf:24")])
        let alternatives = TicketField.Condition(try Self.id("cf:10"), isOneOf: ["1", "2"])
        #expect(known.isRequired && known.conditions == [alternatives])
    }

    @Test func impactIsReadFromTheListOfUrgenciesWhereItsOwnIsEmptyAndUnknownIsNoChoice() async throws {
        let row = #"{"fieldid":27,"technew":1,"fieldname":"Impact","fieldinfo":{"id":27,"name":"impact","custom":0}}"#
        let transport = ScriptedTransport([
            .status(200, #"{"access_token":"t","expires_in":3600,"scope":"all"}"#), .status(200, #"{"id":1,"fields":[\#(row)]}"#),
            .status(200, "[]"), .status(200, #"[{"id":0,"name":"Unknown"},{"id":2,"name":"Medium"}]"#),
        ])
        let context = ConnectorContext(transport: transport, time: .skippingWaits, tenants: TenantRateLimits(pace: nil))
        let session = try ConnectorRegistry([HaloConnector.self]).connect(
            "halopsa", settings: ["tenantURL": "acme.halopsa.com", "clientID": "id", "clientSecret": "a-secret-of-some-length"],
            context: context)
        let form = try await session.ticketFields(for: TicketType.ID(1))
        let medium = TicketField.Choice(TicketField.Choice.ID(2), label: "Medium")
        #expect(form[try Self.id("impact")]?.choices == .listed([medium]))
        #expect(transport.requests.suffix(2).map { $0.query.first?.value } == ["12", "27"] && transport.problems == [])
    }

    @Test func whatHaloPSAFillsInItselfBlocksNoTicket() async throws {
        let rows = ["status", "seriousness", "client", "user", "site", "something_new"].enumerated().map { number, name in
            #"{"fieldid":\#(500 + number),"technew":3,"fieldname":"\#(name)","fieldinfo":{"id":\#(500 + number),"name":"\#(name)","label":"\#(name)","custom":0}}"#
        }
        let transport = AnsweringTransport([
            "GET /api/TicketType/{id}": .json(
                #"{"id":1,"initial_status":1,"default_priority":3,"fields":[\#(rows.joined(separator: ","))]}"#),
            "POST /api/Tickets": .json(#"{"id":12}"#, status: 201),
        ])
        let session = try transport.session()
        #expect(try await session.ticketFields().fields.filter(\.isRequired).map(\.id) == [.summary])
        _ = try await session.createTicket(TicketDraft(summary: "x"))
        #expect(transport.requests.contains { $0.method == .post })
    }

    @Test func tenThousandChoicesAreSearchedAndNotListed() async throws {
        try await HaloFixture.run { fixture in
            await fixture.simulator.change(field: 105, .addedOptions(count: 10_000))
            let session = try fixture.session()
            let form = try await session.ticketFields(for: Self.hardware)
            #expect(form[try Self.id("cf:105")]?.choices == .searched)
            let found = try await session.choices(of: try Self.id("cf:105"), for: Self.hardware, matching: ChoiceQuery("Choice 9999"))
            #expect(found.map(\.label) == ["Choice 9999"])
            let created = try await session.createTicket(try Self.complete(["cf:105": .choice(try #require(found.first).id)]))
            #expect(created.differences == [])
        }
    }

    @Test func aConditionThatDependsOnItselfIsToldAsOne() async throws {
        try await HaloFixture.run { fixture in
            await fixture.simulator.change(ticketType: 40, field: 105, .condition(field: 118, value: "71"))
            await fixture.simulator.change(ticketType: 40, field: 118, .condition(field: 105, value: "36"))
            let error = await #expect(throws: PSAError.self) {
                _ = try await fixture.session().createTicket(try Self.complete(["cf:105": TicketFieldValue?.none]))
            }
            #expect(error?.ticketFieldIssues.map(\.problem).contains(.conditionLoop) ?? false)
        }
    }

    @Test func aLabelWithMarkupStaysText() async throws {
        try await HaloFixture.run { fixture in
            await fixture.simulator.change(field: 106, .label("<b>Cost</b> & {field}"))
            let error = await #expect(throws: PSAError.self) {
                _ = try await fixture.session().createTicket(try Self.complete(["cf:106": TicketFieldValue?.none]))
            }
            #expect(error?.ticketFieldIssues.map(\.label) == ["<b>Cost</b> & {field}"])
            #expect(error?.guidance.detail.contains("“<b>Cost</b> & {field}”") ?? false)
        }
    }

    @Test func aValueThatHaloPSADidNotKeepIsADifference() async throws {
        try await HaloFixture.run(faults: ["unknown-category-dropped"]) { fixture in
            let session = try fixture.session()
            // The list still has it; the ticket does not keep it.
            _ = try await session.ticketFields(for: Self.hardware)
            let created = try await session.createTicket(try Self.complete())
            #expect(created.differences == [])
        }
    }

    @Test func assetsAreFoundByTheirInventoryNumberAndLinked() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let field = try Self.id("assets")
            let every = try await session.choices(of: field, for: TicketType.ID(42))
            let asset = try #require(every.first)
            let number = try #require(asset.label.split(separator: " ").first.map(String.init))
            let found = try await session.choices(of: field, for: TicketType.ID(42), matching: ChoiceQuery(number))
            #expect(found.contains(asset))
            let created = try await session.createTicket(
                TicketDraft(summary: "Broken", type: TicketType.ID(42), fields: [field: .choices([asset.id])]))
            #expect(try await fixture.stored(created.id).assetIDs == [try #require(Int(asset.id.rawValue))])
        }
    }

    @Test func aSiteIsSearchedWithinACompanyAndGiven() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let company = Company.ID(12)
            let site = try #require(
                try await session.choices(
                    of: try Self.id("site"), for: TicketType.ID(42), matching: ChoiceQuery(company: company)
                ).last)
            let asset = try #require(
                try await session.choices(
                    of: try Self.id("assets"), for: TicketType.ID(42), matching: ChoiceQuery(company: company)
                ).first)
            let created = try await session.createTicket(
                TicketDraft(
                    summary: "x", company: company, type: TicketType.ID(42),
                    fields: [try Self.id("site"): .choice(site.id), try Self.id("assets"): .choices([asset.id])]))
            #expect(created.differences == [])
            #expect(try await fixture.stored(created.id).siteID == Int(site.id.rawValue))
        }
    }

    /// A ticket of type 42, which demands an asset, with one of the company.
    private static func withAsset(of company: Company.ID, _ session: ConnectorSession) async throws -> TicketDraft {
        let field = try id("assets")
        let assets = try await session.choices(of: field, for: TicketType.ID(42), matching: ChoiceQuery(company: company))
        return TicketDraft(
            summary: "x", company: company, type: TicketType.ID(42), fields: [field: .choices([try #require(assets.first).id])])
    }

    @Test(arguments: ["site", "assets"], [nil, 12, 14] as [Int?])
    func aRecordOfAnotherCompanyIsRefusedBeforeTheTicketIsSent(name: String, company: Int?) async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let field = try Self.id(name)
            let record = try #require(
                try await session.choices(of: field, for: TicketType.ID(42), matching: ChoiceQuery(company: Company.ID(12))).first)
            let value: TicketFieldValue = name == "site" ? .choice(record.id) : .choices([record.id])
            var draft = try await Self.withAsset(of: Company.ID(company ?? 14), session)
            draft.company = company.map { Company.ID($0) }
            draft.fields[field] = value
            if company == 12 || company == nil && name == "assets" {
                #expect(try await session.createTicket(draft).differences == [])
                return
            }
            let error = await #expect(throws: PSAError.self) { _ = try await session.createTicket(draft) }
            #expect(error?.code == .ticketFieldInvalid && error?.execution == .notExecuted)
            #expect(error?.ticketFieldIssues.map(\.field) == [field] && error?.guidance.causes.first?.id == "other_company")
            #expect(fixture.transport.count(.post, "/api/Tickets") == 0)
        }
    }

    @Test(arguments: ["site", "assets"]) func aRecordThatDoesNotExistIsRefusedBeforeTheTicketIsSent(name: String) async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let field = try Self.id(name)
            let gone = try #require(TicketField.Choice.ID("99999"))
            var draft = try await Self.withAsset(of: Company.ID(12), session)
            draft.fields[field] = name == "site" ? .choice(gone) : .choices([gone])
            let error = await #expect(throws: PSAError.self) { _ = try await session.createTicket(draft) }
            #expect(error?.code == .ticketFieldInvalid && error?.ticketFieldIssues.map(\.field) == [field])
            #expect(fixture.transport.count(.post, "/api/Tickets") == 0)
        }
    }

    @Test func aContactIsFoundByItsAddressWithinACompany() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let contact = try #require(
                try await session.contacts().collected().first { $0.isActive != false && !$0.emails.isEmpty && $0.company != nil })
            let address = try #require(contact.emails.first).uppercased()
            let found = try await session.contacts(withEmail: address, of: contact.company?.id)
            #expect(found.map(\.id).contains(contact.id))
            #expect(try await session.contacts(withEmail: address, of: Company.ID(999_999)).isEmpty)
        }
    }

    @Test func theTestTicketTakesTheFieldsOfTheDefaultsAndAFileWhereOneIsDemanded() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session(["ticketTypeID": "40"])
            let refused = try await session.testTicketCreation()
            #expect(refused.outcome == .failed && refused.error?.ticketFieldIssues.count == 3)
            #expect(await fixture.simulator.attachments().isEmpty)
            let check = try await session.testTicketCreation(fields: try Self.complete().fields)
            #expect(check.outcome == .passed)
        }
    }
}

@Suite("Attachments of HaloPSA")
struct HaloAttachmentTests {
    private static func file(_ name: String = "log.txt") throws -> AttachmentFile { try AttachmentFile(name: name, bytes: [1, 2, 3]) }

    @Test func aFileOfAPrivateNoteIsForStaffOnlyAndOneOfAReplyForTheContact() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let contact = try #require(
                try await session.contacts().collected().first { $0.site != nil && $0.company != nil && !$0.emails.isEmpty })
            let ticket = try await session.createTicket(TicketDraft(summary: "x", contact: contact.id)).id
            _ = try await session.addPrivateNote(NoteDraft("note", attachments: [.file(try Self.file("staff.txt"))]), to: ticket)
            _ = try await session.reply(NoteDraft("reply", attachments: [.file(try Self.file("contact.txt"))]), to: ticket)
            let stored = await fixture.simulator.attachments()
            #expect(stored.first { $0.fileName == "staff.txt" }?.isVisibleToUsers == false)
            #expect(stored.first { $0.fileName == "contact.txt" }?.isVisibleToUsers == true)
            let listed = try await session.attachments(of: ticket)
            #expect(Set(listed.map(\.name)) == ["staff.txt", "contact.txt"] && listed.allSatisfy { $0.note != nil })
        }
    }

    @Test func anUploadThatFailsLeavesNoTicketAndNoUploads() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            try await fixture.setFaults("upload-limit:2")
            let before = await fixture.simulator.ticketCount()
            let error = await #expect(throws: PSAError.self) {
                _ = try await session.createTicket(TicketDraft(summary: "x", attachments: [.file(try Self.file())]))
            }
            #expect(error?.code == .requestRejected && error?.execution == .notExecuted)
            #expect(error?.guidance.detail.contains("“log.txt” of 3 bytes as too large") ?? false)
            #expect(error?.guidance.causes.first?.id == "file_size")
            #expect(await fixture.simulator.ticketCount() == before)
            #expect(await fixture.simulator.orphanedAttachments().isEmpty)
        }
    }

    @Test func idsOfUploadsMayBeTexts() async throws {
        try await HaloFixture.run(faults: ["upload-tokens"]) { fixture in
            let session = try fixture.session()
            let created = try await session.createTicket(TicketDraft(summary: "x", attachments: [.file(try Self.file())]))
            let listed = try await session.attachments(of: created.id)
            #expect(try await session.content(of: try #require(listed.first).id, of: created.id) == [1, 2, 3])
        }
    }

    @Test func anAttachmentOfAnotherTicketIsNotRead() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let one = try await session.createTicket(TicketDraft(summary: "x", attachments: [.file(try Self.file())])).id
            let other = try await session.createTicket(TicketDraft(summary: "y")).id
            let attachment = try #require(try await session.attachments(of: one).first)
            #expect(await code { _ = try await session.content(of: attachment.id, of: other) } == .requestNotFound)
        }
    }

    @Test func theLinkOfAFileThatIsKeptElsewhereIsNotFollowed() async throws {
        try await HaloFixture.run(faults: ["attachment-link"]) { fixture in
            let session = try fixture.session()
            let ticket = try await session.createTicket(TicketDraft(summary: "x", attachments: [.file(try Self.file())])).id
            let attachment = try #require(try await session.attachments(of: ticket).first)
            #expect(await code { _ = try await session.content(of: attachment.id, of: ticket) } == .connectorUnsupported)
        }
    }

    @Test func anUploadCanBeDeletedAndDeletingItAgainIsNoError() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let upload = try await session.upload(try Self.file())
            #expect(await fixture.simulator.orphanedAttachments().count == 1)
            try await session.discard(upload)
            try await session.discard(upload)
            #expect(await fixture.simulator.orphanedAttachments().isEmpty)
        }
    }
}

@Suite("Statuses of HaloPSA's workflows")
struct HaloWorkflowTests {
    private static func change(_ session: ConnectorSession) async throws -> Ticket.ID {
        func choice(_ text: String) throws -> TicketFieldValue { .choice(try #require(TicketField.Choice.ID(text))) }
        return try await session.createTicket(
            TicketDraft(
                summary: "Change", details: "Swap the switch", type: TicketType.ID(41),
                fields: [
                    try #require(TicketField.ID("team")): try choice("2nd Line"), try #require(TicketField.ID("impact")): try choice("3"),
                    try #require(TicketField.ID("urgency")): try choice("3"),
                ])
        ).id
    }

    @Test("a status that a workflow does not take goes through the action that leads to it", arguments: ["kept", "permission", "step"])
    func action(answer: String) async throws {
        try await HaloFixture.run(faults: ["workflow-status:\(answer)"]) { fixture in
            let session = try fixture.session()
            let ticket = try await Self.change(session)
            let changed = try await session.changeStatus(of: ticket, to: TicketStatus.ID(2))
            #expect(changed.status?.id == TicketStatus.ID(2))
            #expect(await fixture.simulator.sentMails().isEmpty)
        }
    }

    @Test func whatAnActionDemandsIsNamedAndTakenAlong() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let ticket = try await Self.change(session)
            _ = try await session.changeStatus(of: ticket, to: TicketStatus.ID(2))
            let error = await #expect(throws: PSAError.self) {
                _ = try await session.changeStatus(of: ticket, StatusChange(to: TicketStatus.ID(9), note: "Done"))
            }
            #expect(error?.ticketFieldIssues.map(\.field.rawValue) == ["cf:125"])
            // Whoever does not know the action's form gives texts.
            let result = TicketFieldValue.text("60")
            let field = try #require(TicketField.ID("cf:125"))
            let closed = try await session.changeStatus(
                of: ticket, StatusChange(to: TicketStatus.ID(9), note: "Done", fields: [field: result]))
            #expect(closed.status?.id == TicketStatus.ID(9))
        }
    }

    @Test func aNoteGoesAlongWithTheStatusInOneRequest() async throws {
        try await HaloFixture.run { fixture in
            let session = try fixture.session()
            let ticket = try await session.createTicket(TicketDraft(summary: "x")).id
            let changed = try await session.changeStatus(of: ticket, StatusChange(to: TicketStatus.ID(9), note: "Done"))
            #expect(changed.status?.id == TicketStatus.ID(9))
            let action = try await fixture.lastAction(of: ticket)
            #expect(action.noteHTML.contains("Done") && action.isHidden && action.emailTo == nil)
            #expect(fixture.transport.count(.post, "/api/Tickets") == 1 && fixture.transport.count(.post, "/api/Actions") == 1)
        }
    }

    @Test("what closing demands is explained", arguments: ["open-children", "closure-note", "open-appointments"])
    func closing(demand: String) async throws {
        try await HaloFixture.run(faults: ["closing-demand:\(demand)"]) { fixture in
            let session = try fixture.session()
            let ticket = try await session.createTicket(TicketDraft(summary: "x")).id
            let error = await #expect(throws: PSAError.self) { _ = try await session.changeStatus(of: ticket, to: TicketStatus.ID(9)) }
            #expect([.ticketStatusNotAllowed, .ticketFieldRequired].contains(error?.code))
        }
    }
}
