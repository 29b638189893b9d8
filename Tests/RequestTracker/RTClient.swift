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
            errorParser: RTErrorParser(),
            lists: ListFormat(pageQuery: [.rows(RTCollection.pageSize), .byID], lookahead: 2, rows: RowList.init(rt:)))
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

    /// The page of a collection that a cursor marks.
    func page(at cursor: PageCursor?, of collection: RTCollection) throws -> PageNumber {
        try pageNumber(at: cursor, of: collection.rawValue, about: .rows(collection))
    }
}

extension QueryItem {
    /// How many rows a page is to have.
    static func rows(_ count: Int) -> QueryItem { QueryItem("per_page", String(count)) }

    /// The order in which the rows were made.
    static let byID = QueryItem("orderby", "id")

    /// A condition on one member, in RT's query language for collections other than tickets.
    static func condition(_ member: String, is value: String) -> QueryItem {
        let filter: JSONValue = [["field": .string(member), "value": .string(value)]]
        return QueryItem("query", filter.encodedText)
    }
}

extension RowList {
    /// The rows of a page of a collection: `{"page":1,"per_page":100,"pages":3,"count":100,"total":260,"items":[…]}`.
    ///
    /// The number of pages is null where RT would have to look at every row's rights, and left out of custom field values. Where it is null, RT
    /// leaves out rows that the user may not see after it has cut the page, so that a short page is not the last: only an empty one is.
    init?(rt root: JSONView) {
        self.init(array: root["items"], total: root["total"]?.integer)
        pages = root["pages"]?.integer
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

    /// The most rows RT gives.
    static let pageSize = 100
}
