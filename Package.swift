// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is held to the same gates; a warning is an error here, not in a flag someone forgets.
let gates: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: gates)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: gates)
}

/// The tests of one target, with whatever lies in its `Fixtures` and `Golden` folders beside them.
func tests(of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + dependencies, resources: resources,
        swiftSettings: gates)
}

func system(_ name: String, pkgConfig: String, package: String) -> Target {
    .systemLibrary(
        name: name, path: "Sources/CLibraries/\(name)", pkgConfig: pkgConfig, providers: [.apt([package])])
}

let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "snapwarden",
    products: [
        .executable(name: "snapwarden", targets: ["snapwarden"]),
        .executable(name: "snapwarden-sandbox", targets: ["snapwarden-sandbox"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
    ],
    targets: [
        system("CCurl", pkgConfig: "libcurl", package: "libcurl4-openssl-dev"),
        system("COpenSSL", pkgConfig: "libcrypto", package: "libssl-dev"),
        system("CSystemd", pkgConfig: "libsystemd", package: "libsystemd-dev"),
        system("CSQLite", pkgConfig: "sqlite3", package: "libsqlite3-dev"),
        system("CExpat", pkgConfig: "expat", package: "libexpat1-dev"),
        system("CYAML", pkgConfig: "yaml-0.1", package: "libyaml-dev"),
        system("CMicrohttpd", pkgConfig: "libmicrohttpd", package: "libmicrohttpd-dev"),
        .target(name: "CLinux", path: "Sources/CLibraries/CLinux"),

        library("BackupCore"),
        library("BackupConfig", ["BackupCore", "CYAML"]),
        library("AWS", ["BackupCore", "CCurl", "COpenSSL", "CExpat", "CLinux"]),
        library("BackupLedger", ["BackupCore", "CSQLite"]),
        library("Systemd", ["BackupCore", "CSystemd", "CLinux"]),
        library("Simulation", ["BackupCore", "AWS"]),
        library("BackupDaemon", ["BackupCore", "CLinux"]),
        program(
            "snapwarden",
            [
                "BackupCore", "BackupConfig", "AWS", "BackupLedger", "Systemd", "BackupDaemon", "Simulation", "CLinux",
                arguments,
            ]),
        program("snapwarden-sandbox", ["BackupCore", "AWS", "Simulation", "CMicrohttpd", "CLinux", arguments]),
        .executableTarget(
            name: "benchmarks", dependencies: ["BackupCore", "AWS", "BackupDaemon", "CLinux"], path: "Tests/Benchmarks",
            exclude: [
                "run", "croniter_ns.py", "requirements.txt", "aws_pages.py", "boto3_loop.py", "botocore_signatures.py",
                "wire.py", "idle.py",
            ], swiftSettings: gates),

        .executableTarget(
            name: "soak", dependencies: ["BackupCore", "AWS", "BackupLedger", "BackupDaemon", "Simulation", "CLinux"],
            path: "Tests/Soak", swiftSettings: gates),

        tests(of: "BackupCore", resources: [.copy("Fixtures"), .copy("Golden")]),
        tests(of: "BackupConfig", ["BackupCore"], resources: [.copy("Fixtures"), .copy("Golden")]),
        tests(of: "AWS", ["BackupCore"], resources: [.copy("Fixtures")]),
        tests(of: "BackupLedger", ["BackupCore"]),
        tests(of: "Systemd", ["BackupCore"]),
        tests(of: "Simulation", ["BackupCore", "AWS"]),
        tests(of: "BackupDaemon", ["BackupCore", "AWS", "Simulation"]),
        .testTarget(
            name: "FaultMatrixTests",
            dependencies: ["snapwarden-sandbox", "BackupCore", "BackupDaemon", "AWS", "Simulation"],
            swiftSettings: gates),
    ],
    swiftLanguageModes: [.v6]
)
