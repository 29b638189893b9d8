package import PSACore
package import PSAEngine
import Synchronization
import VectisRules

/// What the host counts about itself, in Prometheus' text format.
///
/// Labels come from closed sets: route patterns, statuses, codes and connector names, never what a person typed.
package final class HostMetrics: Sendable {
    private struct Series: Hashable {
        let name: String
        let labels: String
    }

    private struct Histogram {
        var buckets = [Int](repeating: 0, count: HostMetrics.bounds.count)
        var count = 0
        var sum = 0.0
    }

    private struct State {
        var counters: [Series: Int] = [:]
        var durations: [Series: Histogram] = [:]
    }

    private static let bounds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    private static let help = [
        "vectis_change_messages_total": "Messages of PSAs about changes, by outcome.",
        "vectis_events_total": "Events that were sent, by outcome: accepted, repeat, or refused for other content.",
        "vectis_http_requests_total": "Requests answered, by route and status.",
        "vectis_http_request_seconds": "Time from a complete request to its answer, by route.",
        "vectis_log_dropped_total": "Lines of the log that were dropped because it was not read.",
        "vectis_retention_removed_total": "Rows that retention removed, by kind.",
        "vectis_sync_rows_total": "Rows that were read for the local copies, by resource.",
        "vectis_sync_runs_total": "Runs of the local copies that ended or failed, by resource and error code.",
        "vectis_vendor_calls_total": "Requests to PSAs, by status, or by the reason why there was no answer.",
        "vectis_connection_tests_total": "Connection tests, by connector and error code.",
        "vectis_connection_test_seconds": "Duration of connection tests, by connector.",
    ]

    private let state = Mutex(State())
    private let droppedLogLines: @Sendable () -> Int

    /// Creates a ``HostMetrics``.
    ///
    /// - Parameter droppedLogLines: How many lines of the log were dropped.
    package init(droppedLogLines: @escaping @Sendable () -> Int = { 0 }) { self.droppedLogLines = droppedLogLines }

    /// Counts an answered request.
    package func answered(_ route: String, status: Int, seconds: Double) {
        count("vectis_http_requests_total", [("route", route), ("status", String(status))])
        observe("vectis_http_request_seconds", [("route", route)], seconds)
    }

    /// Counts an event that a program sent.
    package func event(_ result: EventResult) { count("vectis_events_total", [("result", result.rawValue)]) }

    /// Counts a message of a vendor about a change.
    package func hook(_ outcome: ChangeHookService.Outcome) { count("vectis_change_messages_total", [("result", outcome.rawValue)]) }

    /// Counts a connection test.
    package func tested(_ connector: ConnectorID, code: ErrorCode?, seconds: Double) {
        count("vectis_connection_tests_total", [("connector", connector.rawValue), ("code", code?.rawValue ?? "none")])
        observe("vectis_connection_test_seconds", [("connector", connector.rawValue)], seconds)
    }

    /// Counts a run of a resource that ended or failed, and its rows.
    package func synced(_ resource: SyncResource, rows: Int, code: ErrorCode?) {
        count("vectis_sync_runs_total", [("resource", resource.rawValue), ("code", code?.rawValue ?? "none")])
        if rows > 0 { count("vectis_sync_rows_total", [("resource", resource.rawValue)], by: rows) }
    }

    /// Counts what retention removed.
    package func removed(_ kind: String, rows: Int) { count("vectis_retention_removed_total", [("kind", kind)], by: rows) }

    /// Counts a request to a PSA.
    package func vendorCall(_ event: ConnectorEvent) {
        switch event.kind {
        case .answered(_, let status, _, _): count("vectis_vendor_calls_total", [("result", String(status))])
        case .unanswered(_, let kind, _): count("vectis_vendor_calls_total", [("result", kind.rawValue)])
        default: break
        }
    }

    private func count(_ name: String, _ labels: [(String, String)], by amount: Int = 1) {
        state.withLock { $0.counters[Series(name: name, labels: Self.text(labels)), default: 0] += amount }
    }

    private func observe(_ name: String, _ labels: [(String, String)], _ seconds: Double) {
        state.withLock { state in
            var histogram = state.durations[Series(name: name, labels: Self.text(labels))] ?? Histogram()
            histogram.count += 1
            histogram.sum += seconds
            for (index, bound) in Self.bounds.enumerated() where seconds <= bound { histogram.buckets[index] += 1 }
            state.durations[Series(name: name, labels: Self.text(labels))] = histogram
        }
    }

    private static func text(_ labels: [(String, String)]) -> String {
        labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
    }

    /// The value of a label as the text format wants it; byte by byte, because a combining character makes one character of a quote and itself.
    package static func escaped(_ value: String) -> String {
        let isPlain = value.utf8.allSatisfy { $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\n") }
        guard !isPlain else { return value }
        var bytes: [UInt8] = []
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): bytes += "\\\\".utf8
            case UInt8(ascii: "\""): bytes += "\\\"".utf8
            case UInt8(ascii: "\n"): bytes += "\\n".utf8
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Everything counted so far.
    package var text: String {
        let (kept, durations) = state.withLock { ($0.counters, $0.durations) }
        var counters = kept
        counters[Series(name: "vectis_log_dropped_total", labels: "")] = droppedLogLines()
        var lines: [String] = []
        for (name, help) in Self.help.sorted(by: { $0.key < $1.key }) {
            let isDuration = name.hasSuffix("_seconds")
            lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(isDuration ? "histogram" : "counter")"]
            for (series, value) in counters.filter({ $0.key.name == name }).sorted(by: { $0.key.labels < $1.key.labels }) {
                lines.append("\(name){\(series.labels)} \(value)")
            }
            for (series, histogram) in durations.filter({ $0.key.name == name }).sorted(by: { $0.key.labels < $1.key.labels }) {
                for (bound, count) in zip(Self.bounds, histogram.buckets) {
                    lines.append("\(name)_bucket{\(series.labels),le=\"\(bound)\"} \(count)")
                }
                lines.append("\(name)_bucket{\(series.labels),le=\"+Inf\"} \(histogram.count)")
                lines.append("\(name)_sum{\(series.labels)} \(histogram.sum)")
                lines.append("\(name)_count{\(series.labels)} \(histogram.count)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension HostMetrics {
    /// The outcome of an event.
    package enum EventResult: String, Sendable {
        case accepted
        case repeated = "repeat"
        case otherContent = "other_content"
    }
}
