// swift-tools-version: 6.2
import PackageDescription

// A host of its own: `.ci/dependants` copies this folder, puts the address of a tagged copy of the repository in place of the one below,
// builds and tests it.
let package = Package(
    name: "acme-host",
    platforms: [.macOS(.v15)],
    dependencies: [.package(url: "https://git.example.com/psa-connectors.git", from: "1.0.0")],
    targets: [
        .target(
            name: "AcmeHost",
            dependencies: [
                .product(name: "PSACore", package: "psa-connectors"), .product(name: "HaloPSA", package: "psa-connectors"),
            ]),
        // A connector of its own, as `vectis new-connector Desk` writes it.
        .target(name: "Desk", dependencies: [.product(name: "PSACore", package: "psa-connectors")]),
        .testTarget(
            name: "DeskTests",
            dependencies: [
                "Desk", .product(name: "PSACore", package: "psa-connectors"), .product(name: "PSACurl", package: "psa-connectors"),
                .product(name: "PSATesting", package: "psa-connectors"),
            ]),
        .testTarget(
            name: "AcmeHostTests",
            dependencies: [
                "AcmeHost", .product(name: "PSACore", package: "psa-connectors"), .product(name: "HaloPSA", package: "psa-connectors"),
                .product(name: "PSATesting", package: "psa-connectors"), .product(name: "PSACurl", package: "psa-connectors"),
                .product(name: "HaloSimulator", package: "psa-connectors"), .product(name: "PSAEngine", package: "psa-connectors"),
            ]),
    ]
)
