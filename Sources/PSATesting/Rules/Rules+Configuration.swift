import PSACore

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
            for field in subject.descriptor.settings.fields where !field.isRequired && field.isSecret && subject.settings[field.key] != nil
            {
                var settings = subject.settings
                settings[field.key] = nil
                let stage = ConformanceStage(subject, settings: settings)
                var reported: PSAError?
                let thrown = try await failure { reported = try await stage.session().testConnection().failure }
                if let failure = thrown ?? reported {
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
