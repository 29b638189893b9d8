import PSACore

extension PlaceholderExamination {
    func secrecy() async throws -> [String] {
        let session = try session()
        var outputs = shown(session) + shown(descriptor.settings.validate(settings)) + shown(settings)
        let report = try await session.testConnection()
        outputs += report.checks.flatMap(shown) + shown(report) + [report.json(in: TextRenderer()).encodedText]
        for answer in await SessionSweep().answers(of: session) {
            guard let error = answer.error as? PSAError else { continue }
            outputs += shown(error) + [error.problem.encodedText]
        }
        return leaks(in: outputs)
    }

    func secretProblems() -> [String] {
        descriptor.settings.fields.filter(\.isSecret).flatMap { field in
            ["\n", String(repeating: "x", count: 300)].flatMap { spoiler -> [String] in
                var input = settings
                input[field.key] = Secret(Self.mark + spoiler + Self.mark)
                do {
                    _ = try session(input)
                    return ["A value of “\(field.key)” that can't be right is taken."]
                } catch let error as PSAError {
                    return leaks(in: shown(error) + [error.problem.encodedText])
                        + (error.settingIssues.map(\.field) == [field.key] ? [] : ["The problem is not that of “\(field.key)”."])
                } catch {
                    return ["A bad secret ends in \(type(of: error))."]
                }
            }
        }
    }

    private func leaks(in outputs: [String]) -> [String] {
        outputs.filter { $0.contains(Self.mark) }.map { "A secret is in “\($0.prefix(200))”." }
    }

    /// A value as it prints, as a debugger prints it, and with everything a mirror reaches.
    private func shown(_ value: some Sendable) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return [String(describing: value), String(reflecting: value), dumped]
    }
}
