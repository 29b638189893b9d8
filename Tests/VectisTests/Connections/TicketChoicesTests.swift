import FoundationEssentials
import PSACore
import PSAEngine
import Testing
@testable import VectisCore
@testable import VectisRules

@Suite("Lists of ticket defaults and what they depend on")
struct TicketChoicesTests {
    /// What the fields of a connector declare, and what follows from it.
    struct Declaration: Sendable, CustomTestStringConvertible {
        var name: String
        var status: [TicketField.ID]
        var priority: [TicketField.ID]
        var type: [TicketField.ID] = []
        var dependencies: [TicketDefault: [TicketDefault]]

        var testDescription: String { name }

        var form: TicketForm {
            TicketForm(
                fields: [
                    .standard(.summary, isRequired: true), .standard(.type, dependsOn: type), .standard(.status, dependsOn: status),
                    .standard(.priority, dependsOn: priority),
                ])
        }
    }

    static let declarations = [
        Declaration(name: "nothing", status: [], priority: [], dependencies: [:]),
        Declaration(name: "priority on type", status: [], priority: [.type], dependencies: [.priority: [.type]]),
        Declaration(name: "status on type", status: [.type], priority: [], dependencies: [.status: [.type]]),
        Declaration(name: "both on type", status: [.type], priority: [.type], dependencies: [.status: [.type], .priority: [.type]]),
        Declaration(name: "priority on status", status: [], priority: [.status], dependencies: [.priority: [.status]]),
        Declaration(name: "status on priority", status: [.priority], priority: [], dependencies: [.status: [.priority]]),
        Declaration(
            name: "a chain", status: [.type], priority: [.status], dependencies: [.status: [.type], .priority: [.status]]),
        Declaration(
            name: "priority on both", status: [], priority: [.status, .type], dependencies: [.priority: [.type, .status]]),
        Declaration(name: "type on priority", status: [], priority: [], type: [.priority], dependencies: [.type: [.priority]]),
        // The page has no company, so no list waits for one.
        Declaration(name: "priority on company", status: [.contact], priority: [.company], dependencies: [:]),
        Declaration(name: "company and type", status: [], priority: [.company, .type], dependencies: [.priority: [.type]]),
        Declaration(name: "itself", status: [.status], priority: [.priority], dependencies: [:]),
        Declaration(name: "each other", status: [.priority], priority: [.status], dependencies: [:]),
        Declaration(
            name: "a circle of three", status: [.type], priority: [.status], type: [.priority], dependencies: [:]),
        Declaration(
            name: "a circle and the type", status: [.priority, .type], priority: [.status],
            dependencies: [.status: [.type]]),
    ]

    @Test(arguments: declarations)
    func theDeclarationOfTheFieldsSaysWhatDependsOnWhat(declaration: Declaration) {
        #expect(declaration.form.defaultDependencies == declaration.dependencies)
    }

