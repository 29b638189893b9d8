package import FoundationEssentials
package import PSACore
package import PSAEngine
import VectisRules

/// The host's log: one JSON object a line, for programs that collect it.
package struct HostLog: Sendable {
    package enum Level: String, Sendable {
        case info
        case warning
        case error
    }

    private let sink: any TextSink
    /// The latest lines.
    package let recent = RecentLogLines()
    private let now: @Sendable () -> Date

    package init(sink: any TextSink, time: TimeSource) {
        self.sink = sink
        now = time.now
    }

    /// Writes an event with its facts; facts never contain user input or text from a server.
    package func record(_ level: Level, _ event: String, _ facts: [(String, JSONValue?)] = []) {
        let line = Self.line(level, event, facts, at: now())
        recent.add(String(line.dropLast()))
        sink.write(line)
    }

    /// How many lines were dropped because the log was not read.
    package var droppedLines: Int { sink.droppedLines }

    /// Waits until everything recorded so far is written, for so long.
    package func flush(within limit: Duration) async { _ = await sink.flush(within: limit) }

    /// The line that tells how many lines of a stream were dropped.
    package static func droppedLine(_ count: Int, at time: Date) -> String {
        line(.warning, "log_dropped", [("count", .integer(count))], at: time)
    }

    private static func line(_ level: Level, _ event: String, _ facts: [(String, JSONValue?)], at time: Date) -> String {
        let line = JSONValue(
            present: [
                ("time", .string(time.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))),
                ("level", .string(level.rawValue)),
                ("event", .string(event)),
            ] + facts)
        return line.encodedText + "\n"
    }
}

/// Passes a connector's events on to the host's log.
package struct VendorCallLog: ConnectorLog {
    package let log: HostLog
    package let metrics: HostMetrics

    /// Creates a ``VendorCallLog``.
    package init(log: HostLog, metrics: HostMetrics) {
        self.log = log
        self.metrics = metrics
    }

    package func record(_ event: ConnectorEvent) {
        metrics.vendorCall(event)
        let level: HostLog.Level =
            switch event.kind {
            case .unanswered, .tokenRefused: .warning
            default: .info
            }
        log.record(
            level, "vendor_call",
            [
                ("connection", event.connection.map { .string($0) }), ("method", event.request.map { .string($0.method.rawValue) }),
                ("host", event.request.map { .string($0.host) }), ("route", event.request.map { .string($0.route) }),
                ("detail", .string(event.description)),
            ])
    }
}

/// Passes the events of the engine on to the host's log.
package struct OutboxLog: EngineLog {
    package let log: HostLog

    /// Creates an ``OutboxLog``.
    package init(log: HostLog) {
        self.log = log
    }

    package func record(_ event: EngineEvent) {
        let level: HostLog.Level =
            switch event.kind {
            case .job: .info
            case .leaseLost: .warning
            default: .error
            }
        log.record(
            level, event.kind.rawValue,
            [
                ("job", event.job.map { .integer(Int($0.rawValue)) }), ("state", event.state.map { .string($0.rawValue) }),
                ("code", event.code.map { .string($0.rawValue) }), ("attempts", event.attempts.map { .integer($0) }),
                ("type", event.errorType.map { .string($0) }),
            ])
    }
}

/// Passes the events of the sync engine on to the host's log.
package struct HostSyncLog: SyncLog {
    package let log: HostLog
    package let metrics: HostMetrics

    /// Creates a ``HostSyncLog``.
    package init(log: HostLog, metrics: HostMetrics) {
        self.log = log
        self.metrics = metrics
    }

    package func record(_ event: SyncEvent) {
        switch event {
        case .runEnded(let connection, let resource, let run):
            metrics.synced(resource, rows: run.rows, code: nil)
            log.record(
                .info, "sync_run_ended",
                [
                    ("connection", .string(connection.rawValue)), ("resource", .string(resource.rawValue)),
                    ("kind", .string(run.kind.rawValue)), ("pages", .integer(run.pages)), ("rows", .integer(run.rows)),
                    ("added", .integer(run.added)), ("changed", .integer(run.changed)), ("missing", .integer(run.missing)),
                    ("unreadable", .integer(run.unreadable)), ("hasGap", .bool(run.hasGap)),
                    ("milliseconds", .integer(Int(run.endedAt.timeIntervalSince(run.startedAt) * 1_000))),
                ])
        case .pageStored: break
        case .runFailed(let connection, let resource, let error):
            metrics.synced(resource, rows: 0, code: error.code)
            log.record(
                .warning, "sync_run_failed",
                [
                    ("connection", .string(connection.rawValue)), ("resource", .string(resource.rawValue)),
                    ("code", .string(error.code.rawValue)), ("correlationID", .string(error.correlationID.rawValue)),
                ])
        case .storeUnreadable(let errorType):
            log.record(.error, "sync_store_unreadable", [("type", .string(errorType))])
        }
    }
}

/// Somewhere text goes.
package protocol TextSink: Sendable {
    /// Writes text as it is.
    func write(_ text: String)

    /// Writes text that is UTF-8 already.
    func write(_ bytes: [UInt8])

    /// Whether the reader has closed the stream.
    var isClosed: Bool { get }

    /// Why the stream takes no more text, unless its reader has closed it; nil while it takes text.
    var failure: SystemReason? { get }

    /// How many texts were dropped because the stream was not read.
    var droppedLines: Int { get }

    /// Waits until everything written so far has reached the stream; false if that took longer.
    func flush(within limit: Duration) async -> Bool
}

extension TextSink {
    /// Writes it as a text.
    package func write(_ bytes: [UInt8]) { write(String(decoding: bytes, as: UTF8.self)) }

    /// A sink that is always read.
    package var isClosed: Bool { false }

    /// A sink that takes all text.
    package var failure: SystemReason? { nil }

    /// A sink that drops nothing.
    package var droppedLines: Int { 0 }

    /// A sink that holds nothing back.
    package func flush(within limit: Duration) async -> Bool { true }
}
