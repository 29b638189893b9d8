// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "psa-connectors",
    products: [
        .library(name: "PSACore", targets: ["PSACore"]),
        .library(name: "PSACurl", targets: ["PSACurl"]),
        .library(name: "PSATesting", targets: ["PSATesting"]),
        .library(name: "HaloPSA", targets: ["HaloPSA"]),
        .library(name: "ConnectWise", targets: ["ConnectWise"]),
        .library(name: "Autotask", targets: ["Autotask"]),
        .executable(name: "vectis", targets: ["vectis"]),
    ],
    dependencies: [],
    targets: [
        .target(name: "PSACore"),
        .target(name: "PSATesting", dependencies: ["PSACore"]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .target(name: "PSACurl", dependencies: ["PSACore", "CCurl"]),
        .systemLibrary(name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .target(name: "WebServer", dependencies: ["CMicroHTTPD"]),
        .systemLibrary(
            name: "CMarkdown", pkgConfig: "libcmark-gfm", providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),
        .target(name: "Markdown", dependencies: ["CMarkdown"]),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "SQLite", dependencies: ["CSQLite"]),
        .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
        .target(name: "Sodium", dependencies: ["CSodium"]),
        .target(name: "HaloSimulator", dependencies: ["WebServer"]),
        .target(name: "HaloPSA", dependencies: ["PSACore"], path: "Plugins/HaloPSA", exclude: ["README.md"]),
        .target(name: "ConnectWise", dependencies: ["PSACore"], path: "Plugins/ConnectWise", exclude: ["README.md"]),
        .target(name: "Autotask", dependencies: ["PSACore"], path: "Plugins/Autotask", exclude: ["README.md"]),
        .target(
            name: "VectisHost",
            dependencies: [
                "PSACore", "PSACurl", "PSATesting", "HaloPSA", "ConnectWise", "Autotask", "HaloSimulator", "Markdown", "SQLite", "Sodium",
                "WebServer",
            ],
            exclude: ["Web/Assets"]),
        .executableTarget(name: "vectis", dependencies: ["VectisHost"]),
        .executableTarget(
            name: "bench", dependencies: ["PSACore", "PSACurl", "HaloPSA", "HaloSimulator"], path: "Tests/Benchmarks"),
        .target(
            name: "CrashHarness", dependencies: ["VectisHost", "PSACore", "PSACurl", "HaloSimulator", "SQLite"], path: "Tests/CrashHarness"),
        .executableTarget(name: "torture", dependencies: ["CrashHarness"], path: "Tests/Torture"),
        .testTarget(name: "CrashHarnessTests", dependencies: ["CrashHarness", "vectis"]),
        .target(name: "TestSupport", dependencies: ["PSACore"], path: "Tests/TestSupport"),
        .target(name: "BrowserSupport", dependencies: ["PSACore", "PSACurl"], path: "Tests/BrowserSupport"),
        .testTarget(name: "BrowserSupportTests", dependencies: ["BrowserSupport", "PSACore", "WebServer"]),
        .testTarget(name: "WebServerTests", dependencies: ["WebServer"]),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite"]),
        .testTarget(name: "SodiumTests", dependencies: ["Sodium"]),
        .testTarget(name: "MarkdownTests", dependencies: ["Markdown", "TestSupport"]),
        .testTarget(name: "PSACoreTests", dependencies: ["PSACore"]),
        .target(name: "SampleConnector", dependencies: ["PSACore"], path: "Tests/SampleConnector"),
        .testTarget(name: "PSATestingTests", dependencies: ["PSATesting", "SampleConnector", "PSACore", "TestSupport"]),
        .testTarget(name: "HaloSimulatorTests", dependencies: ["HaloSimulator", "WebServer"], exclude: ["ThirdParty"]),
        .testTarget(name: "PSACurlTests", dependencies: ["PSACurl", "PSACore", "TestSupport"]),
        .testTarget(
            name: "HaloPSATests",
            dependencies: ["HaloPSA", "PSACore", "PSACurl", "PSATesting", "HaloSimulator", "WebServer", "TestSupport"],
            exclude: ["Fixtures"]),
        .testTarget(
            name: "VectisHostTests",
            dependencies: [
                "VectisHost", "vectis", "PSACore", "PSACurl", "HaloPSA", "ConnectWise", "Autotask", "HaloSimulator", "Markdown", "SQLite",
                "Sodium", "WebServer", "TestSupport",
            ]),
        .testTarget(name: "AdminPageTests", dependencies: ["BrowserSupport", "HaloSimulator", "PSACore", "PSACurl", "vectis"]),
        .testTarget(name: "ConnectWiseTests", dependencies: ["ConnectWise", "PSACore", "TestSupport"]),
        .testTarget(name: "AutotaskTests", dependencies: ["Autotask", "PSACore", "TestSupport"]),
        // A connector to a server nobody here wrote: it proves the contract, and is no product.
        .target(name: "RequestTracker", dependencies: ["PSACore"], path: "Tests/RequestTracker", exclude: ["README.md"]),
        .testTarget(
            name: "RequestTrackerTests", dependencies: ["RequestTracker", "PSACore", "PSACurl", "PSATesting", "TestSupport"],
            exclude: ["Recordings", "Server"]),
    ]
)

// One place turns on the same language rules for every Swift target.
for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
