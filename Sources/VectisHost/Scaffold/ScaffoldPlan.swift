import PSACore

/// What writing a connector changes, worked out before anything is written.
struct ScaffoldPlan: Sendable {
    /// A file before and after.
    struct Change: Sendable {
        /// Its path from the package's root.
        let path: String
        /// What stands in it; nil if it is a new one.
        let before: String?
        /// What will stand in it.
        let after: String
    }

    /// New files first.
    let changes: [Change]

    /// Works out the files of a placeholder, and the lines by which the package and the host know it.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid` for a name that is taken, or a file that does not look as expected.
    init(_ name: ConnectorName, in package: PackageFolder, registry: ConnectorRegistry) throws {
        if let owner = try? registry.descriptor(named: name.id.rawValue) {
            throw PSAError(scaffold: .takenID(name.id.rawValue, owner: owner.displayName))
        }
        try package.checkIsFree(name)
        try package.checkIsNoWordOfTheCore(name)
        let templates = ConnectorTemplates(name: name)
        let new = [
            ("\(name.folder)/\(name.module)Connector.swift", templates.connector),
            ("\(name.folder)/\(name.module)Descriptor.swift", templates.descriptor),
            ("\(name.folder)/README.md", templates.readme),
            ("\(name.testFolder)/\(name.module)PlaceholderTests.swift", templates.tests),
            (name.guide, templates.guide),
        ]
        changes =
            new.map { Change(path: $0, before: nil, after: $1) } + [
                try Self.change(
                    PackageFolder.manifest, in: package, SourceList(opening: "let connectors = [", prefix: "    ", closing: "]"),
                    "\"\(name.module)\""),
                try Self.change(
                    "Sources/VectisHost/BuiltInConnectors.swift", in: package,
                    SourceList(opening: "        try ConnectorRegistry([", prefix: "            ", closing: "        ])"),
                    "\(name.module)Connector.self", importing: name.module),
            ]
    }

    private static func change(
        _ path: String, in package: PackageFolder, _ list: SourceList, _ entry: String, importing module: String? = nil
    ) throws -> Change {
        guard let before = package.text(of: path), let listed = list.inserting(entry, into: before) else {
            throw PSAError(scaffold: .unexpectedShape(path, missing: list.opening.trimmingIndentation))
        }
        guard let module else { return Change(path: path, before: before, after: listed) }
        guard let after = ImportList.inserting(module, into: listed) else {
            throw PSAError(scaffold: .unexpectedShape(path, missing: "import …"))
        }
        return Change(path: path, before: before, after: after)
    }
}

extension String {
    fileprivate var trimmingIndentation: String { String(drop { $0 == " " }) }
}
