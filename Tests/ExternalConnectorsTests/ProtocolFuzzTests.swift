import Foundation
import PSACore
import PSATesting
import TestSupport
import Testing
@testable import ExternalConnectors

/// Damaged lines of a connector program through everything that reads them: a message or a reason, never a crash.
///
/// `FUZZ_ROUNDS` sets how many, `FUZZ_SEED` which ones; each round depends on seed and number alone.
@Suite("Damaged lines of a program", .serialized)
struct ProtocolFuzzTests {
    private static let rounds = number("FUZZ_ROUNDS") ?? 50_000
    private static let seed = UInt64(number("FUZZ_SEED") ?? 20_260_101)

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    private static func generator(_ round: Int) -> SeededGenerator {
        SeededGenerator(seed: seed &+ UInt64(round) &* 0xD134_2543_DE82_EF95)
    }

    private static let samples = [
        #"{"type":"hello","contract":1}"#, #"{"type":"result","id":7,"value":{"rows":[{"id":"1","name":"A"}],"next":"2"}}"#,
        #"{"type":"error","id":7,"error":{"code":"auth.token_rejected","vendor":{"status":401,"message":"no"}}}"#,
        #"{"type":"progress","call":7,"check":{"title":"Companies","outcome":"passed"}}"#,
        #"{"type":"request","call":7,"id":"r1","method":"GET","url":"https://a.example.com/x?y=1","route":"/x","headers":{"A":"b"}}"#,
        #"{"type":"log","level":"info","text":"caf\u00e9 \ud83d\ude00"}"#,
    ].map { Array($0.utf8) }

    @Test func aLineIsAMessageOrHasAReason() async throws {
        var (messages, mismatches) = (0, 0)
        for round in 0..<Self.rounds {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let sample = Self.samples[Int.random(in: 0..<Self.samples.count, using: &random)]
            let line = round % 16 == 0 ? FuzzedBytes.noise(&random) : FuzzedBytes.mutation(of: sample, &random)
            do throws(WireMismatch) {
                _ = try IncomingMessage(line)
                messages += 1
            } catch {
                try #require(!"\(error)".isEmpty, "round \(round)")
                mismatches += 1
            }
        }
        #expect(messages * 20 > Self.rounds && mismatches * 20 > Self.rounds, "\(messages) messages, \(mismatches) mismatches")
    }

    @Test func linesAreTheSameHoweverTheirBytesArrive() async throws {
        let limit = 40
        for round in 0..<Self.rounds / 10 {
            await letOtherTasksRun(in: round)
            var random = Self.generator(round)
            let bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                [UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "a"), 0xC3, 0xA9][Int.random(in: 0..<5, using: &random)]
            }
            // The plain way: split at line ends, drop one CR, leave out empty lines, stop at the first that is too long.
            var expected: [[UInt8]] = []
            var parts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
            let tail = parts.removeLast()
            var isTooLong = false
            for part in parts {
                if part.count > limit {
                    isTooLong = true
                    break
                }
                let line = part.last == UInt8(ascii: "\r") ? part.dropLast() : part
                if !line.isEmpty { expected.append(Array(line)) }
            }
            isTooLong = isTooLong || tail.count > limit
            var splitter = LineSplitter(limit: limit)
            var lines: [[UInt8]] = []
            var rest = bytes[...]
            var threw = false
            do {
                while !rest.isEmpty {
                    let count = Int.random(in: 1...max(1, min(rest.count, 30)), using: &random)
                    try splitter.lines(rest.prefix(count)) { lines.append($0) }
                    rest = rest.dropFirst(count)
                }
            } catch is LineSplitter.LineTooLong {
                threw = true
            }
            try #require(lines == expected && threw == isTooLong, "round \(round): \(bytes)")
        }
    }
}
