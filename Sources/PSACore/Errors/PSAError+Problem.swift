extension PSAError {
    /// The error as RFC 9457 problem JSON in English, the same for `--json` and the admin API.
    public var problem: JSONValue { problem(in: TextRenderer()) }

    /// The error as RFC 9457 problem JSON in the renderer's language.
    public func problem(in renderer: TextRenderer) -> JSONValue {
        let guidance = guidance(in: renderer)
        return .init(present: [
            ("type", .string(code.problemType)),
            ("code", .string(code.rawValue)),
            ("title", .string(guidance.title)),
            ("detail", .string(guidance.detail)),
            ("connector", connector.map { .string($0.rawValue) }),
            ("causes", .array(guidance.causes.map(\.problem))),
            ("steps", .array(guidance.everyStep.map(JSONValue.string))),
            ("fields", .array(guidance.fields.map { .string($0.rawValue) })),
            ("responsibleParty", .string(guidance.responsibleParty.rawValue)),
            (
                "retry",
                .init(present: [("class", .string(guidance.retry.name)), ("seconds", guidance.retry.delaySeconds.map(JSONValue.integer))])
            ),
            (
                "suggestion",
                guidance.suggestion.map { ["field": .string($0.field.rawValue), "value": .string($0.value)] }
            ),
            ("guide", guidance.guide.map { .string($0.description) }),
            ("request", request.map(JSONValue.string)),
            ("vendor", vendor?.problem),
            ("problems", settingIssues.isEmpty ? nil : .array(settingIssues.map { $0.problem(in: renderer) })),
            ("execution", execution.map { .string($0.rawValue) }),
            ("correlationID", .string(correlationID.rawValue)),
        ])
    }
}

extension Guidance {
    /// The steps of the first cause, and then those of the others.
    public var everyStep: [String] { steps + otherSteps }
}

extension Cause {
    fileprivate var problem: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("text", .string(text)), ("confidence", .string(confidence.rawValue)),
            ("evidence", evidence.map(JSONValue.string)), ("steps", .array(steps.map(JSONValue.string))),
            ("fields", .array(fields.map { .string($0.rawValue) })), ("responsibleParty", .string(responsibleParty.rawValue)),
        ])
    }
}

extension VendorReply {
    fileprivate var problem: JSONValue {
        .init(present: [
            ("status", status.map(JSONValue.integer)), ("code", code.map(JSONValue.string)), ("message", message.map(JSONValue.string)),
            ("requestID", requestID.map(JSONValue.string)),
        ])
    }
}

extension SettingIssue {
    fileprivate func problem(in renderer: TextRenderer) -> JSONValue {
        ["field": .string(field.rawValue), "code": .string(code.rawValue), "message": .string(renderer.text(phrase))]
    }
}
