// swift-tools-version: 6.2
import PackageDescription

// A connector is a folder in Plugins and one in Tests. Its product, its targets and the host's dependency follow from its line here.
let connectors = [
    "Autotask",
    "ConnectWise",
    "HaloPSA",
]

let package = Package(
    name: "psa-connectors",
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "PSACore", targets: ["PSACore"]),
        .library(name: "PSACurl", targets: ["PSACurl"]),
        .library(name: "PSATesting", targets: ["PSATesting"]),
        .library(name: "PSAEngine", targets: ["PSAEngine"]),
        .library(name: "PSAEngineSQLite", targets: ["PSAEngineSQLite"]),
        .library(name: "PSAEnginePostgreSQL", targets: ["PSAEnginePostgreSQL"]),
        .library(name: "ExternalConnectors", targets: ["ExternalConnectors"]),
        .library(name: "HaloSimulator", targets: ["HaloSimulator"]),
        .executable(name: "vectis", targets: ["vectis"]),
    ],
    dependencies: [],
    targets: [
        .target(name: "PSACore"),
        .target(name: "PSATesting", dependencies: ["PSACore"]),
        .systemLibrary(name: "CCurl"),
        .target(name: "PSACurl", dependencies: ["PSACore", "CCurl"]),
        .target(name: "Mail", dependencies: ["PSACore", "CCurl"]),
        .systemLibrary(name: "CMicroHTTPD"),
        .target(name: "CReceive"),
        .target(name: "WebServer", dependencies: ["CMicroHTTPD", "CReceive"]),
        .systemLibrary(name: "CMarkdown"),
        .target(name: "Markdown", dependencies: ["CMarkdown"]),
        .systemLibrary(name: "CSQLite"),
        .target(name: "SQL"),
        .target(name: "SQLite", dependencies: ["SQL", "CSQLite"]),
        .systemLibrary(name: "CPostgreSQL"),
        .target(name: "PostgreSQL", dependencies: ["SQL", "CPostgreSQL"]),
        .systemLibrary(name: "CSodium"),
        .target(name: "Sodium", dependencies: ["CSodium"]),
        .systemLibrary(name: "CZlib"),
        .target(name: "Gzip", dependencies: ["CZlib"]),
        .systemLibrary(name: "CNettle"),
        .target(name: "OneTimeCodes", dependencies: ["CNettle"]),
        .systemLibrary(name: "CQREncode"),
        .target(name: "QRCode", dependencies: ["CQREncode"]),
        .target(name: "PSAEngine", dependencies: ["PSACore"]),
        .target(name: "PSAEngineSQL", dependencies: ["PSAEngine", "PSACore", "SQL"]),
        .target(name: "PSAEngineSQLite", dependencies: ["PSAEngineSQL", "PSAEngine", "SQLite"]),
        .target(name: "PSAEnginePostgreSQL", dependencies: ["PSAEngineSQL", "PSAEngine", "PostgreSQL", "SQL"]),
        .target(name: "HaloSimulator", dependencies: ["WebServer"]),
        .target(name: "CSpawn"),
        .target(name: "ExternalConnectors", dependencies: ["PSACore", "CSpawn"]),
        .target(name: "VectisRules", dependencies: ["PSAEngine", "PSACore"]),
        .target(name: "VectisCore", dependencies: ["VectisRules", "PSAEngine", "PSACore", "Mail", "Sodium", "OneTimeCodes"]),
        .target(
            name: "VectisStorage",
            dependencies: [
                "VectisCore", "VectisRules", "PSAEngineSQL", "PSAEnginePostgreSQL", "PSAEngine", "PSACore", "SQL", "SQLite", "PostgreSQL",
                "Gzip",
                "Sodium",
            ]),
        .target(
            name: "VectisWeb",
            dependencies: ["VectisCore", "VectisRules", "PSAEngine", "PSACore", "Mail", "WebServer", "Markdown", "Sodium", "QRCode"],
            exclude: ["Assets"], plugins: ["EmbedPlugin"]),
        .target(
            name: "VectisCLI",
            dependencies: [
                "VectisWeb", "VectisStorage", "VectisCore", "VectisRules", "PSAEngine", "PSACore", "PSACurl", "PSATesting",
                "Mail", "ExternalConnectors", "HaloSimulator", "Markdown", "WebServer",
            ]),
        // Documents and assets become part of the host while it is built.
        .executableTarget(name: "EmbedFiles"),
        .plugin(name: "EmbedPlugin", capability: .buildTool(), dependencies: ["EmbedFiles"], path: "Sources/EmbedPlugin"),
        .testTarget(name: "EmbedFilesTests", dependencies: ["EmbedFiles"]),
        .testTarget(
            name: "PSAEngineTests",
            dependencies: [
                "PSAEngine", "PSAEngineSQL", "PSAEngineSQLite", "PSAEnginePostgreSQL", "PostgreSQL", "PostgreSQLServer", "PSACore",
                "PSACurl", "PSATesting", "TestSupport", "HaloPSA", "HaloSimulator",
            ]),
        // A host of the engine alone, which the crash harness kills; no product.
        .executableTarget(
            name: "engine-host", dependencies: ["PSAEngine", "PSAEngineSQL", "PSAEngineSQLite", "PSACore", "PSACurl", "HaloPSA"],
            path: "Tests/EngineHost"),
        .target(
            name: "EngineCrashHarness", dependencies: ["PSAEngine", "PSACore", "PSACurl", "HaloPSA", "HaloSimulator", "TestSupport"],
            path: "Tests/EngineCrashHarness"),
        .testTarget(name: "EngineCrashHarnessTests", dependencies: ["EngineCrashHarness", "PSAEngine", "engine-host"]),
        .systemLibrary(name: "CMalloc"),
        .executableTarget(name: "vectis", dependencies: ["VectisCLI", "CMalloc", "SQLite"]),
        .executableTarget(
            name: "bench",
            dependencies: [
                "PSACore", "PSACurl", "PSAEngine", "PSAEngineSQL", "PSAEngineSQLite", "HaloPSA", "HaloSimulator", "PostgreSQLServer",
                "Sodium",
            ],
            path: "Tests/Benchmarks", exclude: ["Clients"]),
        .target(
            name: "CrashHarness",
            dependencies: [
                "VectisCLI", "VectisStorage", "VectisCore", "VectisRules", "PSAEngine", "PSAEngineSQL", "PSAEngineSQLite", "PSACore",
                "PSACurl",
                "HaloSimulator", "SQL", "SQLite", "PostgreSQL", "PostgreSQLServer", "PSATesting", "TestSupport", "WebServer",
            ],
            path: "Tests/CrashHarness"),
        .executableTarget(name: "torture", dependencies: ["CrashHarness", "EngineCrashHarness"], path: "Tests/Torture"),
        .testTarget(name: "CrashHarnessTests", dependencies: ["CrashHarness", "PSATesting", "PostgreSQLServer", "TestSupport", "vectis"]),
        // A year of events with a clock that the program moves: `make year`.
        .executableTarget(
            name: "year",
            dependencies: [
                "VectisWeb", "VectisStorage", "VectisCore", "VectisRules", "PSAEngine", "PSAEngineSQL", "PSAEngineSQLite", "PSACore",
                "PSATesting",
                "SQL", "SQLite",
                "Sodium", "Mail", "WebServer",
            ],
            path: "Tests/Year"),
        .target(name: "TestSupport", dependencies: ["PSACore", "PSATesting", "WebServer"], path: "Tests/TestSupport"),
        .target(name: "BrowserSupport", dependencies: ["PSACore", "PSACurl"], path: "Tests/BrowserSupport"),
        .testTarget(name: "BrowserSupportTests", dependencies: ["BrowserSupport", "PSACore", "WebServer"]),
        .testTarget(name: "WebServerTests", dependencies: ["WebServer", "PSACore", "PSATesting"]),
        .testTarget(name: "MailTests", dependencies: ["Mail", "PSACore", "TestSupport"]),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite", "SQL"]),
        // Debian's server on a private socket, for tests.
        .target(name: "PostgreSQLServer", dependencies: ["TestSupport"], path: "Tests/PostgreSQLServer"),
        .testTarget(name: "PostgreSQLTests", dependencies: ["PostgreSQL", "PostgreSQLServer", "SQL", "TestSupport"]),
        .testTarget(name: "SodiumTests", dependencies: ["Sodium"]),
        .testTarget(name: "GzipTests", dependencies: ["Gzip"]),
        .testTarget(name: "OneTimeCodesTests", dependencies: ["OneTimeCodes"]),
        .testTarget(name: "QRCodeTests", dependencies: ["QRCode"]),
        .testTarget(name: "MarkdownTests", dependencies: ["Markdown", "PSATesting", "TestSupport"]),
        .testTarget(name: "PSACoreTests", dependencies: ["PSACore", "PSATesting", "TestSupport"]),
        .target(name: "SampleConnector", dependencies: ["PSACore"], path: "Tests/SampleConnector"),
        .testTarget(name: "PSATestingTests", dependencies: ["PSATesting", "SampleConnector", "PSACore", "TestSupport"]),
        .testTarget(
            name: "ExternalConnectorsTests",
            dependencies: ["ExternalConnectors", "PSACore", "PSACurl", "PSATesting", "TestSupport", "WebServer"]),
        .testTarget(
            name: "HaloSimulatorTests", dependencies: ["HaloSimulator", "PSATesting", "TestSupport", "WebServer"], exclude: ["ThirdParty"]),
        .testTarget(name: "PSACurlTests", dependencies: ["PSACurl", "PSACore", "PSATesting", "TestSupport"]),
        .testTarget(
            name: "HaloPSATests",
            dependencies: ["HaloPSA", "PSACore", "PSACurl", "PSATesting", "HaloSimulator", "WebServer", "TestSupport", "vectis"],
            exclude: ["Fixtures", "Cases/guidance.json"]),
        .testTarget(
            name: "VectisTests",
            dependencies: [
                "VectisCLI", "VectisWeb", "VectisStorage", "VectisCore", "VectisRules", "vectis", "PSACore", "PSACurl", "PSAEngine",
                "PSAEngineSQL", "PSAEngineSQLite", "PSATesting", "HaloSimulator", "Markdown",
                "SQL", "SQLite", "PostgreSQL", "PostgreSQLServer",
                "Sodium", "OneTimeCodes", "WebServer",
                "Mail", "TestSupport",
            ],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "AdminPageTests",
            dependencies: ["BrowserSupport", "HaloSimulator", "OneTimeCodes", "PSACore", "PSACurl", "TestSupport", "vectis"]),
        // A connector to a server from outside this project: it proves the contract, and is no product.
        .target(name: "RequestTracker", dependencies: ["PSACore"], path: "Tests/RequestTracker", exclude: ["README.md"]),
        .testTarget(
            name: "RequestTrackerTests",
            dependencies: [
                "RequestTracker", "PSACore", "PSACurl", "PSAEngine", "PSAEngineSQL", "PSAEngineSQLite", "PSATesting", "TestSupport",
            ],
            exclude: ["Recordings", "Server"]),
    ]
)

for connector in connectors {
    package.products.append(.library(name: connector, targets: [connector]))
    package.targets.append(.target(name: connector, dependencies: ["PSACore"], path: "Plugins/\(connector)", exclude: ["README.md"]))
    package.targets.first { $0.name == "VectisCLI" }?.dependencies.append(.byName(name: connector))
    // Tests that need more are declared above.
    guard !package.targets.contains(where: { $0.name == connector + "Tests" }) else { continue }
    package.targets.append(
        .testTarget(name: connector + "Tests", dependencies: [.byName(name: connector), "PSACore", "PSATesting", "TestSupport"]))
}

// One place turns on the same language rules for every Swift target; a plugin takes none.
for target in package.targets where ![.system, .plugin].contains(target.type) {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
}
