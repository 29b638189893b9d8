#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// Talks to one RT.
typealias RTClient = VendorClient<RTLocalizedMessage>

extension RTClient {
    /// A client for one connection; RT sets no rate limit of its own.
    init(settings: RTSettings, context: ConnectorContext, timeouts: RequestTimeouts) {
        let rt = VendorDeclaration(
            RequestTrackerConnector.descriptor, origin: settings.serverURL, addressPolicy: settings.policy,
            basePath: settings.webPath + "/REST/2.0", authentication: settings.authentication, rateLimit: nil, rules: RTErrorRules.rules,
            errorParser: RTErrorParser())
        self.init(rt, context: context, timeouts: timeouts)
    }

    /// Whether RT answers: without a token it says 401 with `{"message":"Unauthorized"}`.
    func probe() async throws -> ServerProbe<Bool> {
        try await probe("/rt", about: .restInterface) { response in
            response.status == 401 && (try? JSONDocument(response.body))?.root["message"]?.string != nil ? true : nil
        }
    }

    /// Creates or changes a record and returns what RT says to it.
    func save(
        _ method: TransportMethod, _ route: String, _ pathValues: [String] = [], body: JSONValue, about object: RTLocalizedMessage
    ) async throws -> RTSaved {
        let answer = try await writeAnswer(method, route, pathValues: pathValues, body: body, about: object)
        guard let body = try? JSONDocument(answer.body).root else {
            throw error(.writeOutcomeUnknown, about: object, request: description(of: method, route), evidence: .noRecord)
        }
        return RTSaved(body: body, location: answer.headers["Location"])
    }

    /// One page of a collection.
    func list(_ route: String, pathValues: [String] = [], query: [QueryItem], about object: RTLocalizedMessage) async throws -> RTList {
        guard let list = RTList(try await read(route, pathValues: pathValues, query: query, about: object)) else {
            throw error(.vendorUnexpectedResponse, about: object, evidence: .noCollection)
        }
        return list
    }
}

/// What RT says to a write: a record's id, or a list of sentences.
struct RTSaved {
    let body: JSONView
    /// Where the new record is: `/REST/2.0/transaction/1364`.
    let location: String?

    /// The sentences, such as “Status changed from 'new' to 'open'”; a refusal is one of them too.
    var sentences: [String] { body.elements.compactMap(\.string) }

    /// The id of the new record.
    var id: String? { body["id"]?.text ?? location.flatMap { $0.split(separator: "/").last.map(String.init) } }
}

/// What RT's answers mean where they differ from what the status says.
///
/// RT knows rights, and nothing like a scope; and it tells by the words of a 400 that a right is missing (seen on 5.0.3).
enum RTErrorRules {
    static let rules = [
        ClassificationRule([.read, .write], 403...403, is: .permissionRoleDenied),
        ClassificationRule([.write], 400...400, messageContains: "permission denied", is: .permissionRoleDenied),
        // A comment on a ticket that is not there.
        ClassificationRule([.write], 400...400, messageContains: "message could not be recorded", is: .requestNotFound),
        ClassificationRule([.write], 400...400, messageContains: "status", is: .ticketDefaultInvalid),
        ClassificationRule([.write], 400...400, messageContains: "queue", is: .ticketDefaultInvalid),
    ]
}

/// Reads where RT's redirects lead; what is not REST 2.0 is a page of RT's to it, and it sends callers to its own sign-in.
struct RTErrorParser: VendorErrorParser {
    func interpretation(of failure: FailedResponse<RTLocalizedMessage>) -> ErrorInterpretation? {
        let target = failure.response.headers["Location"]?.lowercased() ?? ""
        guard failure.stage == .discovery, (300...399).contains(failure.response.status), target.contains("/noauth/login") else {
            return nil
        }
        return ErrorInterpretation(code: .urlNotVendor)
    }
}

/// A collection of RT: what a cursor belongs to, and what it is called.
enum RTCollection: String, Sendable, CaseIterable {
    case companies, contacts, agents, tickets, notes
}

/// The page of a collection, by its number.
struct RTPagePosition: Sendable {
    /// The most rows RT gives.
    static let pageSize = 100
    private static let lookahead = 2
    private static let version = 1

    let page: Int

    /// The start, or the place a cursor marks.
    ///
    /// - Throws: ``PSAError`` with `sync.cursor_rejected`.
    init(_ cursor: PageCursor?, of collection: RTCollection, client: RTClient) throws {
        guard let cursor else {
            page = 1
            return
        }
        let payload = cursor.payload(connector: RequestTrackerConnector.descriptor.id, list: collection.rawValue, version: Self.version)
        guard let number = payload.flatMap({ Int($0) }), (2...10_000_000).contains(number) else {
            throw client.error(.syncCursorRejected, about: .rows(collection))
        }
        page = number
    }

    /// The query that asks for this page, in the order in which the rows were made.
    var query: [QueryItem] {
        [QueryItem("page", String(page)), QueryItem("per_page", String(Self.pageSize)), QueryItem("orderby", "id")]
    }

    /// The cursors after this page, the next one first.
    ///
    /// Where RT gives no number of pages, it leaves out rows the user may not see after it has cut the page, so that a short page is not the
    /// last: only an empty one is.
    func following(_ list: RTList, of collection: RTCollection) -> [PageCursor] {
        guard let pages = list.pages else { return list.rows.isEmpty ? [] : [cursor(page + 1, of: collection)] }
        guard page < pages else { return [] }
        return (page + 1...min(pages, page + 1 + Self.lookahead)).map { cursor($0, of: collection) }
    }

    /// The place of a page.
    func cursor(_ page: Int, of collection: RTCollection) -> PageCursor {
        PageCursor(
            connector: RequestTrackerConnector.descriptor.id, list: collection.rawValue, version: Self.version, payload: String(page))
    }
}

extension Page {
    /// Turns rows into records; a row that can't be read is left out and reported.
    init(_ list: RTList, following: [PageCursor], keep: (Element) -> Bool = { _ in true }, make: (JSONView) -> Element?) {
        self.init(RowList(list.rows, total: list.total), following: following, keep: keep, make: make)
    }
}
