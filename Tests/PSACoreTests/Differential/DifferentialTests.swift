import Foundation
import PSATesting
import TestSupport
import Testing

@testable import PSACore

/// Fast code against plain code on the same input; `FUZZ_ROUNDS` and `FUZZ_SEED` choose how many and which.
@Suite("Fast readers and writers agree with plain ones")
struct DifferentialTests {
    private static let rounds = number("FUZZ_ROUNDS").map { max(1, $0) } ?? 20_000
    private static let seed = UInt64(number("FUZZ_SEED") ?? 20_260_101)

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    /// Each round depends on seed and number alone.
    private static func generator(_ round: Int) -> SeededGenerator {
        SeededGenerator(seed: seed &+ UInt64(truncatingIfNeeded: round) &* 0xD134_2543_DE82_EF95)
    }

    private static func name(_ round: Int) -> Comment { "FUZZ_SEED=\(seed), round \(round)" }

    @Test func aTextHasTheSameTreeOrTheSameErrorAtTheSameOffset() async throws {
        var trees = 0
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            var text = RandomJSON.text(&random)
            if Bool.random(using: &random) { text = FuzzedBytes.mutation(of: text, &random) }
            let plain = PlainJSONReader.read(text)
            let fast: Result<JSONValue, JSONSyntaxError>
            do throws(JSONSyntaxError) {
                fast = .success(JSONValue(try JSONDocument(text).root))
            } catch {
                fast = .failure(error)
            }
            try #require(fast == plain, Self.name(round))
            if case .success = plain { trees += 1 }
        }
        #expect(trees * 4 > Self.rounds, "too few texts were JSON to compare their trees")
    }

    @Test func everyBeginningOfATextHasTheSameError() async throws {
        for round in 0..<max(20, Self.rounds / 1_000) {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let text = RandomJSON.text(&random)
            for length in 0..<text.count {
                let beginning = Array(text[..<length])
                var failure: JSONSyntaxError?
                do throws(JSONSyntaxError) { _ = try JSONDocument(beginning) } catch { failure = error }
                var plain: JSONSyntaxError?
                if case .failure(let error) = PlainJSONReader.read(beginning) { plain = error }
                try #require(failure == plain, Self.name(round))
            }
        }
    }

    @Test func membersFoundInOnePassAreThoseFoundOneByOne() async throws {
        let names = RandomJSON.names
        let table = JSONNameTable(names)
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let root = try JSONDocument(RandomJSON.object(&random)).root
            let members = JSONMembers(of: root, table)
            for (slot, name) in names.enumerated() {
                let view = root.member(name)
                try #require(members.view(slot).map(JSONValue.init) == view.map(JSONValue.init), Self.name(round))
                try #require(members.string(slot) == view?.string && members.integer(slot) == view?.integer, Self.name(round))
                try #require(members.bool(slot) == view?.bool, Self.name(round))
                let instant = view?.string.flatMap { GregorianUTC.instant(iso8601: $0) }
                try #require(members.instant(slot) == instant, Self.name(round))
            }
        }
    }

    @Test func wholeNumbersAreReadAsFromTheirText() async throws {
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let digits = Int.random(in: 1...22, using: &random)
            var text = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
            while text.count > 1, text.hasPrefix("0") { text.removeFirst() }
            if Bool.random(using: &random) { text = "-" + text }
            text += ["", "", ".0", ".5", "e2", "E-1"].randomElement(using: &random) ?? ""
            let view = try JSONDocument(Array(text.utf8)).root
            let real = Double(text) ?? 0
            let expected = Int(text) ?? (abs(real) < 9_007_199_254_740_992 ? Int(exactly: real) : nil)
            try #require(view.integer == expected, "\(text)")
        }
    }

    @Test func stringsAreWrittenAsByteByByte() async throws {
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let text = RandomText.any(&random)
            try #require(JSONValue.string(text).encoded == PlainJSONString.encode(text), Self.name(round))
        }
    }

    @Test func datesAreReadAsByCuttingThemAtTheirSeparators() async throws {
        var dates = 0
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            var text = RandomText.date(&random)
            if Bool.random(using: &random) {
                text = String(decoding: FuzzedBytes.mutation(of: Array(text.utf8), &random), as: UTF8.self)
            }
            let date = GregorianUTC.instant(iso8601: text)
            try #require(date == PlainDate.read(text), "\(text)")
            if date != nil { dates += 1 }
        }
        #expect(dates * 4 > Self.rounds, "too few texts were dates")
    }

    @Test func datesAreWrittenAsByFoundation() async throws {
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let near = Double.random(in: -3_000_000_000...5_000_000_000, using: &random)
            let far = Double.random(in: -70_000_000_000...260_000_000_000, using: &random)
            let choices: [Double] = [near, far, near.rounded(), far.rounded()]
            let seconds = choices.randomElement(using: &random) ?? 0
            let date = Date(timeIntervalSince1970: seconds)
            var bytes: [UInt8] = []
            GregorianUTC.append(iso8601: date, to: &bytes)
            try #require(String(decoding: bytes, as: UTF8.self) == date.formatted(.iso8601), "\(seconds)")
        }
    }

    @Test func aTextOnOneLineLosesWhatItsCategoriesSay() async throws {
        let harmful: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let text = RandomText.any(&random)
            let plain = String(
                String.UnicodeScalarView(text.unicodeScalars.map { harmful.contains($0.properties.generalCategory) ? " " : $0 }))
            try #require(text.onOneLine == plain, Self.name(round))
        }
    }

    @Test func idsAreEqualIfTheirTextsAre() throws {
        let texts = ["0", "-0", "00", "7", "07", "+7", "-7", "7.0", "9223372036854775807", "9223372036854775808", "١", "a", "7a"]
        for first in texts {
            for second in texts {
                let (one, other) = (try #require(Ticket.ID(first)), try #require(Ticket.ID(second)))
                #expect((one == other) == (first == second) && one.rawValue == first)
                #expect(one.integer == Int(first))
                if one == other { #expect(one.hashValue == other.hashValue) }
            }
        }
        for number in [0, 1, -1, 9, 10, 99, 1_000, 999_999_999, 1_000_000_000, .max, .min] {
            var bytes: [UInt8] = []
            Ticket.ID(number).append(to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == String(number) && Ticket.ID(number) == Ticket.ID(String(number)))
        }
    }

    @Test func aTicketIsWrittenAsItsTree() async throws {
        for round in 0..<max(1, Self.rounds / 4) {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let ticket = RandomText.ticket(&random)
            var writer = JSONWriter()
            ticket.write(to: &writer)
            try #require(writer.bytes == ticket.json.encoded, Self.name(round))
        }
    }

    @Test func aVendorsRowIsPassedOnAsOneLineWithTheSameValue() async throws {
        var passedOn = 0
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let row = try JSONDocument(Array("[".utf8) + RandomJSON.object(&random) + Array("]".utf8)).root
            let record = NativeRecord(try #require(row.elements.first), fetchedAt: Date(timeIntervalSince1970: 0))
            var writer = JSONWriter()
            writer.value(record)
            try #require(String(validating: writer.bytes, as: UTF8.self) != nil, Self.name(round))
            try #require(!writer.bytes.contains { $0 < 0x20 }, Self.name(round))
            try #require(JSONValue(try JSONDocument(writer.bytes).root) == record.value, Self.name(round))
            if writer.bytes == record.bytes { passedOn += 1 } else { try #require(writer.bytes == record.value.encoded, Self.name(round)) }
        }
        #expect(passedOn > 0)
    }
}

/// Random JSON texts that are correct.
enum RandomJSON {
    static let names = ["id", "summary", "client_id", "client_name", "ä", "a", "b", "tickettype_id", "statustype_id", "x\"y"]

    static func text(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = Int.random(in: 0..<20, using: &random) == 0 ? [0xEF, 0xBB, 0xBF] : []
        value(4, &random, into: &bytes)
        blank(&random, into: &bytes)
        return bytes
    }

    static func object(_ random: inout SeededGenerator) -> [UInt8] {
        var bytes: [UInt8] = []
        let isCompact = Bool.random(using: &random)
        object(2, &random, isCompact, into: &bytes)
        return bytes
    }

    private static func value(_ depth: Int, _ random: inout SeededGenerator, _ isCompact: Bool = false, into bytes: inout [UInt8]) {
        if !isCompact { blank(&random, into: &bytes) }
        switch Int.random(in: 0..<(depth > 0 ? 11 : 8), using: &random) {
        case 0: bytes += Array("null".utf8)
        case 1: bytes += Array((Bool.random(using: &random) ? "true" : "false").utf8)
        case 2: bytes += Array(String(Int.random(in: -100...100, using: &random)).utf8)
        case 3: bytes += Array("\(Double.random(in: -1e9...1e9, using: &random))".utf8)
        case 4:
            bytes += ["0.0", "1e3", "-1.5E-7", "12345678901234567890", "18.0"].randomElement(using: &random).map { Array($0.utf8) } ?? []
        case 5: string(RandomText.date(&random), &random, into: &bytes)
        case 6, 7: string(RandomText.any(&random), &random, into: &bytes)
        case 8:
            bytes.append(UInt8(ascii: "["))
            for index in 0..<Int.random(in: 0...4, using: &random) {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                value(depth - 1, &random, isCompact, into: &bytes)
            }
            if !isCompact { blank(&random, into: &bytes) }
            bytes.append(UInt8(ascii: "]"))
        default: object(depth - 1, &random, isCompact, into: &bytes)
        }
    }

    private static func object(_ depth: Int, _ random: inout SeededGenerator, _ isCompact: Bool, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        for index in 0..<Int.random(in: 0...8, using: &random) {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            if !isCompact { blank(&random, into: &bytes) }
            string(names.randomElement(using: &random) ?? "", &random, into: &bytes)
            bytes.append(UInt8(ascii: ":"))
            value(depth, &random, isCompact, into: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// A string, some of its characters as numbers.
    private static func string(_ text: String, _ random: inout SeededGenerator, into bytes: inout [UInt8]) {
        guard Int.random(in: 0..<6, using: &random) == 0 else {
            bytes += PlainJSONString.encode(text)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for unit in text.utf16 { bytes += Array(String(format: "\\u%04X", unit).utf8) }
        if Bool.random(using: &random) { bytes += Array("\\ud83d".utf8) }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func blank(_ random: inout SeededGenerator, into bytes: inout [UInt8]) {
        guard Int.random(in: 0..<4, using: &random) == 0 else { return }
        bytes.append([0x20, 0x0A, 0x0D, 0x09].randomElement(using: &random) ?? 0x20)
    }
}

/// Random texts, dates and tickets.
enum RandomText {
    private static let parts = [
        "Printer", " ", "a", "ä", "日本", "\u{1F600}", "e\u{301}", "\"", "\\", "\n", "\r\n", "\t", "\u{0}", "\u{1B}[31m", "\u{7F}", "\u{85}",
        "\u{200B}", "\u{202E}", "\u{2028}", "\u{2029}", "\u{FEFF}", "…", "👩‍👩‍👧", "x/y", "{id}", "0123456789abcdef",
    ]

    static func any(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...12, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }.joined()
    }

    static func date(_ random: inout SeededGenerator) -> String {
        func two(_ range: ClosedRange<Int>, _ random: inout SeededGenerator) -> String {
            String(format: "%02d", Int.random(in: range, using: &random))
        }
        let year = String(format: "%04d", Int.random(in: 1...9_999, using: &random))
        var text = "\(year)-\(two(1...12, &random))-\(two(1...29, &random))"
        guard Int.random(in: 0..<8, using: &random) > 0 else { return text }
        text += ["T", " "].randomElement(using: &random) ?? "T"
        text += "\(two(0...24, &random)):\(two(0...59, &random)):\(two(0...60, &random))"
        if Bool.random(using: &random) {
            text += "." + String(String(Int.random(in: 0...9_999_999_999, using: &random)).prefix(Int.random(in: 0...10, using: &random)))
        }
        return text + (["", "Z", "+02:00", "-0730", "+01", "+1:00", "+24:00", "+01:"].randomElement(using: &random) ?? "")
    }

    static func ticket(_ random: inout SeededGenerator) -> Ticket {
        func reference<Entity>(_ random: inout SeededGenerator) -> Reference<Entity>? {
            guard Bool.random(using: &random) else { return nil }
            let id = RecordID<Entity>(any(&random)) ?? RecordID(Int.random(in: -5...2_000_000_000, using: &random))
            return Reference(id, label: Bool.random(using: &random) ? any(&random) : nil)
        }
        func moment(_ random: inout SeededGenerator) -> Date? {
            Bool.random(using: &random) ? Date(timeIntervalSince1970: Double.random(in: -1e10...1e10, using: &random)) : nil
        }
        var ticket = Ticket(
            id: Ticket.ID(Int.random(in: 0...Int.max, using: &random)), number: any(&random), summary: any(&random),
            phase: Ticket.Phase.allCases.randomElement(using: &random) ?? .open,
            native: NativeRecord(bytes: [], fetchedAt: Date(timeIntervalSince1970: 0)))
        ticket.details = Bool.random(using: &random) ? any(&random) : nil
        ticket.company = reference(&random)
        ticket.contact = reference(&random)
        ticket.type = reference(&random)
        ticket.status = reference(&random)
        ticket.priority = reference(&random)
        ticket.assignee = reference(&random)
        ticket.createdAt = moment(&random)
        ticket.updatedAt = moment(&random)
        ticket.lastActivityAt = moment(&random)
        ticket.closedAt = moment(&random)
        ticket.dueAt = moment(&random)
        ticket.externalReference = Bool.random(using: &random) ? any(&random) : nil
        ticket.webAddress = Bool.random(using: &random) ? any(&random) : nil
        if Bool.random(using: &random) { ticket.customFields = [CustomField(id: "1", name: any(&random), value: .string(any(&random)))] }
        if Bool.random(using: &random) { ticket.mergedInto = Ticket.ID(Int.random(in: 1...99, using: &random)) }
        ticket.isDeleted = Bool.random(using: &random)
        return ticket
    }
}
