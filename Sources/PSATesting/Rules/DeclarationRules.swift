import PSACore

extension ConformanceRule {
    /// What a connector says about itself, looked at without connecting.
    static let declaration: [ConformanceRule] = [
        ConformanceRule(
            "declaration.registry", .bronze, "A registry takes the connector, under its name and its aliases",
            because: "A host could not offer it, or would offer another one under its name.", needs: []
        ) { try registry($0) },
        ConformanceRule(
            "declaration.tier", .bronze, "A placeholder declares no ability and no grade, and a complete connector at least one ability",
            because: "A person would choose a connector for what it can't do.", needs: []
        ) { subject in
            let descriptor = subject.descriptor
            switch descriptor.tier {
            case .placeholder:
                return .unless(
                    descriptor.capabilities.isEmpty && descriptor.grade == nil, "The placeholder declares an ability or a grade.")
            case .complete: return .unless(!descriptor.capabilities.isEmpty, "The connector declares no ability.")
            }
        },
        ConformanceRule(
            "declaration.built", .bronze, "Every declared ability is built",
            because: "The host would offer an action that ends in a defect."
        ) { subject in
            let built = Ability.built(by: try ConformanceStage(subject).connection())
            return subject.descriptor.capabilities.subtracting(built).sorted().map { Violation("“\($0)” is declared and not built.") }
        },
        ConformanceRule(
            "declaration.declared", .bronze, "Every ability that is built is declared",
            because: "Finished work would not be offered."
        ) { subject in
            let built = Ability.built(by: try ConformanceStage(subject).connection())
            return built.subtracting(subject.descriptor.capabilities).sorted().map { Violation("“\($0)” is built and not declared.") }
        },
        ConformanceRule(
            "declaration.filters", .bronze, "The ticket filters that it declares are those that it applies",
            because: "Reading with a filter would end in a defect, or every ticket would be read where the vendor could filter."
        ) { subject in
            let declared = subject.descriptor.ticketFilters
            let isQuerying = try ConformanceStage(subject).connection() is any TicketQuerying
            let names = declared.map(\.rawValue).sorted().map { "“\($0)”" }.joined(separator: ", ")
            return Violations.unless(
                declared.isEmpty || isQuerying, "The filters \(names) are declared, and it does not conform to TicketQuerying.")
                + .unless(!declared.isEmpty || !isQuerying, "It conforms to TicketQuerying, and no filter is declared.")
        },
        ConformanceRule(
            "declaration.settings", .bronze,
            "Every setting has a key of its own, words for a person, and an example that would be accepted",
            because: "The form would show a field that cannot be filled in.", needs: []
        ) { settings($0) },
        ConformanceRule(
            "declaration.texts", .bronze,
            "Every text of its own has a short title and a cause, and every cause one to six steps of which the last tells how to check",
            because: "At two in the morning more is not read, and less is not enough to act on.", needs: []
        ) { subject in
            subject.descriptor.guidance.ownTexts.flatMap { code, text in
                Violations.unless(
                    (1...60).contains(text.title.english.count), "The title of \(code) is empty or over 60 characters.")
                    + .unless(!text.causes.isEmpty, "\(code) names no cause.")
                    + text.causes.flatMap { cause in
                        Violations.unless(
                            (1...6).contains(cause.steps.count), "The cause “\(cause.id)” of \(code) has \(cause.steps.count) steps.")
                            + .unless(cause.steps.last?.isCheck == true, "The last step of “\(cause.id)” of \(code) does not check.")
                    }
            }
        },
        ConformanceRule(
            "declaration.guide", .bronze, "Every setting and every text of its own leads to a heading of the connector's guide",
            because: "The link beside a field would lead nowhere.", needs: [.guide]
        ) { subject in
            let descriptor = subject.descriptor
            let anchors =
                descriptor.settings.fields.map { ("The setting “\($0.key)”", $0.guideAnchor) }
                + descriptor.guidance.ownTexts.compactMap { name, text in text.guide.map { ("The text of \(name)", $0) } }
            return anchors.flatMap { owner, anchor in
                Violations.unless(
                    anchor.document == descriptor.guide && subject.guideHeadings?.contains(anchor.heading) == true,
                    "\(owner) points to “\(anchor)”, which is no heading of \(descriptor.guide).")
            }
        },
    ]

    private static func registry(_ subject: ConformanceSubject) throws -> [Violation] {
        let registry: ConnectorRegistry
        do {
            registry = try ConnectorRegistry(registrations: [subject.entry])
        } catch {
            return [Violation(error.description)]
        }
        return try ([subject.descriptor.id.rawValue] + subject.descriptor.aliases).flatMap { name in
            try Violations.unless(registry.descriptor(named: name).id == subject.descriptor.id, "“\(name)” leads to another connector.")
        }
    }

