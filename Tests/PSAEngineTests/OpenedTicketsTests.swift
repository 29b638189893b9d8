import PSACore
import Testing

@testable import PSAEngine

@Suite("Tickets that searches have read") struct OpenedTicketsTests {
    private let connection: ConnectionID
    private let other: ConnectionID
    private let opened = OpenedTickets()

    init() throws { (connection, other) = (try Sample.id("halo"), try Sample.id("other")) }

    private func record() {
        opened.use(TenantIdentity(rawValue: "acme"), of: connection)
        _ = opened.record(Ticket(id: Ticket.ID(7), number: "7", summary: "Disk full", phase: .open, native: .empty), of: connection)
    }

    @Test func theyAreKnownToTheNextSearchOfTheirTenant() {
        record()
        opened.use(TenantIdentity(rawValue: "acme"), of: connection)
        #expect(opened[connection, "7"] != nil && opened[connection, "8"] == nil && opened[other, "7"] == nil)
    }

    @Test func aTicketOfAFormerTenantIsNotTakenForTheOneOfItsNumber() {
        record()
        opened.use(TenantIdentity(rawValue: "umbrella"), of: connection)
        #expect(opened[connection, "7"] == nil)
        opened.use(TenantIdentity(rawValue: "acme"), of: connection)
        #expect(opened[connection, "7"] == nil)
    }

    @Test func anotherTenantOfAConnectionLeavesOtherConnectionsAlone() {
        record()
        opened.use(TenantIdentity(rawValue: "umbrella"), of: other)
        #expect(opened[connection, "7"] != nil)
    }
}
