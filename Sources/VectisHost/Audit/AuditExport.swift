import FoundationEssentials
import PSACore

/// The audit log as a file, piece by piece: a log of years fits into no memory.
struct AuditExport: Sendable {
    enum Format: String, Sendable, CaseIterable {
        case csv
        case json

        var contentType: String { self == .csv ? "text/csv; charset=utf-8" : "application/json" }
    }

    let storage: any Storage
    let filter: AuditFilter
    let format: Format
    /// The entries read at a time.
    var batch = 500

    /// The file's bytes.
    ///
    /// If the storage fails half-way, the JSON stays without its end and the CSV says so in its last line.
    var pieces: AsyncStream<[UInt8]> {
        let reader = Reader(export: self)
        return AsyncStream { await reader.next() }
    }

    /// Reads a batch at a time, as the client takes them.
    private actor Reader {
        private enum Progress {
            case start
            case reading(before: AuditPlace?)
            case ended
        }

        private let export: AuditExport
        private var progress = Progress.start

        init(export: AuditExport) { self.export = export }

        func next() async -> [UInt8]? {
            switch progress {
            case .start:
                progress = .reading(before: nil)
                return Array(export.opening.utf8)
            case .reading(let place):
                guard let entries = try? await export.storage.audit(export.filter, before: place, limit: export.batch) else {
                    progress = .ended
                    return Array(export.breakingOff.utf8)
                }
                guard let last = entries.last else {
                    progress = .ended
                    return Array(export.ending.utf8)
                }
                progress = .reading(before: last.place)
                return export.text(of: entries, isFirst: place == nil)
            case .ended: return nil
            }
        }
    }

    private var opening: String { format == .csv ? Self.columns.joined(separator: ",") + "\r\n" : "[" }
    private var ending: String { format == .csv ? "" : "\n]\n" }
    private var breakingOff: String { format == .csv ? "# The log could not be read to its end.\r\n" : "" }
    private static let columns = ["place", "at", "user", "action", "target", "outcome", "detail", "code", "correlationID", "address"]

    private func text(of entries: [StoredAuditEntry], isFirst: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, entry) in entries.enumerated() {
            switch format {
            case .csv:
                bytes += Array((Self.columns.map { Self.cell(entry.json[$0]) }.joined(separator: ",") + "\r\n").utf8)
            case .json:
                bytes += Array((isFirst && index == 0 ? "\n" : ",\n").utf8) + entry.json.encoded
            }
        }
        return bytes
    }

    /// A cell of RFC 4180.
    ///
    /// A text that a spreadsheet would take for a formula gets an apostrophe in front.
    private static func cell(_ value: JSONValue?) -> String {
        let text: String
        switch value {
        case .string(let string): text = ["=", "+", "-", "@", "\t", "\r"].contains(string.first) ? "'" + string : string
        case .integer(let number): text = String(number)
        default: text = ""
        }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension StoredAuditEntry {
    /// The entry for machines.
    var json: JSONValue {
        .init(present: [
            ("place", .integer(Int(place.rawValue))), ("at", .string(entry.at.formatted(.iso8601))), ("user", .string(entry.actor.text)),
            ("action", .string(entry.action.rawValue)), ("target", .string(entry.target)), ("outcome", .string(entry.outcome.rawValue)),
            ("detail", .string(entry.detail)), ("code", entry.code.map { .string($0.rawValue) }),
            ("correlationID", .string(entry.correlationID)), ("address", entry.address.map(JSONValue.string)),
        ])
    }
}
