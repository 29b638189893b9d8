// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "psa-connectors",
    products: [
        .library(name: "PSACore", targets: ["PSACore"]),
    ],
    dependencies: [],
    targets: [
        .target(name: "PSACore"),
        .target(name: "HaloPSA", dependencies: ["PSACore"], path: "Plugins/HaloPSA", exclude: ["README.md"]),
        .testTarget(name: "PSACoreTests", dependencies: ["PSACore"]),
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
