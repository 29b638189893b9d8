import PSACore
import Testing

@testable import PSAEngine

@Suite struct FailureScopeTests {
    private static func cause(_ issues: [TicketFieldIssue]) -> FailureCause {
        FailureCause(PSAError(ticketFields: issues, catalogue: .shared, object: CoreMessage.capability(.createTickets)))
    }

    private static let file = TicketFieldIssue(.standard(.attachments), .tooFewAttachments(1))
    private static let details = TicketFieldIssue(.standard(.details), .missing)

    @Test func aMissingFileConcernsItsJobAlone() { #expect(FailureScope(Self.cause([Self.file]), of: .createTicket) == .job) }

    @Test func aMissingFieldConcernsTheSourceWithOrWithoutAFile() {
        #expect(FailureScope(Self.cause([Self.details]), of: .createTicket) == .source)
        #expect(FailureScope(Self.cause([Self.details, Self.file]), of: .createTicket) == .source)
    }

    @Test func aStatusConcernsTheSourceOfANewTicketAndTheJobOfAChange() {
        let cause = FailureCause(PSAError(.ticketStatusNotAllowed))
        #expect(FailureScope(cause, of: .createTicket) == .source)
        #expect(FailureScope(cause, of: .changeStatus) == .job)
    }

    @Test("the scope of any other cause is that of its code", arguments: ErrorCode.allCases)
    func code(_ code: ErrorCode) { #expect(FailureScope(FailureCause(PSAError(code)), of: .createTicket) == FailureScope(code)) }
}
