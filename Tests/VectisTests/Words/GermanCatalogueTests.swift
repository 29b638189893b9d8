import Foundation
import Glibc
import TestSupport
import Testing
@testable import VectisWeb

/// The catalogue has no message that no page asks for any more.
@Suite("The catalogue of German messages")
struct GermanCatalogueTests {
    /// The text of the sources, each as one line: literals that are concatenated or continued are joined.
    private static let sources: [[CChar]] = ["Sources", "Plugins"].flatMap { RepositoryFile.paths(under: $0, endingIn: ".swift") }
        .compactMap { path in try? RepositoryFile(path).text }
        .map { text in
            let line = text.replacing(/\\\n/, with: "").replacing("\\\"", with: "\"").replacing(/"\s*\+\s*"/, with: "")
                .replacing("&amp;", with: "&").replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing(/\s+/, with: " ")
            return Array(line.utf8CString)
        }

    /// The fixed parts of a message: without values and tags, and without what a value may have become, numbers and quotations.
    private static func parts(of message: String) -> [String] {
        message.split(separator: /\{[^}]*\}|<[^>]*>|“[^”]*”|\d+(?:-\d+)*/).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { $0.contains { $0.isASCII && $0.isLetter } }
    }

    private static func isUsed(_ message: String) -> Bool {
        let parts = parts(of: message).map { Array($0.utf8CString) }
        return sources.contains { source in parts.allSatisfy { part in strstr(source, part) != nil } }
    }

    @Test func eachMessageIsInASource() {
        let unused = Catalogue.german.messages.keys.filter { !Self.isUsed($0) }.sorted()
        #expect(unused.isEmpty, "no source has these words of german.txt: \(unused.joined(separator: "\n"))")
    }

    @Test(
        arguments: [
            ("Choose a ticket type first", true), ("{0} jobs are", true), ("Enter a whole number from 1 to 720.", true),
            ("No page has these words", false), ("{0} jobs swim", false), ("A token opens nothing else.", false),
        ])
    func aMessageThatNoSourceHasIsFound(message: String, isUsed: Bool) { #expect(Self.isUsed(message) == isUsed) }

    @Test func theLinesAreSortedAndEachIsThereOnce() {
        let lines = EmbeddedFile.germanTXT.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let keys = lines.compactMap { line in line.firstRange(of: " | ").map { Array(line[..<$0.lowerBound].utf8) } }
        #expect(keys.count == lines.count)
        for (key, next) in zip(keys, keys.dropFirst()) {
            #expect(key.lexicographicallyPrecedes(next), "\(String(decoding: next, as: UTF8.self))")
        }
    }
}
