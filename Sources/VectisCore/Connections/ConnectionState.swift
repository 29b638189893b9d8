package import FoundationEssentials
package import PSACore
package import PSAEngine

/// The state of a connection, derived from its open issues and its last test; pages, the API and messages show no other.
package struct ConnectionState: Sendable, Equatable {
    /// What a connection can be.
    package enum Kind: String, Sendable, CaseIterable {
        /// It works.
        case connected
        /// It works, and something is wrong beside it.
        case limited
        /// It was saved, and nothing is known of it.
        case untested
        /// Nothing can be read or written through it until a person acts or the PSA answers again.
        case needsAttention = "needs_attention"
    }

    package let kind: Kind
    /// Since when, as far as it is known.
    package let since: Date
    /// The error that makes it so; nil for none.
    package let code: ErrorCode?

    /// Creates a ``ConnectionState``.
    package init(kind: Kind, since: Date, code: ErrorCode? = nil) {
        self.kind = kind
        self.since = since
        self.code = code
    }

    /// Derives the state.
    ///
    /// An open issue that stops the connection makes it need attention, whatever the last test has found. A failed test counts until its issue
    /// is resolved, by a ticket that went through for instance.
    ///
    /// - Parameters:
    ///   - status: The result of the last test of these settings; nil if they were never tested.
    ///   - issues: The issues of the connection, resolved ones among them.
    ///   - savedAt: When its settings last changed.
    package init(status: ConnectionStatus?, issues: [ConnectionIssue], savedAt: Date) {
        let open = issues.filter { $0.resolvedAt == nil }
        let stopping = open.filter { $0.code.stopsConnection }
        let resolvedAt = issues.filter { $0.code.stopsConnection }.compactMap(\.resolvedAt).max()
        if let latest = stopping.max(by: { $0.lastSeenAt < $1.lastSeenAt }) {
            self.init(kind: .needsAttention, since: stopping.map(\.firstSeenAt).min() ?? latest.firstSeenAt, code: latest.code)
            return
        }
        let failed = status.flatMap { $0.outcome == .needsAttention ? $0 : nil }
        if let failed {
            let issue = issues.first { $0.code == failed.code }
            let isOver = issue?.resolvedAt.map { $0 >= failed.checkedAt } ?? false
            if !isOver {
                let since = issue.flatMap { $0.resolvedAt == nil ? $0.firstSeenAt : nil } ?? failed.checkedAt
                self.init(kind: .needsAttention, since: since, code: failed.code)
                return
            }
        }
        if let latest = open.max(by: { $0.lastSeenAt < $1.lastSeenAt }) {
            self.init(kind: .limited, since: open.map(\.firstSeenAt).min() ?? latest.firstSeenAt, code: latest.code)
        } else if let status, status.outcome == .limited {
            self.init(kind: .limited, since: max(savedAt, resolvedAt ?? savedAt), code: status.code)
        } else if status == nil {
            self.init(kind: .untested, since: savedAt)
        } else {
            self.init(kind: .connected, since: max(savedAt, resolvedAt ?? savedAt))
        }
    }

    /// Derives the state of a stored connection.
    ///
    /// - Parameters:
    ///   - connection: The connection.
    ///   - issues: The issues of this connection, and of others, which don't count.
    package init(_ connection: StoredConnection, _ issues: [ConnectionIssue]) {
        self.init(
            status: connection.status, issues: issues.filter { $0.connection == connection.id }, savedAt: connection.changedAt)
    }
}

extension ErrorCode {
    /// Whether nothing goes through a connection while it has an open issue of this code.
    package var stopsConnection: Bool {
        switch FailureScope(self) {
        case .credentials: true
        // Beyond a rate limit requests wait.
        case .connection: area != .rate
        case .job, .source: false
        }
    }
}

extension ConnectionIssue {
    /// The guidance as it is stored: that of the last occurrence, or what holds for the code where none was stored.
    ///
    /// - Parameter descriptor: The connector; nil if it is missing.
    /// - Returns: Problem JSON, with its words in other languages as ``PSAEngine/TranslatedJSON`` reads them.
    package func guidance(_ descriptor: ConnectorDescriptor?) -> String {
        let error = PSAError(code, catalogue: descriptor?.guidance ?? .shared)
        if let problem { return Self.translated(problem, error) }
        let stored = error.storedProblem
        guard let root = (try? JSONDocument(Array(stored.utf8)))?.root else { return stored }
        // Nothing occurred that the id could be looked up for.
        return JSONValue(root).without("correlationID").encodedText
    }

    /// Guidance that was stored in English alone, with the words that follow from its code in every other language beside it.
    ///
    /// Earlier versions stored no translations. What was seen and said then was not kept in other languages, and stays in English.
    private static func translated(_ problem: String, _ error: PSAError) -> String {
        guard let root = (try? JSONDocument(Array(problem.utf8)))?.root, root.isObject, root[TranslatedJSON.member] == nil else {
            return problem
        }
        let english = JSONValue(root)
        let causes = root["causes"]?.elements ?? []
        return TranslatedJSON(members: ["title", "causes", "steps"]) { renderer in
            guard renderer.language != .english else { return english }
            let guidance = error.guidance(in: renderer)
            var steps: [String] = []
            let translated = causes.map { stored in
                guard let own = guidance.causes.first(where: { $0.id.rawValue == stored["id"]?.string }) else {
                    steps += stored["steps"]?.elements.compactMap(\.string) ?? []
                    return JSONValue(stored)
                }
                let isNew = { [steps] (step: String) in !steps.contains(step) }
                steps += own.steps.filter(isNew)
                return JSONValue(stored).without("text").without("steps")
                    .adding(("text", .string(own.text)), ("steps", .array(own.steps.map(JSONValue.string))))
            }
            return [
                "title": .string(guidance.title), "causes": .array(translated),
                "steps": .array((causes.isEmpty ? guidance.everyStep : steps).map(JSONValue.string)),
            ]
        }.text(upTo: .max)
    }
}

extension JSONValue {
    /// An object without one of its members.
    package func without(_ name: String) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members.filter { $0.name != name })
    }
}
