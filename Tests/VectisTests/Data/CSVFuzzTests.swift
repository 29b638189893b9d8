import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing
@testable import VectisCore

/// Random texts through the CSV writer, read back by a plain reader of RFC 4180.
///
/// `FUZZ_ROUNDS` sets how many, `FUZZ_SEED` which ones; each round depends on seed and number alone.
@Suite("Random cells of CSV files", .serialized)
struct CSVFuzzTests {
    private static let rounds = (number("FUZZ_ROUNDS") ?? 50_000) / 5
    private static let seed = UInt64(number("FUZZ_SEED") ?? 20_260_101)

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// What changes the meaning of a cell, and what joins it to one character for Swift.
    private static let scalars: [Unicode.Scalar] = [
        "\"", ",", "\r", "\n", "=", "+", "-", "@", "\t", ";", "'", " ", "a", "1", "\u{301}", "\u{20E3}", "\u{200D}", "\u{FE0F}", "\u{0903}",
        "\u{E0101}", "\u{34F}", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\u{FE66}", "\u{2212}", "\u{1100}", "\u{1161}", "\u{11A8}",
        "\u{FEFF}", "\u{202E}", "\u{2028}", "\u{0}", "\u{7F}", "é", "\u{1F600}", "\u{1F1E9}",
    ]

    @Test func everyCellIsReadBackAndNoneIsAFormula() async throws {
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = SeededGenerator(seed: Self.seed &+ UInt64(round) &* 0xD134_2543_DE82_EF95)
            let texts = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                var text = String.UnicodeScalarView()
                for _ in 0..<Int.random(in: 0...8, using: &random) {
                    text.append(Self.scalars[Int.random(in: 0..<Self.scalars.count, using: &random)])
                }
                return String(text)
            }
            let cells = try #require(Self.read(CSV.line(texts.map { .string($0) })), "round \(round): \(texts)")
            try #require(cells.count == texts.count, "round \(round): \(texts)")
            for (cell, text) in zip(cells, texts) {
                let bytes = Array(text.utf8)
                try #require(cell == bytes || cell == [UInt8(ascii: "'")] + bytes, "round \(round): \(text.debugDescription)")
                try #require(!Self.startsFormula(cell) || Self.isNegativeNumber(cell), "round \(round): \(text.debugDescription)")
            }
        }
    }

    /// The cells of one line, byte by byte; nil if it is not written as RFC 4180 says.
    private static func read(_ line: [UInt8]) -> [[UInt8]]? {
        let quote = UInt8(ascii: "\"")
        var cells: [[UInt8]] = []
        var place = 0
        while true {
            guard place < line.count, line[place] == quote else { return nil }
            place += 1
            var cell: [UInt8] = []
            while place < line.count {
                if line[place] == quote {
                    guard place + 1 < line.count, line[place + 1] == quote else { break }
                    place += 1
                }
                cell.append(line[place])
                place += 1
            }
            cells.append(cell)
            place += 1
            if line[place...].elementsEqual([0x0D, 0x0A]) { return cells }
            guard place < line.count, line[place] == UInt8(ascii: ",") else { return nil }
            place += 1
        }
    }

    /// Whether what a program sees first, once it has normalized the text and skipped what is invisible, is the sign of a formula.
    private static func startsFormula(_ cell: [UInt8]) -> Bool {
        let text = String(decoding: cell, as: UTF8.self).precomposedStringWithCompatibilityMapping
        let first = text.unicodeScalars.first { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .nonspacingMark, .enclosingMark, .spacingMark: false
            default: !scalar.properties.isWhitespace && !scalar.properties.isDefaultIgnorableCodePoint
            }
        }
        return first.map { ["=", "+", "-", "@"].contains($0) } ?? false
    }

    private static func isNegativeNumber(_ cell: [UInt8]) -> Bool {
        cell.first == UInt8(ascii: "-") && cell.count > 1 && cell.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }
}
