import PSACore
import PSATesting

@testable import SampleConnector

extension Flaw {
    /// Connectors whose test of a connection proves something else than it should.
    static let connecting: [Flaw] = [
        testing("connection.works") { good, progress in
            var report = try await good.testConnection(progress: progress)
            report.host = ""
            return report
        },
        testing("connection.reads") { good, progress in
            let tickets = ConnectionCheck.Subject.read(.readTickets)
            var report = try await good.testConnection { if $0.subject != tickets { progress($0) } }
            report.checks.removeAll { $0.subject == tickets }
            return report
        },
        testing("connection.credentials") { good, progress in
            let report = try await good.testConnection { if $0.error?.code.area != .auth { progress($0) } }
            guard report.failure?.code.area == .auth else { return report }
            let check = ConnectionCheck(.credentials, .passed, evidence: CoreMessage.connectionTest)
            progress(check)
            return ConnectionReport(connector: report.connector, host: report.host, checks: [check])
        },
        testing("connection.answers") { good, progress in
            let heal: @Sendable (ConnectionCheck) -> ConnectionCheck = { check in
                guard check.error?.code == .proxyHTMLInsteadOfJSON else { return check }
                return ConnectionCheck(check.subject, .passed, evidence: check.evidence)
            }
            var report = try await good.testConnection { progress(heal($0)) }
            report.checks = report.checks.map(heal)
            return report
        },
        testing("connection.answers", "contacts that could not be read count as read") { good, progress in
            let heal: @Sendable (ConnectionCheck) -> ConnectionCheck = { check in
                guard check.subject == .read(.readContacts), check.outcome == .failed else { return check }
                return ConnectionCheck(check.subject, .passed, evidence: check.evidence)
            }
            var report = try await good.testConnection { progress(heal($0)) }
            report.checks = report.checks.map(heal)
            return report
        },
        testing("connection.harmless", "by a request that it calls repeatable") { good, progress in
            let report = try await good.testConnection(progress: progress)
            if report.isConnected { _ = try await good.client.prepare(.post, "/tickets", body: ["subject": "A test"]) }
            return report
        },
        testing("connection.progress", "all at the end") { good, progress in
            let report = try await good.testConnection { _ in }
            report.checks.forEach(progress)
            return report
        },
        testing("connection.harmless") { good, progress in
            let report = try await good.testConnection(progress: progress)
            if report.isConnected { _ = try await good.createTicket(TicketDraft(summary: "A test")) }
            return report
        },
        testing("connection.progress") { good, _ in try await good.testConnection { _ in } },
        testing("connection.unreachable") { good, progress in
            let report = try await good.testConnection(progress: progress)
            if let failure = report.failure, failure.code == .networkDNSNotFound { throw failure }
            return report
        },
        Flaw(
            rule: "connection.time_limit",
            borrow: { context in
                var context = context
                context.connectionTestLimit = .seconds(2_000)
                return context
            }),
        testing("cancellation.testing") { good, progress in
            do {
                return try await good.testConnection(progress: progress)
            } catch is CancellationError {
                return ConnectionReport(connector: ConnectorID("sample"), host: "acme.example.com", checks: [])
            }
        },
    ]

    private static func testing(
        _ rule: String, _ way: String = "",
        _ test: @escaping @Sendable (SampleConnector, @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport
    ) -> Flaw {
        .acting(.init(rule), way) { $0.test = test }
    }
}

extension Flaw {
    /// Connectors that say something wrong about themselves.
    static let declaring: [Flaw] = [
        Flaw(rule: "declaration.registry", describe: { $0.changed(aliases: ["Sample PSA!"]) }),
        Flaw(rule: "declaration.tier", describe: { $0.changed(tier: .placeholder) }),
        Flaw(rule: "declaration.built", connect: { good, _ in MuteConnection(good: good) }),
        Flaw(rule: "declaration.declared", describe: { $0.changed(capabilities: $0.capabilities.subtracting([.replyToContacts])) }),
        Flaw(rule: "declaration.filters", way: "declared only", connect: { good, _ in PlainConnection(good: good) }),
        Flaw(rule: "declaration.filters", way: "built only", describe: { $0.changed(ticketFilters: []) }),
        Flaw(rule: "declaration.settings", describe: { $0.changing("clientID") { $0.changed(label: "") } }),
        Flaw(
            rule: "declaration.texts",
            describe: { descriptor in
                let long = GuidanceTemplate(
                    title: "Too much to do", detail: "{message}",
                    causes: [
                        CauseTemplate(
                            "zeal", .likely, english: "Zeal.", steps: Array(repeating: "Do something.", count: 7), responsibleParty: .you)
                    ], guide: descriptor.settings.fields[0].guideAnchor)
                return descriptor.changed(guidance: GuidanceCatalogue(vendorName: "Sample PSA", overrides: [.requestConflict: long]))
            }),
        Flaw(
            rule: "declaration.guide",
            describe: { descriptor in descriptor.changing("clientID") { $0.changed(anchor: GuideAnchor(descriptor.guide, "nowhere")) } }),
        Flaw(rule: "configuration.required", describe: { $0.changing("clientSecret") { $0.changed(isRequired: false) } }),
        Flaw(rule: "configuration.required", way: "no secret", describe: { $0.changing("clientID") { $0.changed(isRequired: false) } }),
        Flaw(rule: "configuration.addresses", describe: { $0.changing("serverURL") { $0.changed(kind: .text(maximumLength: 200)) } }),
    ]
}

extension ConnectorDescriptor {
    func changed(
        aliases: [String]? = nil, tier: ConnectorTier? = nil, settings: SettingsSchema? = nil, capabilities: Set<Capability>? = nil,
        guidance: GuidanceCatalogue? = nil, ticketFilters: Set<TicketQuery.Filter>? = nil
    ) -> ConnectorDescriptor {
        ConnectorDescriptor(
            id: id, aliases: aliases ?? self.aliases, displayName: displayName, tier: tier ?? self.tier, grade: grade,
            settings: settings ?? self.settings, capabilities: capabilities ?? self.capabilities,
            authentication: authentication, ticketFilters: ticketFilters ?? self.ticketFilters, guidance: guidance ?? self.guidance,
            guide: guide)
    }

    fileprivate func changing(_ key: SettingKey, _ change: (SettingField) -> SettingField) -> ConnectorDescriptor {
        changed(settings: SettingsSchema(settings.fields.map { $0.key == key ? change($0) : $0 }))
    }
}

extension SettingField {
    fileprivate func changed(
        label: String? = nil, kind: Kind? = nil, isRequired: Bool? = nil, anchor: GuideAnchor? = nil
    ) -> SettingField {
        SettingField(
            key, label: label ?? self.label, help: help, example: example, kind: kind ?? self.kind, purpose: purpose,
            isRequired: isRequired ?? self.isRequired, isSecret: isSecret, defaultValue: defaultValue,
            guideAnchor: anchor ?? guideAnchor)
    }
}
