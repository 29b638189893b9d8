public import PSACore

/// The part of a connector's work a rule is about.
@nonexhaustive
public enum ConformanceArea: String, Sendable, CaseIterable {
    case declaration, configuration, connection, reading, paging, writing, failures, retries, tokens, cancellation, secrecy, bounds
}

/// What a rule needs beside the connector itself; where it is missing, the rule is not run and says so.
@nonexhaustive
public enum ConformanceNeed: Sendable, Hashable {
    /// A connector that connects: the rule says nothing about a placeholder.
    case connection
    /// A list that can be read.
    case list
    /// One ability.
    case capability(Capability)
    /// A connector that fetches access tokens.
    case accessToken
    /// Leave to create tickets at the tenant.
    case writing
    /// The headings of the connector's guide.
    case guide

    /// Why a rule is not run for a subject; nil if it is.
    func lack(in subject: ConformanceSubject) -> String? {
        let descriptor = subject.entry.descriptor
        switch self {
        case .connection: return descriptor.tier == .placeholder ? "A placeholder connects to nothing." : nil
        case .list:
            return ReadableList.all.contains { descriptor.capabilities.contains($0.capability) } ? nil : "The connector reads no list."
        case .capability(let capability):
            return descriptor.capabilities.contains(capability) ? nil : "The connector does not \(capability.label)."
        case .accessToken:
            return subject.profile.authentication == .accessToken ? nil : "The connector sends its credentials with every request."
        case .writing: return subject.mayWrite ? nil : "Creating tickets was not allowed in this run."
        case .guide: return subject.guideHeadings == nil ? "The guide was not at hand." : nil
        }
    }
}
