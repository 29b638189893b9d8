import PSACore
import WebServer

extension RequestContext {
    /// Words in the language that the request asks for.
    var renderer: TextRenderer { TextRenderer(Language(accepting: request.headers.values(of: "Accept-Language"))) }

    /// Refuses fields of the query that nobody reads: a misspelt filter would answer with everything.
    ///
    /// - Throws: ``APIError``.
    func allowQuery(_ known: [String]) throws {
        var seen: Set<String> = []
        let problems = request.query.compactMap { field -> BodyError? in
            guard known.contains(field.name) else {
                return BodyError(field.name, .unknown(nearest: NearestName.of(field.name, in: known)))
            }
            return seen.insert(field.name).inserted ? nil : BodyError(field.name, .twice)
        }
        guard problems.isEmpty else { throw APIError(problems) }
    }

    /// Who is signed in.
    ///
    /// - Throws: ``WebError`` if nobody is, which the route's access has ruled out.
    func requireVisitor() throws -> SignedInUser {
        guard let user else { throw WebError(.signInNeeded, "Sign in first.") }
        return user
    }
}

extension Language {
    /// The language of `Accept-Language` that its sender likes best among those there are, or English.
    init(accepting fields: [String]) {
        let ranges = fields.joined(separator: ",").split(separator: ",").prefix(20).map { range -> (language: Language?, weight: Double) in
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            let name = parts.first?.prefix { $0 != "-" }.lowercased() ?? ""
            return (name == "*" ? .english : Language(rawValue: name), weight)
        }
        // The first of those with the same weight.
        let best = ranges.filter { $0.weight > 0 && $0.language != nil }.enumerated().max { left, right in
            (left.element.weight, -left.offset) < (right.element.weight, -right.offset)
        }
        self = best?.element.language ?? .english
    }
}
