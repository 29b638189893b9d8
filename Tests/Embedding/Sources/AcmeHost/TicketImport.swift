import Foundation
import PSACore

/// Reads all tickets of a PSA into a file, over as many starts of the program as it takes.
struct TicketImport: Codable {
    /// Where reading goes on: the cursor of the page after the last stored one.
    private(set) var next: PageCursor?
    private(set) var summaries: [String] = []
    private(set) var isComplete = false

    /// Goes on where the last start ended.
    static func load(_ file: URL) throws -> TicketImport {
        guard let data = try? Data(contentsOf: file) else { return TicketImport() }
        return try JSONDecoder().decode(TicketImport.self, from: data)
    }

    /// Reads at most so many pages; rows and cursor are stored together after each.
    mutating func run(_ session: ConnectorSession, pages limit: Int, into file: URL) async throws {
        guard !isComplete else { return }
        var count = 0
        for try await page in session.tickets(startingAt: next).pages {
            summaries += page.rows.map(\.summary)
            next = page.next
            isComplete = page.next == nil
            try JSONEncoder().encode(self).write(to: file, options: .atomic)
            count += 1
            if count == limit { return }
        }
    }
}