    @Test func aFormWithoutTheFieldsDependsOnNothing() { #expect(TicketForm(fields: []).defaultDependencies.isEmpty) }

    /// Every set of choices that a person can have made.
    static let chosen: [TicketDefaultValues] = (0..<8).map { bits in
        TicketDefaultValues(
            values: Dictionary(
                uniqueKeysWithValues: TicketDefault.allCases.enumerated().filter { bits & (1 << $0.offset) != 0 }.map { ($0.element, "1") })
        )
    }

    @Test(arguments: declarations)
    func aListIsReadAsSoonAsWhatItDependsOnIsChosen(declaration: Declaration) async throws {
        let fixture = try await HostFixture()
        fixture.script.rewrite {
            $0.lists = { _ in Self.lists }
            $0.fields = { TicketForm(type: $0, fields: declaration.form.fields) }
        }
        let saved = try await fixture.saved()
        for values in Self.chosen {
            let lists = try await fixture.service.choices(of: saved, with: values)
            func isOpen(_ choice: TicketDefault) -> Bool { (declaration.dependencies[choice] ?? []).allSatisfy { values[$0] == "1" } }
            #expect(lists.statuses.isEmpty == !isOpen(.status), "\(values.sentence)")
            #expect(lists.priorities.isEmpty == !isOpen(.priority), "\(values.sentence)")
            for choice in TicketDefault.allCases {
                #expect((lists.missing(for: choice, in: values) == nil) == isOpen(choice), "\(choice), \(values.sentence)")
            }
        }
    }

    @Test(arguments: declarations)
    func aValueIsRefusedWhileWhatItDependsOnIsNotChosen(declaration: Declaration) async throws {
        let fixture = try await HostFixture()
        fixture.script.rewrite {
            $0.lists = { _ in Self.lists }
            $0.fields = { TicketForm(type: $0, fields: declaration.form.fields) }
        }
        let first = try await fixture.saved()
        for values in Self.chosen {
            let saved = try #require(try await fixture.stored(first))
            let wrong = Set(
                TicketDefault.allCases.filter { choice in
                    !values[choice].isEmpty && (declaration.dependencies[choice] ?? []).contains { values[$0].isEmpty }
                })
            do {
                _ = try await fixture.service.saveTicketDefaults(
                    values, of: saved, acceptsUnverified: false, audit: .sample(.ticketDefaultsChanged))
                #expect(wrong.isEmpty, "\(values.sentence)")
            } catch TicketDefaultsError.invalid(let problems, fields: []) {
                #expect(Set(problems.keys) == wrong, "\(values.sentence)")
                #expect(problems.values.allSatisfy { $0.contains(" first: which ") }, "\(problems)")
            }
        }
    }

    @Test func prioritiesWaitForATypeWhereTheFieldsCanNotBeRead() async throws {
        let fixture = try await HostFixture()
        fixture.script.rewrite {
            $0.lists = { _ in Self.lists }
            $0.fields = { _ in throw PSAError(.permissionScopeMissing) }
        }
        let saved = try await fixture.saved()
        let lists = try await fixture.service.choices(of: saved, with: TicketDefaultValues())
        #expect(lists.priorities.isEmpty && lists.statuses.count == 1 && lists.dependencies == [.priority: [.type]])
        #expect(try await fixture.service.choices(of: saved, with: Self.chosen[1]).priorities.count == 1)
    }

    /// Every set of lists for which the permission can be missing.
    static let forbidden: [Set<TicketDefault>] = (0..<8).map { bits in
        Set(TicketDefault.allCases.enumerated().filter { bits & (1 << $0.offset) != 0 }.map(\.element))
    }

    @Test("a list without permission takes only itself away, and its value is stored only unverified", arguments: forbidden)
    func forbiddenLists(forbidden: Set<TicketDefault>) async throws {
        let fixture = try await HostFixture()
        var lists = Self.lists
        lists.forbidden = forbidden
        fixture.script.rewrite { [lists] in $0.lists = { _ in lists } }
        let saved = try await fixture.saved()
        let all = TicketDefaultValues(values: Dictionary(uniqueKeysWithValues: TicketDefault.allCases.map { ($0, "1") }))
        func save(_ values: TicketDefaultValues, acceptsUnverified: Bool = false) async throws {
            let stored = try #require(try await fixture.stored(saved))
            _ = try await fixture.service.saveTicketDefaults(
                values, of: stored, acceptsUnverified: acceptsUnverified, audit: .sample(.ticketDefaultsChanged))
        }
        guard forbidden.count < TicketDefault.allCases.count else {
            await #expect(throws: PSAError.self) { try await fixture.service.choices(of: saved, with: all) }
            return
        }
        let read = try await fixture.service.choices(of: saved, with: all)
        #expect(Set(read.unreadable.keys) == forbidden)
        for (choice, isEmpty) in [
            (TicketDefault.type, read.types.isEmpty), (.status, read.statuses.isEmpty), (.priority, read.priorities.isEmpty),
        ] {
            #expect(isEmpty == forbidden.contains(choice), "\(choice)")
        }
        // What can be verified is: as before, a wrong id is refused, also by those who accept unverified ones.
        for choice in TicketDefault.allCases where !forbidden.contains(choice) {
            var wrong = all
            wrong.values[choice] = "7"
            await #expect(throws: TicketDefaultsError.self, "\(choice)") { try await save(wrong, acceptsUnverified: true) }
        }
        if !forbidden.isEmpty {
            await #expect(throws: TicketDefaultsError.self) { try await save(all) }
            try await save(all, acceptsUnverified: true)
        }
        var verifiable = all
        for choice in forbidden { verifiable.values[choice] = nil }
        try await save(verifiable)
    }

    private static let native = NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0))
    private static let lists = ConnectorScript.Lists(
        types: [TicketType(id: TicketType.ID(1), name: "T", native: native)],
        statuses: [TicketStatus(id: TicketStatus.ID(1), name: "S", native: native)],
        priorities: [TicketPriority(id: TicketPriority.ID(1), name: "P", scope: .tenant, native: native)])
}
