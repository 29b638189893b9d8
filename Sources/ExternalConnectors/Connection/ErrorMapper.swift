import FoundationEssentials
import PSACore

/// Maps the errors that a connector reports, and the faults of its program, to ``PSAError``.
struct ErrorMapper: Sendable {
    let descriptor: ConnectorDescriptor
    let redactor: Redactor
    /// The server, if the settings name one.
    let host: String?
    /// The port that its address names.
    let port: Int?

    /// The error of a call without a result.
    func error(_ fault: ProgramFault, _ method: ConnectorMethod, _ trace: CallTrace) -> PSAError {
        var error = defect(method, trace, fault)
        // A restarted program may succeed, if nothing can happen twice.
        if error.code == .connectorDefect, fault.isWorthAnotherTry { error.retry = .safeNow }
        if case .backingOff(_, let seconds) = fault { error.retry = .afterDelay(.seconds(seconds)) }
        return error
    }

    /// The error of a result that is not as specified.
    func error(_ mismatch: WireMismatch, _ method: ConnectorMethod, _ trace: CallTrace) -> PSAError {
        defect(method, trace, ProgramMessage.unreadableResult(mismatch))
    }

    /// The error a connector reported.
    func error(_ view: JSONView, _ method: ConnectorMethod, _ trace: CallTrace) -> PSAError {
        do {
            return try reported(try WireObject(view, at: "error"), method, trace)
        } catch {
            return defect(method, trace, ProgramMessage.unreadableError(error))
        }
    }

    private func reported(_ object: WireObject, _ method: ConnectorMethod, _ trace: CallTrace) throws(WireMismatch) -> PSAError {
        let name = try object.text("code")
        let message = try object.optionalText("message").map { redactor.clean($0) }
        guard let code = ErrorCode(rawValue: name), code != .connectorDefect,
            ErrorCode.known(name) != nil || descriptor.guidance.ownCodes.contains(code)
        else {
            return defect(
                method, trace, message.map { ProgramMessage.reportedDefect($0) } ?? .unknownCode(redactor.clean(name, maximumLength: 60)))
        }
        let vendor = try vendor(object.object("vendor"))
        var values = values(method, trace)
        values[.message] = (message ?? vendor?.message).map(MessageValue.verbatim)
        values[.scope] = try object.optionalText("scope").map { .verbatim(redactor.clean($0, maximumLength: 100)) }
        let field = try object.optionalText("field").flatMap { descriptor.settings[SettingKey($0)] }
        values[.field] = field.map { $0.name(for: descriptor.id) }
        var error = PSAError(
            code, catalogue: descriptor.guidance, values: values, evidence: message.map { ProgramMessage.words($0) },
            request: trace.request,
            vendor: vendor)
        let issues = try object.objects("ticketFields").map { object throws(WireMismatch) in try issue(object) }
        if !issues.isEmpty, [.ticketFieldRequired, .ticketFieldInvalid].contains(code) {
            let shared = PSAError(ticketFields: issues, catalogue: descriptor.guidance, object: method.object)
            error.values.merge(shared.values) { $1 }
            // A program that has made a request may have sent the write.
            error.findings += trace.request == nil ? shared.findings : shared.findings.map { CauseEvidence($0.cause, by: $0.probe) }
            error.ticketFieldIssues = issues
        }
        if let field { error.concernedFields = [field.key] }
        if code == .networkRefused, port != nil { error.findings.append(CauseEvidence("wrong_port", by: .settings)) }
        if let seconds = try object.optionalInteger("retryAfter"), (1...86_400).contains(seconds), case .afterDelay = error.retry {
            error.retry = .afterDelay(.seconds(seconds))
        }
        return error
    }

    private enum ProblemName: String, CaseIterable {
        case missing, invalid
    }

    /// A ticket field that is missing or wrong.
    private func issue(_ object: WireObject) throws(WireMismatch) -> TicketFieldIssue {
        let id = try object.id("field", of: TicketField.self)
        let message = try object.optionalText("message").map { redactor.clean($0) }
        let problem: TicketFieldIssue.Problem =
            switch try object.word("problem", ProblemName.self) {
            case .missing: .missing
            case .invalid: message.map { .refused($0) } ?? .wrongForm
            }
        return TicketFieldIssue(id: id, label: try object.optionalText("label") ?? id.rawValue, problem)
    }

    private func vendor(_ object: WireObject?) throws(WireMismatch) -> VendorReply? {
        guard let object else { return nil }
        func clean(_ name: String, _ length: Int) throws(WireMismatch) -> String? {
            try object.optional(name, .text, \.text).map { redactor.clean($0, maximumLength: length) }
        }
        return VendorReply(
            status: try object.optionalInteger("status"), code: try clean("code", 60), message: try clean("message", 300),
            requestID: try clean("requestID", 100))
    }

    /// A fault of the program; if a write may have been executed, its outcome is unknown.
    private func defect(_ method: ConnectorMethod, _ trace: CallTrace, _ what: any LocalizedMessage) -> PSAError {
        let code: ErrorCode = method.isWrite && trace.mayHaveWritten ? .writeOutcomeUnknown : .connectorDefect
        let evidence: any LocalizedMessage =
            trace.stderrTail.isEmpty ? what : ProgramMessage.withStderrTail(.phrase(what), trace.stderrTail)
        return PSAError(code, catalogue: descriptor.guidance, values: values(method, trace), evidence: evidence, request: trace.request)
    }

    private func values(_ method: ConnectorMethod, _ trace: CallTrace) -> [GuidanceTemplate.Slot: MessageValue] {
        var values: [GuidanceTemplate.Slot: MessageValue] = [.object: .phrase(method.object)]
        values[.host] = (trace.host ?? host).map(MessageValue.verbatim)
        return values
    }
}
