import PSACore
import TestSupport
import Testing

@testable import HaloPSA

@Suite("HaloPSA's descriptor")
struct HaloDescriptorTests {
    private let descriptor = HaloConnector.descriptor

    @Test func everyDeclaredCapabilityIsBuiltAndEveryBuiltOneDeclared() {
        let type: any PSAConnector.Type = HaloConnector.self
        let built: [(Capability, Bool)] = [
            (.readCompanies, type is any CompanyReading.Type), (.readContacts, type is any ContactReading.Type),
            (.readAgents, type is any AgentReading.Type), (.readTickets, type is any TicketReading.Type),
            (.readNotes, type is any TicketNoteReading.Type), (.readAgreements, type is any AgreementReading.Type),
            (.readRecurringInvoices, type is any RecurringInvoiceReading.Type), (.readPicklists, type is any PicklistReading.Type),
            (.createTickets, type is any TicketCreating.Type), (.createTestTickets, type is any TicketCreationTesting.Type),
            (.addNotes, type is any TicketNoteAdding.Type),
            (.replyToContacts, type is any TicketReplying.Type), (.changeStatus, type is any TicketStatusChanging.Type),
            (.readAttachments, type is any AttachmentReading.Type), (.addAttachments, type is any AttachmentAdding.Type),
        ]
        #expect(Set(built.map(\.0)) == Set(Capability.allCases))
        for (capability, isBuilt) in built { #expect(descriptor.capabilities.contains(capability) == isBuilt, "\(capability)") }
    }

    @Test("it answers to its aliases in any case", arguments: ["halopsa", "HaloPSA", "halo", "HaloITSM", " haloservicedesk "])
    func answers(name: String) throws {
        #expect(try ConnectorRegistry([HaloConnector.self]).descriptor(named: name).id.rawValue == "halopsa")
    }

    @Test func everyAnchorOfAFieldAndATextIsAHeadingOfTheGuide() throws {
        let anchors = try RepositoryFile(HaloConnector.guide).anchors
        let guides =
            descriptor.settings.fields.map(\.guideAnchor) + ErrorCode.allCases.compactMap { descriptor.guidance.template(for: $0).guide }
        #expect(guides.count > 20)
        for guide in guides {
            #expect(guide.document == HaloConnector.guide)
            #expect(anchors.contains(guide.heading), "\(guide)")
        }
    }

    @Test func theGuideNamesEverySettingAndItsLinksLeadSomewhere() throws {
        let guide = try RepositoryFile(HaloConnector.guide)
        for field in descriptor.settings.fields { #expect(guide.mentions(field.key.rawValue), "\(field.key)") }
        #expect(guide.ownLinks.subtracting(guide.anchors) == [])
    }

    @Test(
        "the environment variables are those of the guide",
        arguments: [
            ("tenantURL", "HALOPSA_TENANT_URL"), ("clientID", "HALOPSA_CLIENT_ID"), ("clientSecret", "HALOPSA_CLIENT_SECRET"),
            ("scope", "HALOPSA_SCOPE"), ("tenant", "HALOPSA_TENANT"), ("ticketTypeID", "HALOPSA_TICKET_TYPE_ID"),
            ("privateNoteOutcome", "HALOPSA_PRIVATE_NOTE_OUTCOME"),
        ])
    func environmentVariable(key: String, name: String) { #expect(SettingKey(key).environmentVariable(for: descriptor.id) == name) }

    @Test(
        "what people paste leads to the tenant",
        arguments: [
            "https://acme.halopsa.com", "acme.halopsa.com", "https://acme.halopsa.com/", "https://acme.halopsa.com/api",
            "HTTPS://ACME.HaloPSA.com/api/",
            "https://acme.halopsa.com/auth", "https://acme.halopsa.com/auth/token", "  https://acme.halopsa.com/ticket?id=1#top \n",
            "https://acme.halopsa.com:443/auth/login?ReturnUrl=%2F",
        ])
    func tenantURL(typed: String) throws {
        let validation = descriptor.settings.validate(["tenantURL": typed, "clientID": "id", "clientSecret": "secret"])
        #expect(validation.issues == [])
        #expect(validation.settings?.serviceURL(.tenantURL)?.text == "https://acme.halopsa.com")
    }

    @Test func everyProblemIsToldAtOnce() {
        let validation = descriptor.settings.validate([
            "tenantURL": "http://acme.halopsa.com", "clientID": "", "ticketTypeID": "Incident", "tickettype": "1",
        ])
        #expect(validation.settings == nil)
        #expect(
            validation.issues.map(\.code) == [
                .urlInsecure, .configMissingField, .configMissingField, .configInvalidField, .configUnknownField,
            ])
        #expect(validation.issues.map(\.field) == ["tenantURL", "clientID", "clientSecret", "ticketTypeID", "tickettype"])
        #expect(validation.issues.last?.message.contains("ticketTypeID") == true)
    }

    @Test func theScopeIsAllUnlessGiven() {
        #expect(
            descriptor.settings.validate(["tenantURL": "acme.halopsa.com", "clientID": "i", "clientSecret": "s"]).settings?.text(.scope)
                == "all")
    }
}
