import Foundation
import Glibc
public import PSACore

/// Calls every operation of a session once, so that a claim about all of them can be checked.
///
/// Its list is compared with the session's source by a test: an operation added there must be added here.
public struct SessionSweep: Sendable {
    /// How one operation ended.
    public struct Answer: Sendable {
        /// The operation's name in the session, without argument labels.
        public let operation: String
        /// What it threw, or nil if it returned.
        public let error: (any Error)?
    }

    /// Every operation by name.
    public let operations: [(name: String, call: @Sendable (ConnectorSession) async throws -> Void)] = reading + writing

    /// Makes the sweep.
    public init() {}

    /// Calls each operation and collects how it ended; a list is asked for its first row.
    public func answers(of session: ConnectorSession) async -> [Answer] {
        var answers: [Answer] = []
        for operation in operations {
            do {
                try await operation.call(session)
                answers.append(Answer(operation: operation.name, error: nil))
            } catch {
                answers.append(Answer(operation: operation.name, error: error))
            }
        }
        return answers
    }

    private static let reading: [(name: String, call: @Sendable (ConnectorSession) async throws -> Void)] = [
        ("companies", { try await $0.companies().readFirstRow() }),
        ("companies", { try await $0.companies(changedSince: Date(timeIntervalSince1970: 0)).readFirstRow() }),
        ("company", { _ = try await $0.company(RecordID(1)) }),
        ("contacts", { try await $0.contacts().readFirstRow() }),
        ("contacts", { try await $0.contacts(changedSince: Date(timeIntervalSince1970: 0)).readFirstRow() }),
        ("contacts", { _ = try await $0.contacts(withEmail: "erika@acme.example.com") }),
        ("agents", { try await $0.agents().readFirstRow() }),
        ("tickets", { try await $0.tickets().readFirstRow() }),
        ("tickets", { try await $0.tickets(matching: TicketQuery(company: RecordID(1))).readFirstRow() }),
        (
            "ticketPages",
            {
                var pages = $0.ticketPages().makeAsyncIterator()
                _ = try await pages.next()
            }
        ),
        ("deletedTickets", { try await $0.deletedTickets().readFirstRow() }),
        ("ticket", { _ = try await $0.ticket(RecordID(1)) }),
        ("notes", { try await $0.notes(of: RecordID(1)).readFirstRow() }),
        ("agreements", { try await $0.agreements().readFirstRow() }),
        ("recurringInvoices", { try await $0.recurringInvoices().readFirstRow() }),
        ("recurringInvoice", { _ = try await $0.recurringInvoice(RecordID(1)) }),
        ("ticketTypes", { _ = try await $0.ticketTypes() }),
        ("ticketStatuses", { _ = try await $0.ticketStatuses() }),
        ("ticketPriorities", { _ = try await $0.ticketPriorities() }),
        ("attachments", { _ = try await $0.attachments(of: RecordID(1)) }),
        ("content", { _ = try await $0.content(of: RecordID(1), of: RecordID(1)) }),
    ]

    private static let writing: [(name: String, call: @Sendable (ConnectorSession) async throws -> Void)] = [
        ("ticketFields", { _ = try await $0.ticketFields() }),
        ("choices", { _ = try await $0.choices(of: .priority) }),
        ("check", { try await $0.check(TicketDraft(summary: "Printer on fire")) }),
        ("createTicket", { _ = try await $0.createTicket(TicketDraft(summary: "Printer on fire")) }),
        ("tickets", { _ = try await $0.tickets(externalReference: "vectis-1") }),
        ("search", { _ = try await $0.search(externalReference: "vectis-1") }),
        ("testTicketCreation", { _ = try await $0.testTicketCreation() }),
        ("addPrivateNote", { _ = try await $0.addPrivateNote("Seen.", to: RecordID(1)) }),
        ("addPrivateNote", { _ = try await $0.addPrivateNote(NoteDraft("Seen."), to: RecordID(1)) }),
        ("reply", { _ = try await $0.reply("We are on it.", to: RecordID(1)) }),
        ("reply", { _ = try await $0.reply(NoteDraft("We are on it."), to: RecordID(1)) }),
        ("changeStatus", { _ = try await $0.changeStatus(of: RecordID(1), to: RecordID(2)) }),
        ("changeStatus", { _ = try await $0.changeStatus(of: RecordID(1), StatusChange(to: RecordID(2))) }),
        ("vendorRequest", { _ = try await $0.vendorRequest(.get, path: "/tickets") }),
        ("upload", { _ = try await $0.upload(AttachmentFile(name: "report.txt", bytes: Array("Report".utf8))) }),
        (
            "discard",
            {
                try await $0.discard(UploadedAttachment(id: RecordID(1), name: "report.txt", mediaType: "text/plain", byteCount: 6))
            }
        ),
    ]
}

extension PagedSequence {
    fileprivate func readFirstRow() async throws {
        var rows = makeAsyncIterator()
        _ = try await rows.next()
    }
}

/// A secret that can be recognised wherever it comes out, in every spelling it may have been planted in.
public enum SecretMarker {
    /// As a person would type it.
    public static let plain = "MARKER-5f0c-SECRET/+&=%20"

    /// As it is, percent-encoded in both cases, and in base64: the ways in which it is planted.
    public static let spellings: [String] = [
        plain, PercentEncoding.component(plain), "MARKER-5f0c-SECRET%2f%2b%26%3d%2520",
        Data(plain.utf8).base64EncodedString(), Data(("id:" + plain).utf8).base64EncodedString(),
    ]

    /// What must be found nowhere: the spellings, a good part of each, and what base64 makes of it in the middle of a longer text.
    public static let needles: [String] = {
        let cores = (0..<3).map { offset in
            let encoded = Data([UInt8](repeating: 0, count: offset) + Array(plain.utf8)).base64EncodedString()
            return String(encoded.dropFirst(4).prefix(24))
        }
        return spellings + cores + [String(plain.prefix(12))]
    }()

    /// The needles that a text holds; dumps are long and there are many, so bytes are compared.
    public static func found(in text: String) -> [String] {
        text.withCString { hay in needles.filter { strstr(hay, $0) != nil } }
    }

    /// The needles that a file holds.
    public static func found(in bytes: [UInt8]) -> [String] {
        let hay = Data(bytes)
        return needles.filter { hay.range(of: Data($0.utf8)) != nil }
    }
}

/// A transport that must not be used: it tells about every request and answers none.
public struct ForbiddenTransport: HTTPTransport {
    private let onRequest: @Sendable (TransportRequest) -> Void

    /// Makes the transport.
    ///
    /// - Parameter onRequest: Called with each request; a test records an issue there.
    public init(onRequest: @escaping @Sendable (TransportRequest) -> Void) { self.onRequest = onRequest }

    /// Tells about the request and refuses it.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        onRequest(request)
        throw TransportError(.connectionRefused, delivery: .notSent)
    }
}
