import Foundation
import PSACore
import PSATesting
import Testing
import VectisCore

@testable import VectisCLI

@Suite("Rows of a list as lines")
struct RowFormatTests {
    private static let parts = [
        "Printer", " ", "ä", "日本", "e\u{301}", "\n", "\r\n", "\t", "\u{1B}[31m", "\u{202E}", "…", "👩‍👩‍👧", "0123456789",
    ]

    private static func text(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...6, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
    }

    private static func line(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    /// Each cell on one line, padded or cut to its width, two spaces between cells: how the lines were always built.
    private static func plain(_ cells: [String], _ widths: [Int]) -> String {
        zip(cells, widths).enumerated().map { index, pair in
            let text = pair.0.onOneLine
            return index == widths.count - 1 ? text : Columns.pad(text, to: pair.1, cutting: true)
        }.joined(separator: "  ") + "\n"
    }

    @Test func cellsWrittenAsBytesEqualPaddedTexts() throws {
        for round in 0..<5_000 {
            var random = SeededGenerator(seed: UInt64(round))
            let widths = (0..<Int.random(in: 1...6, using: &random)).map { _ in Int.random(in: 0...20, using: &random) }
            let cells = widths.map { _ in Self.text(&random) }
            let format = RowFormat<[String]>(columns: widths.map { ("T", $0) }, cells: { $0 }, json: { _ in .null }, native: { _ in nil })
            var bytes: [UInt8] = []
            format.appendLine(cells, to: &bytes)
            try #require(Self.line(bytes) == Self.plain(cells, widths), "round \(round)")
        }
    }

    @Test(
        "ids and times are padded and cut like their texts",
        arguments: ["7", "12345678", "123456789", "-1", "a1", "in progress", "0000000000000001", "９"])
    func typedCells(id: String) throws {
        let record = try #require(Ticket.ID(id))
        let time = Date(timeIntervalSince1970: 1_800_000_000)
        for width in [0, 4, 8, 20, 30] {
            let format = RowFormat<Ticket.ID>(
                columns: [("ID", width), ("AT", width), ("NONE", width), ("ID", 0)],
                writing: { id, writer in
                    writer.cell(id)
                    writer.cell(time)
                    writer.cell(nil as Date?)
                    writer.cell(id)
                }, json: { $1.value($0) }, native: { _ in nil })
            var bytes: [UInt8] = []
            format.appendLine(record, to: &bytes)
            #expect(Self.line(bytes) == Self.plain([id, "2027-01-15T08:00:00Z", "", id], [width, width, width, 0]))
        }
    }

    @Test func aTicketsLineIsAppendedToWhatIsThere() {
        let native = NativeRecord(bytes: Array(#"{"id": 7}"#.utf8), fetchedAt: Date(timeIntervalSince1970: 0))
        let ticket = Ticket(id: Ticket.ID(7), number: "7", summary: "Printer\non fire", phase: .open, native: native)
        var bytes: [UInt8] = []
        RowFormats.tickets.appendHeader(to: &bytes)
        RowFormats.tickets.appendLine(ticket, to: &bytes)
        RowFormats.tickets.appendJSONLine(ticket, withNative: false, to: &bytes)
        RowFormats.tickets.appendJSONLine(ticket, withNative: true, to: &bytes)
        #expect(
            Self.line(bytes) == """
                ID        PHASE    STATUS  PRIO  CHANGED               COMPANY                     SUMMARY
                7         open                                                                     Printer on fire
                {"id":"7","number":"7","summary":"Printer\\non fire","phase":"open"}
                {"id":"7","number":"7","summary":"Printer\\non fire","phase":"open","native":{"id":7}}

                """)
    }
}
