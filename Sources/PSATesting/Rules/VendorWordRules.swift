import PSACore
import Synchronization

extension ConformanceRule {
    /// What the vendor says when it refuses.
    static let vendorWords: [ConformanceRule] = [
        ConformanceRule(
            "failures.words", .gold, "What the vendor says about a refusal is in the error",
            because: "A person would be told that something was refused, and not why.", needs: [.connection], check: words)
    ]

    private static func words(_ subject: ConformanceSubject) async throws -> [Violation] {
        var violations: [Violation] = []
        var isSeen = false
        guard [.readTickets, .createTickets, .addNotes].contains(where: subject.descriptor.capabilities.contains) else {
            throw NotApplicableError("The connector asks the vendor for nothing that it could refuse with words.")
        }
        for refusal in Refusal.all(subject) {
            let answers = RefusedAnswers()
            let listening = TransportFault(.alter(answers.listen)) { !subject.isTokenRequest($0) }
            let session = try ConformanceStage(subject, faults: [listening]).session()
            guard let error = try await failure(of: { try await refusal.run(session) }), let answer = answers.last,
                error.vendor?.status == answer.status, !answer.sentences.isEmpty
            else { continue }
            isSeen = true
            let told = Set((error.vendor?.message ?? "").words)
            let isTold = answer.sentences.contains { words in words.count { told.contains($0) } * 2 >= words.count }
            violations += .unless(
                isTold,
                "When \(refusal.name), the vendor answers “\(answer.longest)”, and the error says \(error.vendor?.message ?? "nothing").")
        }
        guard isSeen else { throw InconclusiveError("No refusal of the tenant has words.") }
        return violations
    }
}

/// Something that a vendor refuses.
private struct Refusal: Sendable {
    let name: String
    let run: @Sendable (ConnectorSession) async throws -> Void

    static func all(_ subject: ConformanceSubject) -> [Refusal] {
        var refusals: [Refusal] = []
        if subject.can(.readTickets) {
            refusals.append(Refusal(name: "reading a ticket that does not exist") { _ = try await $0.ticket(RecordID(987_654_321)) })
        }
        guard subject.mayWrite else { return refusals }
        if subject.can(.createTickets) {
            let drafts: [(String, @Sendable (inout TicketDraft) -> Void)] = [
                ("type", { $0.type = RecordID(987_654_321) }), ("company", { $0.company = RecordID(987_654_321) }),
                ("contact", { $0.contact = RecordID(987_654_321) }),
            ]
            refusals += drafts.map { name, change in
                Refusal(name: "creating a ticket for a \(name) that does not exist") { session in
                    var draft = Marker().draft(subject)
                    change(&draft)
                    _ = try await session.createTicket(draft)
                }
            }
        }
        if subject.can(.addNotes) {
            refusals.append(
                Refusal(name: "adding a note to a ticket that does not exist") {
                    _ = try await $0.addPrivateNote("A note", to: RecordID(987_654_321))
                })
        }
        return refusals
    }
}

/// The last answer that refused something.
private final class RefusedAnswers: Sendable {
    struct Answer: Sendable {
        var status: Int
        /// The words of each sentence in the answer.
        var sentences: [[String]]
        /// The longest sentence.
        var longest: String
    }

    private let kept = Mutex<Answer?>(nil)

    var last: Answer? { kept.withLock { $0 } }

    /// Reads an answer and leaves it as it is.
    func listen(_ response: TransportResponse) -> TransportResponse {
        guard response.status >= 400, let root = (try? JSONDocument(response.body))?.root else { return response }
        // A text of one word is a code or a name of a field.
        let sentences = JSONValue(root).sentences.filter { $0.words.count > 1 }
        let longest = sentences.max { $0.count < $1.count } ?? ""
        kept.withLock { $0 = Answer(status: response.status, sentences: sentences.map(\.words), longest: String(longest.prefix(100))) }
        return response
    }
}

extension String {
    /// The words of three letters and more, in lower case.
    fileprivate var words: [String] { lowercased().split { !$0.isLetter }.filter { $0.count > 2 }.map(String.init) }
}

extension JSONValue {
    /// Every text in it that has a space.
    fileprivate var sentences: [String] {
        switch self {
        case .string(let text): text.contains(" ") ? [text] : []
        case .array(let elements): elements.flatMap(\.sentences)
        case .object(let members): members.flatMap(\.value.sentences)
        default: []
        }
    }
}
