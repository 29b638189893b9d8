package import FoundationEssentials
package import PSACore
package import PSAEngine

/// A test of a saved connection as it is kept: every check, and the guidance of what was wrong.
package struct ConnectionTestReport: Sendable, Equatable {
    package let id: Int64
    package let connection: ConnectionID
    package let at: Date
    package let outcome: ConnectionStatus.Outcome
    /// Who started it: an account, or the host.
    package let startedBy: String
    /// The report as JSON of at most ``maxReportBytes``, with its words in other languages as ``PSAEngine/TranslatedJSON`` reads them.
    package let report: String

    /// The maximum size of a report, in bytes.
    package static let maxReportBytes = 32_768
    /// How many reports of a connection are kept.
    package static let maxReports = 20

    /// Creates a ``ConnectionTestReport``.
    package init(
        id: Int64, connection: ConnectionID, at: Date, outcome: ConnectionStatus.Outcome, startedBy: String, report: String
    ) {
        self.id = id
        self.connection = connection
        self.at = at
        self.outcome = outcome
        self.startedBy = startedBy
        self.report = report
    }

    /// A report as it is stored: what people read, in every language if that fits into ``maxReportBytes``, else in English and shortened.
    ///
    /// - Parameter report: The report.
    /// - Returns: JSON.
    package static func stored(_ report: ConnectionReport) -> String {
        let text = TranslatedJSON(members: ["headline", "checks", "problem", "warnings"], report.json).text(upTo: maxReportBytes)
        if text.utf8.count <= maxReportBytes { return text }
        let whole = report.json(in: TextRenderer())
        let kept = whole.shortened(toBytes: maxReportBytes) ?? ["headline": .string(String(report.headline.prefix(200)))]
        return kept.encodedText
    }
}

/// The reports of tests, and what else the overview of a connection reads.
package protocol ConnectionReportStore: Sendable {
    /// Keeps the report of a test, and removes the oldest beyond ``ConnectionTestReport/maxReports``.
    ///
    /// - Parameters:
    ///   - report: The report as ``ConnectionTestReport/stored(_:)`` makes it.
    ///   - outcome: How the test ended.
    ///   - connection: The connection.
    ///   - starter: Who started it.
    ///   - time: When it ended.
    /// - Returns: The id of the report; nil if the connection does not exist any more.
    /// - Throws: Errors of the storage.
    func keepTest(
        _ report: String, _ outcome: ConnectionStatus.Outcome, of connection: ConnectionID, startedBy starter: String, at time: Date
    ) async throws -> Int64?

    /// The reports of a connection, the latest first.
    func connectionTests(of connection: ConnectionID) async throws -> [ConnectionTestReport]

    /// A report of a connection; nil if it is not kept any more.
    func connectionTest(_ id: Int64, of connection: ConnectionID) async throws -> ConnectionTestReport?

    /// The latest jobs of a connection that were written to the PSA.
    func latestWritten(of connection: ConnectionID, limit: Int) async throws -> [TicketJob]
}