    private static func settings(_ subject: ConformanceSubject) -> [Violation] {
        let fields = subject.descriptor.settings.fields
        var examples = SettingsInput()
        for field in fields { examples[field.key] = Secret(field.example) }
        let refused = subject.descriptor.settings.validate(examples, policy: .publicOnly).issues
        return Violations.unless(Set(fields.map(\.key)).count == fields.count, "Two settings have the same key.")
            + fields.flatMap { field in
                Violations.unless(
                    field.key.rawValue.first?.isLowercase == true && field.key.rawValue.allSatisfy { $0.isLetter || $0.isNumber },
                    "The key “\(field.key)” is not in camel case.")
                    + .unless(
                        ![field.label, field.help, field.example].contains(where: \.isEmpty),
                        "“\(field.key)” lacks a label, a help text or an example.")
                    + .unless(!(field.isSecret && field.defaultValue != nil), "The secret “\(field.key)” has a default.")
            }
            + refused.map { Violation("The example of “\($0.field)” is refused with \($0.code).") }
    }
}

extension GuidanceCatalogue {
    /// The connector's own texts, those for one setting included, under the names of their codes.
    fileprivate var ownTexts: [(name: String, template: GuidanceTemplate)] {
        ownCodes.map { ($0.rawValue, template(for: $0)) } + ownFieldTemplates.map { ("\($0.code) of “\($0.field)”", $0.template) }
    }
}

/// What a rule returns.
typealias Violations = [Violation]

/// The abilities a connection has by its type.
enum Ability {
    static func built(by connection: any PSAConnection) -> Set<Capability> {
        Set(Capability.allCases.filter { isBuilt($0, by: connection) })
    }

    private static func isBuilt(_ capability: Capability, by connection: any PSAConnection) -> Bool {
        switch capability {
        case .readCompanies: connection is any CompanyReading
        case .readContacts: connection is any ContactReading
        case .readAgents: connection is any AgentReading
        case .readTickets: connection is any TicketReading
        case .readNotes: connection is any TicketNoteReading
        case .readAgreements: connection is any AgreementReading
        case .readRecurringInvoices: connection is any RecurringInvoiceReading
        case .readPicklists: connection is any PicklistReading
        case .createTickets: connection is any TicketCreating
        case .createTestTickets: connection is any TicketCreationTesting
        case .addNotes: connection is any TicketNoteAdding
        case .replyToContacts: connection is any TicketReplying
        case .changeStatus: connection is any TicketStatusChanging
        case .readAttachments: connection is any AttachmentReading
        case .addAttachments: connection is any AttachmentAdding
        }
    }
}

extension ConformanceRule {
    /// What is checked before anything is sent.
    static let configuration: [ConformanceRule] = [
        ConformanceRule(
            "configuration.quiet", .bronze, "Making a connection sends nothing",
            because:
                "A host makes connections to look at them; each would cost the tenant requests and a slow vendor would hold up the host."
        ) { subject in
            let stage = ConformanceStage(subject)
            let session = try stage.session()
            // A request started behind the initialiser's back needs a moment to show.
            for _ in 0..<100 { await Task.yield() }
            try await Task.sleep(for: .milliseconds(20))
            return withExtendedLifetime(session) {
                .unless(
                    stage.transport.requests.isEmpty, "Before anything was asked for, \(stage.transport.requests.count) requests were sent."
                )
            }
        },
        ConformanceRule(
            "configuration.required", .bronze, "A setting without which it can't connect is declared as required",
            because: "The form would accept an empty field, and the vendor would then blame something else."
        ) { subject in
            var violations: [Violation] = []
            for field in subject.descriptor.settings.fields where !field.isRequired && subject.settings[field.key] != nil {
                var settings = subject.settings
                settings[field.key] = nil
                let stage = ConformanceStage(subject, settings: settings)
                var reported: PSAError?
                let thrown = try await failure { reported = try await stage.session().testConnection().failure }
                // Without a value that is no secret another place may be meant; a missing value is stated by the connector itself.
                if let failure = thrown ?? reported, field.isSecret || failure.code.area == .config {
                    violations.append(Violation("Without “\(field.key)”, which is optional, the test fails with \(failure.code)."))
                }
            }
            return violations
        },
        ConformanceRule(
            "configuration.addresses", .bronze, "Every setting that is an address is checked as one",
            because: "A connection could be pointed into the host's own network."
        ) { subject in
            subject.descriptor.settings.fields.flatMap { field -> [Violation] in
                guard let value = subject.settings[field.key]?.reveal(), value.contains("://") else { return [] }
                var settings = subject.settings
                settings[field.key] = Secret("https://169.254.169.254")
                let codes = subject.descriptor.settings.validate(settings).issues.filter { $0.field == field.key }.map(\.code)
                return .unless(codes == [.urlForbiddenAddress], "“\(field.key)” may name an address inside the host's network.")
            }
        },
    ]
}
