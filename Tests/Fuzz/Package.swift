// swift-tools-version: 6.2
import PackageDescription

// Fuzzers of what people and files hand to the product, a package of its own: an executable without a main function
// would break the build of everything else. The sources are links to the product's, so that `package` access reaches.
let features: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "fuzz",
    targets: [
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .target(name: "BackupCore", swiftSettings: features),
        .target(name: "BackupConfig", dependencies: ["BackupCore", "CYAML"], swiftSettings: features),
        .executableTarget(
            name: "Fuzz", dependencies: ["BackupCore", "BackupConfig"],
            swiftSettings: features + [.unsafeFlags(["-parse-as-library"])]),
    ],
    swiftLanguageModes: [.v6]
)
