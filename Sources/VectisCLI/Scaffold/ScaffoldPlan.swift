import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The changes of writing a connector, computed before anything is written.
struct ScaffoldPlan: Sendable {
    /// A file before and after.
    struct Change: Sendable {
        /// Its path from the package's root.
        let path: String
        /// Its text; nil if it is a new one.
        let before: String?
        /// Its new text.
        let after: String
    }

    /// New files first.
    let changes: [Change]

    /// Computes the files of a placeholder, and the lines that register it in the package and the host.
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
                    "Sources/VectisCLI/BuiltInConnectors.swift", in: package,
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

/// The name of a new connector, and the names derived from it.
struct ConnectorName: Sendable {
    /// The module, and how its folders, types and guide are named: `Syncro`.
    let module: String
    /// The name a host picks it by: `syncro`.
    let id: ConnectorID
    /// The product's name as people know it.
    let displayName: String

    /// Validates a typed name.
    ///
    /// - Throws: ``PSAError`` with `usage.invalid` for one that is malformed or belongs to Swift.
    init(_ typed: String, displayName: String? = nil) throws {
        guard typed.wholeMatch(of: /[A-Z][A-Za-z0-9]{1,39}/) != nil, let id = ConnectorID(typed.lowercased()) else {
            throw PSAError(scaffold: .malformedName(String(typed.prefix(60))))
        }
        guard !ReservedNames.all.contains(typed) else { throw PSAError(scaffold: .reservedName(typed)) }
        let shown = displayName ?? typed
        // It is inserted into Swift literals, headings and tables, so their special characters are not allowed.
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
    /// The word that the core must not contain: the name without “PSA” at its end.
    var vendorWord: String { (module.hasSuffix("PSA") ? String(module.dropLast(3)) : module).lowercased() }
}

/// The targets of this package: a package that depends on it can't have a target of the same name.
enum PackageTargets {
    /// Those that are declared, and in a clone those of its manifest, which may have others.
    static func declared(in manifest: String?) -> Set<String> {
        guard let manifest else { return all }
        return all.union(manifest.matches(of: /"(\w+)"/).map { String($0.1) })
    }

    static let all: Set<String> = [
        "AdminPageTests", "Autotask", "AutotaskTests", "BrowserSupport", "BrowserSupportTests", "CCurl", "CMalloc", "CMarkdown",
        "CMicroHTTPD", "CNettle", "CPostgreSQL", "CQREncode", "CReceive", "CSQLite", "CSodium", "CSpawn", "CZlib", "ConnectWise",
        "ConnectWiseTests", "CrashHarness", "CrashHarnessTests", "EmbedFiles", "EmbedFilesTests", "EmbedPlugin", "EngineCrashHarness",
        "EngineCrashHarnessTests", "ExternalConnectors", "ExternalConnectorsTests", "Gzip", "GzipTests", "HaloPSA", "HaloPSATests",
        "HaloSimulator", "HaloSimulatorTests", "Mail", "MailTests", "Markdown", "MarkdownTests", "OneTimeCodes", "OneTimeCodesTests",
        "PSACore", "PSACoreTests", "PSACurl", "PSACurlTests", "PSAEngine", "PSAEnginePostgreSQL", "PSAEngineSQL", "PSAEngineSQLite",
        "PSAEngineTests", "PSATesting", "PSATestingTests", "PostgreSQL", "PostgreSQLServer", "PostgreSQLTests", "QRCode", "QRCodeTests",
        "RequestTracker", "RequestTrackerTests", "SQL", "SQLite", "SQLiteTests", "SampleConnector", "Sodium", "SodiumTests",
        "TestSupport", "VectisCLI", "VectisCore", "VectisRules", "VectisStorage", "VectisTests", "VectisWeb", "WebServer",
        "WebServerTests", "bench", "engine-host", "torture", "vectis", "year",
    ]
}

/// Reserved names: Swift's own modules, keywords and common types.
enum ReservedNames {
    static let all = modules.union(keywords).union(types)

    private static let modules: Set<String> = [
        "Builtin", "CoreFoundation", "Cxx", "CxxStdlib", "Dispatch", "Distributed", "Foundation", "FoundationEssentials",
        "FoundationInternationalization", "FoundationNetworking", "FoundationXML", "Glibc", "Musl", "Observation", "PackageDescription",
        "PackagePlugin", "RegexBuilder", "Swift", "SwiftOnoneSupport", "SwiftShims", "Synchronization", "Testing", "XCTest",
    ]

    private static let keywords: Set<String> = ["Any", "AnyObject", "Protocol", "Self", "Type"]

    private static let types: Set<String> = [
        "Actor", "AnyHashable", "Array", "ArraySlice", "AsyncSequence", "AsyncStream", "Bool", "CaseIterable", "Character", "Clock",
        "ClosedRange", "Codable", "Collection", "Comparable", "Continuation", "Data", "Date", "Decodable", "Decoder", "Dictionary",
        "Double",
        "Duration", "Encodable", "Encoder", "Equatable", "Error", "Executor", "Float", "Hashable", "Hasher", "Identifiable", "Int", "Int16",
        "Int32", "Int64", "Int8", "Iterator", "KeyPath", "Mirror", "Never", "Operation", "Optional", "Process", "Range", "Regex", "Result",
        "Sendable", "Sequence", "Set", "Slice", "StaticString", "String", "Substring", "Suite", "Task", "Test", "Thread", "Trait", "UInt",
        "UInt16", "UInt32", "UInt64", "UInt8", "Unicode", "Unmanaged", "Void",
    ]
}
