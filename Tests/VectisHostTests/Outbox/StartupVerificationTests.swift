import FoundationEssentials
import PSACore
import Testing

@testable import VectisHost

@Suite("What waited before the process started") struct StartupVerificationTests {
    /// Five items of which the PSA has the first three, as after a backup was put back that was made before they were sent.
    private static func restored(_ habits: (inout Desk.Habits) -> Void = { _ in }) async throws -> (OutboxBed, [Firing]) {
        var bed = try await OutboxBed()
        _ = try await bed.rule()
        var firings: [Firing] = []
        for number in 1...5 { firings.append(try await bed.firing("\(number)", device: "SRV-\(number)")) }
        for firing in firings.prefix(3) {
            let number = bed.desk.kept.tickets.count + 1
            var ticket = Ticket(id: Ticket.ID(number), number: "\(number)", summary: firing.order.summary, native: .none)
            ticket.externalReference = firing.marker.rawValue
            ticket.details = firing.order.details + TicketWriter.reference(firing.marker)
            ticket.createdAt = bed.time.now
            bed.desk.change { $0.tickets.append(ticket) }
        }
        bed.desk.behave(habits)
        bed.startup = StartupVerification(latest: try await bed.storage.latestFiring())
        return (bed, firings)
    }

    @Test(arguments: [true, false], [true, false]) func isLookedForOnceBeforeItIsSent(findsReferences: Bool, rowsAreComplete: Bool)
        async throws
    {
        let (bed, firings) = try await Self.restored {
            $0.findsReferences = findsReferences
            $0.rowsAreComplete = rowsAreComplete
        }
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 5)
        #expect(bed.desk.kept.writes == 2)
        for firing in firings {
            let after = try await bed.now(firing)
            #expect(after.state.name == "created")
            #expect(after.remark.isEmpty == (firings.firstIndex(of: firing) ?? 0 >= 3), "What was found says so.")
        }
    }

    @Test func isSentWithoutASearchIfItCameAfterTheStart() async throws {
        let (bed, _) = try await Self.restored()
        await bed.work()
        let searches = bed.desk.kept.searches
        _ = try await bed.firing("6", device: "SRV-6")
        await bed.work()
        #expect(bed.desk.kept.searches == searches)
        #expect(bed.desk.kept.tickets.count == 6)
    }

    @Test func waitsWhileItCannotBeLookedFor() async throws {
        let (bed, firings) = try await Self.restored { $0.beforeSearching = { throw refused } }
        await bed.work()
        #expect(bed.desk.kept.writes == 0)
        #expect(try await bed.now(firings[0]).state == .waiting)
        #expect(try await bed.now(firings[0]).cause?.code == .networkRefused)
        bed.desk.behave { $0.beforeSearching = {} }
        try await bed.work(rounds: 10)
        #expect(bed.desk.kept.tickets.count == 5)
    }

    @Test func isHeldForAPersonIfTheSearchProvesNothing() async throws {
        let (bed, firings) = try await Self.restored {
            $0.findsReferences = false
            $0.returnsReferences = false
        }
        // Stored by the earlier process without any reference: nobody can tell whose it is.
        bed.desk.change { kept in
            kept.tickets = kept.tickets.map { ticket in
                var bare = ticket
                (bare.details, bare.externalReference) = (nil, nil)
                return bare
            }
        }
        try await bed.work(rounds: 3)
        #expect(bed.desk.kept.writes == 0)
        #expect(try await bed.now(firings[0]).state == .held(.notVerified))
        let rule = try #require(try await bed.storage.rule(firings[0].rule))
        bed.time.advance(by: 1)
        _ = try await bed.rules.decideHeld(of: rule, release: true, audit: .outbox(.firingDecided))
        await bed.work()
        #expect(bed.desk.kept.writes == 5, "A person has said so.")
    }

    @Test func isFoundAsANoteOnTheTicketItWasAddedTo() async throws {
        var bed = try await OutboxBed()
        _ = try await bed.rule(appendMinutes: 60)
        _ = try await bed.firing("1")
        await bed.work()
        let second = try await bed.firing("2")
        bed.desk.change { kept in
            kept.notes = [
                TicketNote(
                    id: TicketNote.ID(1), ticket: Ticket.ID(1_000), author: .unknown(name: nil),
                    text: "x" + TicketWriter.reference(second.marker), visibility: .staffOnly, native: .none)
            ]
        }
        bed.startup = StartupVerification(latest: try await bed.storage.latestFiring())
        await bed.work()
        #expect(try await bed.now(second).state.name == "appended")
        #expect(bed.desk.kept.notes.count == 1 && bed.desk.kept.tickets.count == 1)
    }
}
