import FoundationEssentials
import PSACore
import PSAEngine
import Synchronization
import VectisCore
import VectisRules

/// Shows the progress of a sync: a line per resource, redrawn on a terminal, otherwise appended; or a JSON object per line.
final class SyncProgressPrinter: SyncLog {
    private struct Line {
        var rows = 0
        var total: Int?
        /// The rows and the time when this process began to read the list.
        var firstRows = 0
        var firstAt: MonotonicInstant
        var shownAt: MonotonicInstant?
        var text = ""
    }

    private struct State {
        var order: [SyncResource] = []
        var lines: [SyncResource: Line] = [:]
        var failures: [SyncResource: PSAError] = [:]
        var drawnLines = 0
        var drawnAt: MonotonicInstant?
    }

    private let console: Console
    private let time: TimeSource
    private let renderer: TextRenderer
    private let writesJSON: Bool
    private let state = Mutex(State())

    private static let redrawInterval = Duration.milliseconds(200)
    private static let lineInterval = Duration.seconds(2)

    init(console: Console, time: TimeSource, renderer: TextRenderer, writesJSON: Bool) {
        self.console = console
        self.time = time
        self.renderer = renderer
        self.writesJSON = writesJSON
    }

    /// Why the latest run of a resource failed in this process.
    func failure(of resource: SyncResource) -> PSAError? { state.withLock { $0.failures[resource] } }

    func record(_ event: SyncEvent) {
        switch event {
        case .pageStored(_, let resource, let run): show(run, of: resource)
        case .runEnded(_, let resource, let run): end(resource, run)
        case .runFailed(_, let resource, let error): fail(resource, error)
        case .storeUnreadable(let errorType): console.message("The local copy could not be read or written (\(errorType)); trying again.")
        }
    }

    /// Leaves what was drawn on the terminal as it is.
    func finish() {
        state.withLock { state in
            redraw(&state, always: true)
            state.drawnLines = 0
        }
    }

    private func show(_ run: SyncRun, of resource: SyncResource) {
        state.withLock { state in
            let now = time.instant()
            if state.lines[resource] == nil { state.order.append(resource) }
            var line = state.lines[resource] ?? Line(firstAt: now)
            // The first page of another run begins the count again; the rate is that of this process.
            if state.lines[resource] == nil || run.rows < line.rows {
                line = Line(firstRows: run.pages <= 1 ? 0 : run.rows, firstAt: run.pages <= 1 ? line.firstAt : now)
            }
            (line.rows, line.total) = (run.rows, run.total)
            let speed = Speed(line, now)
            line.text = "\(Columns.pad(resource.rawValue, to: 18)) \(Self.count(run))\(speed.text)"
            // A list that is read at once needs no line but its last; programs get one for each list.
            let isDue = now - (line.shownAt ?? line.firstAt) >= Self.lineInterval || writesJSON && line.shownAt == nil
            if writesJSON, isDue {
                line.shownAt = now
                console.line(
                    JSONValue(present: [
                        ("type", "progress"), ("resource", .string(resource.rawValue)), ("rows", .integer(run.rows)),
                        ("total", run.total.map { .integer($0) }), ("rowsPerSecond", speed.rate.map { .integer(Int($0)) }),
                        ("secondsLeft", speed.secondsLeft.map { .integer($0) }),
                    ]).encodedText)
            } else if !writesJSON, !console.messagesAreTerminal, isDue {
                line.shownAt = now
                console.message(line.text)
            }
            state.lines[resource] = line
            redraw(&state)
        }
    }

    private func end(_ resource: SyncResource, _ run: SyncRunSummary) {
        let seconds = max(0, run.endedAt.timeIntervalSince(run.startedAt))
        let text =
            "\(Columns.pad(resource.rawValue, to: 18)) \(ResourceName.counted(run.rows, "rows")), \(run.added) new, \(run.changed) changed, \(Self.text(seconds))"
        finish(resource, text) {
            JSONValue(present: [
                ("type", "ended"), ("resource", .string(resource.rawValue)), ("kind", .string(run.kind.rawValue)),
                ("pages", .integer(run.pages)), ("rows", .integer(run.rows)), ("added", .integer(run.added)),
                ("changed", .integer(run.changed)), ("missing", .integer(run.missing)), ("unreadable", .integer(run.unreadable)),
                ("hasGap", .bool(run.hasGap)), ("seconds", .double((seconds * 10).rounded() / 10)),
            ])
        }
        state.withLock { $0.failures[resource] = nil }
    }

    private func fail(_ resource: SyncResource, _ error: PSAError) {
        state.withLock { $0.failures[resource] = error }
        finish(resource, "\(Columns.pad(resource.rawValue, to: 18)) failed: \(error.code.rawValue)") {
            ["type": "failed", "resource": .string(resource.rawValue), "problem": error.problem(in: renderer)]
        }
    }

    private func finish(_ resource: SyncResource, _ text: String, _ json: () -> JSONValue) {
        if writesJSON { return console.line(json().encodedText) }
        state.withLock { state in
            if state.lines[resource] == nil { state.order.append(resource) }
            var line = state.lines[resource] ?? Line(firstAt: time.instant())
            line.text = text
            state.lines[resource] = line
            if console.messagesAreTerminal { redraw(&state, always: true) } else { console.message(text) }
        }
    }

    private func redraw(_ state: inout State, always: Bool = false) {
        guard console.messagesAreTerminal, !writesJSON, !state.order.isEmpty else { return }
        let now = time.instant()
        guard always || state.drawnAt.map({ now - $0 >= Self.redrawInterval }) ?? true else { return }
        let up = state.drawnLines > 0 ? "\u{1B}[\(state.drawnLines)A" : ""
        // A line that wraps would take two, and the next drawing would begin too low.
        let texts = state.order.compactMap { state.lines[$0]?.text }.map(console.cutToWidth)
        console.messages.write(up + texts.map { "\r\u{1B}[K\($0)\n" }.joined())
        (state.drawnLines, state.drawnAt) = (texts.count, now)
    }

    private static func count(_ run: SyncRun) -> String {
        let share = run.total.flatMap { $0 > 0 ? min(100, run.rows * 100 / $0) : nil }
        return "\(run.rows)\(run.total.map { " of \($0)" } ?? "")\(share.map { " (\($0) %)" } ?? "")"
    }

    /// The most seconds that are shown, a hundred years.
    fileprivate static let maxSeconds: Double = 3_155_760_000

    fileprivate static func text(_ seconds: Double) -> String {
        let whole = Int(min(seconds, maxSeconds).rounded())
        return whole < 60
            ? "\(whole) s" : whole < 3_600 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3_600) h \(whole % 3_600 / 60) min"
    }

    /// How fast rows come, and how long the rest takes.
    private struct Speed {
        var rate: Double?
        var secondsLeft: Int?

        init(_ line: Line, _ now: MonotonicInstant) {
            let seconds = (now - line.firstAt).seconds
            let rows = line.rows - line.firstRows
            guard seconds >= 1, rows > 0 else { return }
            let rate = Double(rows) / seconds
            self.rate = rate
            if let total = line.total, total > line.rows {
                // A vendor may count more rows than there can be.
                secondsLeft = Int(min(Double(total - line.rows) / rate, SyncProgressPrinter.maxSeconds))
            }
        }

        var text: String {
            (rate.map { ", \(Int($0)) rows/s" } ?? "")
                + (secondsLeft.map { ", \(SyncProgressPrinter.text(Double($0))) left" } ?? "")
        }
    }
}
