import Testing

@testable import PSACore

@Suite struct PageCursorTests {
    private let id: ConnectorID = ConnectorID("sample")

    @Test(arguments: ["7", "", "a/b", "2024-01-01T00:00:00Z|7", "é"]) func aStoredCursorGivesItsPayloadBack(payload: String) {
        let cursor = PageCursor(rawValue: PageCursor(connector: id, list: "tickets", version: 2, payload: payload).rawValue)
        #expect(cursor.payload(connector: id, list: "tickets", version: 2) == payload)
    }

    @Test func aCursorOfAnotherConnectorListOrVersionIsRefused() {
        let cursor = PageCursor(connector: id, list: "tickets", version: 2, payload: "7")
        #expect(cursor.payload(connector: ConnectorID("other"), list: "tickets", version: 2) == nil)
        #expect(cursor.payload(connector: id, list: "notes", version: 2) == nil)
        #expect(cursor.payload(connector: id, list: "tickets", version: 1) == nil)
        #expect(cursor.payload(connector: id, list: "ticket", version: 2) == nil)
        #expect(PageCursor(rawValue: "").payload(connector: id, list: "tickets", version: 2) == nil)
        #expect(PageCursor(rawValue: "junk").payload(connector: id, list: "tickets", version: 2) == nil)
    }
}
