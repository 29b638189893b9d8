import Foundation
import PSACore
import PSAEngine
import PSAEngineSQLite
import Testing

/// What every store promises about connections, their traits and issues.
@Suite("Stores: connections") struct ConnectionStoreTests {
    @Test(arguments: StoreKind.available) func aConnectionIsReadAsItWasSaved(_ kind: StoreKind) async throws {
        try await kind.run { store in
            var connection = try Sample.connection("two")
            connection.status = ConnectionStatus(
                outcome: .needsAttention, headline: "Refused", code: .authInvalidClient, correlationID: "c", checkedAt: .at(5))
            try await store.save(connection)
            try await store.save(Sample.connection("one"))
            #expect(try await store.connection(connection.id) == connection)
            #expect(try await store.connections().map(\.name) == ["one", "two"])
            connection.settings = ["server": "https://other.example.com"]
            connection.ticketFieldDefaults = TicketFieldDefaults(
                type: TicketType.ID(40), values: Sample.fields, formFingerprint: "0123456789abcdef")
            connection.secrets = [:]
            connection.revision = 2
            try await store.save(connection)
            #expect(try await store.connection(connection.id) == connection)
            connection.ticketFieldDefaults = TicketFieldDefaults(type: nil, values: [TicketField.ID(1): .text("x")])
            try await store.setTicketFieldDefaults(connection.ticketFieldDefaults, of: connection.id)
            #expect(try await store.connection(connection.id) == connection)
            #expect(try await store.connections().last == connection)
            await #expect(throws: StoreError.notFound) {
                try await store.setTicketFieldDefaults(connection.ticketFieldDefaults, of: Sample.id("three"))
            }
            #expect(try await store.connection(Sample.id("three")) == nil)
        }
    }

    @Test(arguments: StoreKind.available) func twoConnectionsOfAConnectorDoNotShareATenant(_ kind: StoreKind) async throws {
        try await kind.run { store in
            try await store.save(Sample.connection("one", tenant: "acme"))
            await #expect(throws: StoreError.duplicateTenant(try Sample.id("one"))) {
                try await store.save(Sample.connection("two", tenant: "acme"))
            }
            try await store.save(Sample.connection("two"))
            await #expect(throws: StoreError.duplicateTenant(try Sample.id("one"))) {
                try await store.save(Sample.connection("two", tenant: "acme"))
            }
            #expect(try await store.connection(Sample.id("two"))?.tenant == TenantIdentity(rawValue: "two"))
        }
    }

    @Test(arguments: StoreKind.available) func aRemovedConnectionTakesItsIssuesAndTraitsWithItAndItsJobsStay(_ kind: StoreKind) async throws
    {
        try await kind.run { store in
            let id = try Sample.id("one")
            try await store.save(Sample.connection("one"))
            try await store.setFindsReferences(true, id)
            try await store.recordIssue(.networkTimeout, of: id, at: .start)
            let job = try await store.add(Sample.job("a"))
            try await store.removeConnection(id)
            await #expect(throws: StoreError.notFound) { try await store.removeConnection(id) }
            #expect(try await store.issues(of: nil) == [])
            #expect(try await store.findsReferences(id) == nil)
            #expect(try await store.job(job)?.state == .waiting)
            // What a job that was under way learns is not kept any more.
            try await store.setFindsReferences(true, id)
            try await store.recordIssue(.networkTimeout, of: id, at: .start)
            try await store.recordUnmatched(SentCompany(id: "", name: "Acme"), .notFound, of: id, at: .start)
            #expect(try await store.findsReferences(id) == nil)
            #expect(try await store.issues(of: nil) == [])
        }
    }

    @Test(arguments: StoreKind.available) func whetherReferencesAreFoundIsForgottenWhenTheTenantChanges(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try Sample.id("one")
            try await store.save(Sample.connection("one"))
            #expect(try await store.findsReferences(id) == nil)
            try await store.setFindsReferences(true, id)
            try await store.setFindsReferences(false, id)
            #expect(try await store.findsReferences(id) == false)
            try await store.save(Sample.connection("one"))
            #expect(try await store.findsReferences(id) == false)
            try await store.save(Sample.connection("one", tenant: "other"))
            #expect(try await store.findsReferences(id) == nil)
        }
    }

    @Test(arguments: StoreKind.available) func anIssueIsCountedUntilItIsResolvedAndOpensAgain(_ kind: StoreKind) async throws {
        try await kind.run { store in
            let id = try Sample.id("one")
            try await store.save(Sample.connection("one"))
            try await store.save(Sample.connection("two"))
            try await store.recordIssue(.networkTimeout, of: id, at: .at(1))
            try await store.recordIssue(.networkTimeout, of: id, at: .at(2))
            try await store.recordIssue(.authInvalidClient, of: id, at: .at(2))
            try await store.recordIssue(.rateLimited, of: Sample.id("two"), at: .at(3))
            #expect(try await store.issues(of: nil).map(\.code) == [.rateLimited, .authInvalidClient, .networkTimeout])
            try await store.resolveIssues(of: id, areas: [.network], at: .at(4))
            var issues = try await store.issues(of: id)
            #expect(issues.map(\.code) == [.authInvalidClient, .networkTimeout])
            #expect(
                issues[1]
                    == ConnectionIssue(
                        connection: id, code: .networkTimeout, firstSeenAt: .at(1), lastSeenAt: .at(2), count: 2, resolvedAt: .at(4)))
            try await store.recordIssue(.networkTimeout, of: id, at: .at(5))
            issues = try await store.issues(of: id)
            #expect(
                issues.first
                    == ConnectionIssue(
                        connection: id, code: .networkTimeout, firstSeenAt: .at(5), lastSeenAt: .at(5), count: 1))
            try await store.resolveIssues(of: id, areas: .all, at: .at(6))
            #expect(try await store.issues(of: id).allSatisfy { $0.resolvedAt == .at(6) })
            #expect(try await store.issues(of: Sample.id("two")).allSatisfy { $0.resolvedAt == nil })
        }
    }

    @Test(arguments: StoreKind.available) func aWriteResolvesTheIssuesOfTheConnectionAndNotThoseOfItsLocalCopy(
        _ kind: StoreKind
    ) async throws {
        try await kind.run { store in
            try await store.save(Sample.connection("one"))
            let id = try Sample.id("one")
            for code in [ErrorCode.networkTimeout, .syncStale, .syncTooManyMissing, .syncListIncomplete, .ticketOtherCompany] {
                try await store.recordIssue(code, of: id, at: .start)
            }
            _ = try await store.add(Sample.job("a"))
            let job = try #require(try await store.lease())
            let outcome = JobOutcome(state: .created(PostedTicket(id: "7", number: "T7")), attempts: 1, dueAt: .at(1))
            #expect(try await store.complete(job.id, by: Sample.first, outcome, at: .at(1)))
            let resolved = try await store.issues(of: id).filter { $0.resolvedAt != nil }
            #expect(resolved.map(\.code) == [.networkTimeout])
            try await store.resolveIssues(of: id, areas: [.ticket], at: .at(2))
            #expect(try await store.issues(of: id).first { $0.code == .ticketOtherCompany }?.resolvedAt == nil)
            try await store.resolveIssue(.ticketOtherCompany, of: id, at: .at(3))
            #expect(try await store.issues(of: id).first { $0.code == .ticketOtherCompany }?.resolvedAt == .at(3))
        }
    }

    @Test(arguments: StoreKind.available) func withoutAMappingNoCompanyIsMapped(_ kind: StoreKind) async throws {
        try await kind.run { store in
            try await store.save(Sample.connection("one"))
            let sent = SentCompany(id: "", name: "Acme")
            try await store.recordUnmatched(sent, .notFound, of: Sample.id("one"), at: .start)
            #expect(try await store.mappedCompany(sent.key, of: Sample.id("one"), tenant: TenantIdentity(rawValue: "one")) == nil)
        }
    }
}
