import FoundationEssentials
import PSACore
package import PSAEngine

/// Records of a local copy as a file, page by page: the copy of a large PSA fits into no memory.
package struct SyncExport: Sendable {
    /// The form of the file.
    package enum Format: String, Sendable, CaseIterable {
        case csv
        /// One JSON object a line, in the form of the change feed.
        case jsonl

        /// The media type of the file.
        package var contentType: String { self == .csv ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8" }
    }

    /// The engine whose copies are read.
    package let sync: SyncEngine
    /// The connection.
    package let connection: ConnectionID
    /// The form of the file.
    package let format: Format
    private let query: SyncQuery

    /// Creates a ``SyncExport``.
    ///
    /// - Parameters:
    ///   - sync: The engine whose copies are read.
    ///   - connection: The connection.
    ///   - query: The records to export; its place and limit are ignored.
    ///   - format: The form of the file.
    ///   - batch: The records read at a time, 1 to ``SyncLimits/page``.
    package init(sync: SyncEngine, connection: ConnectionID, query: SyncQuery, format: Format, batch: Int = 200) {
        self.sync = sync
        self.connection = connection
        self.format = format
        var query = query
        query.after = nil
        query.limit = batch
        self.query = query
    }

    /// The file's bytes, read as the client takes them.
    ///
    /// If the store fails midway, the last line says so.
    package var pieces: AsyncStream<[UInt8]> {
        let reader = Reader(export: self)
        return AsyncStream { await reader.next() }
    }

    private actor Reader {
        private enum Progress {
            case start
            case reading(after: SyncRecordPage.Place?)
            case ended
        }

        private let export: SyncExport
        private var progress = Progress.start

        init(export: SyncExport) { self.export = export }

        func next() async -> [UInt8]? {
            switch progress {
            case .start:
                progress = .reading(after: nil)
                // An empty piece would end nothing, but a format without a header begins with its first record.
                return export.format == .csv ? CSV.header(export.columns.map(\.name)) : await next()
            case .reading(let place):
                var query = export.query
                query.after = place
                guard let page = try? await export.sync.records(query, in: export.connection) else {
                    progress = .ended
                    return Array(export.breakingOff.utf8)
                }
                progress = page.next.map { .reading(after: $0) } ?? .ended
                let bytes = page.records.flatMap(export.line)
                // The stream goes on although a page may be empty.
                return bytes.isEmpty ? await next() : bytes
            case .ended: return nil
            }
        }
    }

    private static let failed = "The copy could not be read to its end."
    private var breakingOff: String {
        format == .csv ? "# \(Self.failed)\r\n" : JSONValue.object([.init(name: "error", value: .string(Self.failed))]).encodedText + "\n"
    }

    private func line(_ record: SyncRecord) -> [UInt8] {
        switch format {
        case .jsonl: record.json().encoded + [UInt8(ascii: "\n")]
        case .csv: CSV.line(columns.map { $0.value(record) })
        }
    }

    // MARK: Columns

    private struct Column {
        let name: String
        let value: (SyncRecord) -> JSONValue?
    }

    private var columns: [Column] {
        let own = Self.members(of: query.resource).flatMap(Self.columns)
        return [
            Column(name: "sequence") { .integer(Int($0.sequence.rawValue)) }, Column(name: "state") { .string($0.state.rawValue) },
            Column(name: "id") { .string($0.id.rawValue) },
        ] + own + [
            Column(name: "firstSeenAt") { .string($0.firstSeenAt.formatted(.iso8601)) },
            Column(name: "changedAt") { .string($0.changedAt.formatted(.iso8601)) },
        ]
    }

    /// A member as one column; a reference as two, its id and its name; a list of texts with semicolons between them.
    private static func columns(_ member: Member) -> [Column] {
        let name = member.name
        switch member.kind {
        case .value: return [Column(name: name) { $0.content[name] }]
        case .reference:
            return [
                Column(name: name) { $0.content[name]?["id"] }, Column(name: name + "Name") { $0.content[name]?["name"] },
            ]
        case .texts:
            return [
                Column(name: name) { record in
                    guard case .array(let elements)? = record.content[name] else { return nil }
                    return .string(elements.compactMap(\.string).joined(separator: "; "))
                }
            ]
        }
    }

    private struct Member {
        enum Kind {
            case value
            case reference
            case texts
        }

        let name: String
        let kind: Kind

        static func value(_ name: String) -> Member { Member(name: name, kind: .value) }
        static func reference(_ name: String) -> Member { Member(name: name, kind: .reference) }
        static func texts(_ name: String) -> Member { Member(name: name, kind: .texts) }
    }

    private static func members(of resource: SyncResource) -> [Member] {
        switch resource {
        case .companies: [.value("name"), .value("active"), .reference("mainSite"), .value("phone"), .value("website")]
        case .contacts:
            [.value("name"), .reference("company"), .reference("site"), .texts("emails"), .texts("phones"), .value("active")]
        case .agents: [.value("name"), .value("email"), .value("active"), .value("person")]
        case .ticketTypes: [.value("name"), .value("canCreate"), .value("scope")]
        case .ticketStatuses: [.value("name"), .value("phase"), .value("scope")]
        case .ticketPriorities: [.value("name"), .value("scope"), .value("hidden")]
        case .agreements:
            [
                .value("name"), .reference("company"), .value("kind"), .value("status"), .value("active"), .value("startsAt"),
                .value("endsAt"),
            ]
        case .recurringInvoices:
            [
                .value("reference"), .reference("company"), .reference("agreement"), .value("active"), .value("total"),
                .value("nextInvoiceAt"), .value("lines"),
            ]
        case .tickets:
            [
                .value("number"), .value("summary"), .reference("company"), .reference("contact"), .reference("type"),
                .reference("status"), .value("phase"), .reference("priority"), .reference("assignee"), .value("createdAt"),
                .value("updatedAt"), .value("lastActivityAt"), .value("closedAt"), .value("dueAt"), .value("externalReference"),
                .value("webAddress"), .value("mergedInto"), .value("details"), .value("customFields"),
            ]
        case .notes:
            [
                .value("ticket"), .value("kind"), .reference("author"), .value("visibility"), .value("createdAt"), .value("minutes"),
                .value("text"),
            ]
        }
    }
}
