import Foundation
import PSACore
import TestSupport
import Testing

@testable import VectisCore

@Suite("Cells of CSV files")
struct CSVTests {
    private func cell(_ text: String) -> [UInt8] { Array(CSV.line([.string(text)]).dropLast(2)) }

    @Test(arguments: CombiningSamples.scalars) func aQuoteBeforeACombiningCharacterIsDoubled(sample: Unicode.Scalar) {
        let text = "x\",=1+1 \"" + String(sample) + "y"
        let bytes = cell(text)
        // Between the outer quotes each quote byte has a twin, whatever characters the bytes form.
        var rest = bytes.dropFirst().dropLast()
        var restored: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { #expect(rest.popFirst() == byte) }
            restored.append(byte)
        }
        #expect(restored == Array(text.utf8))
        #expect(bytes.first == UInt8(ascii: "\"") && bytes.last == UInt8(ascii: "\""))
    }

    @Test(arguments: CombiningSamples.scalars) func aSignBeforeOrAfterACombiningCharacterIsNoFormula(sample: Unicode.Scalar) {
        for sign in ["=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}"] {
            #expect(cell(sign + String(sample) + "1").starts(with: Array("\"'".utf8)))
            // Behind a letter a sign is text; behind a mark, a joiner or a line end it may be the first that a spreadsheet sees.
            guard ![.otherLetter, .modifierSymbol].contains(sample.properties.generalCategory) else { continue }
            #expect(cell(String(sample) + sign + "1").starts(with: Array("\"'".utf8)))
        }
    }

    @Test(
        "a text that begins a formula gets an apostrophe",
        arguments: [
            "=1", "+1", "-1+1", "-", "--1", "-1234567890123456789", "@a", "\t=1", "\r=1", "\nx", " =1", "\u{A0}=1", "\u{FEFF}=1",
            "\u{200B}=1", "＝1", "＋1", "－1", "＠a", "﹦1",
            "﹢1",
            "﹣1", "﹫a", "−1", "⁺1", "₌1", "﬩1",
        ])
    func formulas(text: String) {
        #expect(cell(text) == Array("\"'\(text)\"".utf8))
    }

    @Test(
        "other texts stay as they are",
        arguments: ["", "Acme", "1+1", "'quoted'", "# comment", "äöü \u{202E}x", " x", "1-2", "💥", "\u{301}a", "-240", "-0"])
    func others(text: String) {
        #expect(cell(text) == Array("\"\(text)\"".utf8))
    }

    @Test func numbersAreNoFormulasAndValuesWithoutTextHaveTheirForms() {
        let line = CSV.line([.integer(-5), .double(-2.5), .bool(true), nil, .null, ["a": 1], ["x\"", 2]])
        #expect(String(decoding: line, as: UTF8.self) == #""-5","-2.5","true","","","{""a"":1}","[""x\"""",2]""# + "\r\n")
    }
}
