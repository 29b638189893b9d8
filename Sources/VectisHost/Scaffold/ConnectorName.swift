import PSACore

/// The name of a connector that is to be written, and what follows from it.
struct ConnectorName: Sendable {
    /// The module, and how its folders, types and guide are named: `Syncro`.
    let module: String
    /// The name a host picks it by: `syncro`.
    let id: ConnectorID
    /// The product's name as people know it.
    let displayName: String

    /// Checks a name as it was typed.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid` for one that is malformed or belongs to Swift.
    init(_ typed: String, displayName: String? = nil) throws {
        guard typed.wholeMatch(of: /[A-Z][A-Za-z0-9]{1,39}/) != nil, let id = ConnectorID(typed.lowercased()) else {
            throw PSAError(scaffold: .malformedName(String(typed.prefix(60))))
        }
        guard !ReservedNames.all.contains(typed) else { throw PSAError(scaffold: .reservedName(typed)) }
        let shown = displayName ?? typed
        // It stands in Swift literals, headings and tables, so nothing that means something there.
        guard shown.wholeMatch(of: /[\p{L}\p{N}][\p{L}\p{N} .+&'\-]{0,59}/) != nil, shown.last != " " else {
            throw PSAError(scaffold: .malformedDisplayName(String(shown.prefix(80))))
        }
        module = typed
        self.id = id
        self.displayName = shown
    }

    /// The guide for administrators.
    var guide: String { "Docs/Connect\(module).md" }
    /// The folder of the connector.
    var folder: String { "Plugins/" + module }
    /// The folder of its tests.
    var testFolder: String { "Tests/\(module)Tests" }
    /// Its types, and the modules of it and its tests.
    var declarations: [String] { [module, module + "Connector", module + "Descriptor", module + "Tests"] }
    /// What the core must not say: the name without “PSA” at its end.
    var vendorWord: String { (module.hasSuffix("PSA") ? String(module.dropLast(3)) : module).lowercased() }
}
