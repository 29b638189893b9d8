import Foundation
import Synchronization

/// One measured value.
struct Figure: Codable {
    /// The part of the benchmark that measured it.
    var section: String
    /// What was measured; unique in its section.
    var name: String
    var value: Double
    /// The unit as printed, such as `ms` or `events/s`.
    var unit: String

    /// The value with about three digits that matter.
    var text: String {
        let digits = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 1 ? 2 : 3
        return String(format: "%.\(digits)f", value)
    }
}

/// Collects what a run measures, and prints each figure beside the recorded one.
final class Figures: Sendable {
    private let recorded: FigureRecord?
    private let state = Mutex((section: "", figures: [Figure]()))

    /// Compares with a record, if there is one.
    init(comparedWith recorded: FigureRecord?) { self.recorded = recorded }

    /// What was measured so far.
    var all: [Figure] { state.withLock { $0.figures } }

    /// Starts a part of the benchmark and prints its title.
    ///
    /// - Parameters:
    ///   - title: The title, which the record keeps.
    ///   - note: How it is measured, in one line.
    func section(_ title: String, _ note: String) {
        state.withLock { $0.section = title }
        print("\n\(title). \(note)\n")
        fflush(nil)
    }

    /// Notes a figure and prints it with its ratio to the recorded one.
    func add(_ name: String, _ value: Double, _ unit: String) {
        let (figure, ratio) = note(name, value, unit)
        print(Table.row([(name, 56), (figure.text, -10), (" " + unit, 12), (ratio.map { "\($0) of the recorded" } ?? "", 0)]))
        fflush(nil)
    }

    /// Notes a figure without printing it.
    ///
    /// - Returns: The figure, and its ratio to the recorded one as text; nil where none is recorded.
    @discardableResult
    func note(_ name: String, _ value: Double, _ unit: String) -> (figure: Figure, ratio: String?) {
        let figure = state.withLock { state in
            let figure = Figure(section: state.section, name: name, value: value, unit: unit)
            state.figures.append(figure)
            return figure
        }
        let earlier = recorded?.figures.first { $0.section == figure.section && $0.name == name && $0.unit == unit }
        let ratio = earlier.flatMap { $0.value == 0 ? nil : String(format: "%.2f", value / $0.value) }
        return (figure, ratio)
    }
}

/// The figures of an earlier run, as `Docs/Benchmarks.json` has them.
struct FigureRecord: Codable {
    /// The processor, its cores, the memory and the system.
    var machine: String
    /// The day in UTC, such as `2026-01-31`.
    var day: String
    var figures: [Figure]

    private static let data = URL(fileURLWithPath: "Docs/Benchmarks.json")
    private static let document = URL(fileURLWithPath: "Docs/Benchmarks.md")

    /// The record of the package in the current folder; nil if there is none.
    static func load() -> FigureRecord? {
        (try? Data(contentsOf: data)).flatMap { try? JSONDecoder().decode(FigureRecord.self, from: $0) }
    }

    /// Replaces the sections that were measured, and keeps the others if they are of the same machine.
    static func save(_ figures: [Figure]) throws {
        let measured = Set(figures.map(\.section))
        let earlier = load().flatMap { $0.machine == thisMachine ? $0.figures : nil } ?? []
        let record = FigureRecord(
            machine: thisMachine, day: String(Date().formatted(.iso8601).prefix(10)),
            figures: earlier.filter { !measured.contains($0.section) } + figures)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try (try encoder.encode(record) + Data("\n".utf8)).write(to: data)
        try Data(record.markdown.utf8).write(to: document)
    }

    /// The machine this runs on.
    static var thisMachine: String {
        func value(_ key: String, in path: String) -> String? {
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").first { $0.hasPrefix(key) }.map {
                $0.dropFirst(key.count).trimmingCharacters(in: CharacterSet(charactersIn: " \t:=\""))
            }
        }
        let processor = value("model name", in: "/proc/cpuinfo") ?? "unknown processor"
        let memory = value("MemTotal", in: "/proc/meminfo").flatMap { Int($0.prefix { $0.isNumber }) }.map {
            "\(($0 + 524_288) / 1_048_576) GB"
        }
        let system = value("PRETTY_NAME", in: "/etc/os-release") ?? "Linux"
        return [processor, "\(ProcessInfo.processInfo.activeProcessorCount) cores", memory, system].compactMap { $0 }.joined(
            separator: ", ")
    }

    private var markdown: String {
        var lines = [
            "# Benchmarks", "",
            "The figures of the last recorded run of `make bench`. `Docs/Benchmarks.json` has the same figures; each later run prints its",
            "ratio to them. `bench all --record` writes both files. Compare figures of one machine only.", "",
            "- Machine: \(machine)", "- Day: \(day)", "- Release build; CPU is user and system time of the process",
        ]
        var section = ""
        for figure in figures {
            if figure.section != section {
                section = figure.section
                lines += ["", "## \(section)", "", "| Figure | Value | Unit |", "| --- | ---: | --- |"]
            }
            lines.append("| \(figure.name) | \(figure.text) | \(figure.unit) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Text in columns.
enum Table {
    /// Cells padded to their widths; a negative width aligns to the right, and 0 leaves the text as it is.
    static func row(_ cells: [(text: String, width: Int)]) -> String {
        let line = cells.map { text, width in
            let padding = String(repeating: " ", count: max(0, abs(width) - text.count))
            return width < 0 ? padding + text : text + padding
        }.joined()
        return String(line.reversed().drop { $0 == " " }.reversed())
    }
}
