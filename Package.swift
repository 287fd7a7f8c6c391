// swift-tools-version: 6.2
import PackageDescription

/// Every target is compiled with these: Swift 6, strict concurrency and memory safety, no warnings.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]
/// The modules that lend memory to closures annotate lifetimes; their clients need no flag.
let lifetimes: [SwiftSetting] = strict + [.enableExperimentalFeature("Lifetimes")]

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

/// One projection that ships inside the program: a folder of SQL, embedded at build time.
func projection(
    _ name: String, _ migrations: [String], dependencies: [Target.Dependency] = []
) -> Target {
    .target(
        name: "\(name)Projection",
        dependencies: ["Annals", "EventModel", "ProjectionEngine", grdb] + dependencies,
        path: "Projections/\(name)",
        resources: [.embedInCode("projection.yaml")]
            + migrations.map { .embedInCode("Migrations/\($0).sql") },
        swiftSettings: strict)
}

let package = Package(
    name: "annals",
    products: [
        .library(name: "Annals", targets: ["Annals"]),
        .library(name: "RotationProjection", targets: ["RotationProjection"]),
        .library(name: "AnnalsTesting", targets: ["AnnalsTesting"]),
        .executable(name: "annals", targets: ["AnnalsCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CLMDB", pkgConfig: "lmdb", providers: [.apt(["liblmdb-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CSQLiteTuning"),
        .target(name: "LMDB", dependencies: ["CLMDB"], swiftSettings: lifetimes),
        .target(name: "Gzip", dependencies: ["CZlib"], swiftSettings: lifetimes),
        .target(name: "SQLite", dependencies: ["CSQLiteTuning", sqlite], swiftSettings: lifetimes),
        .target(name: "EventModel", swiftSettings: lifetimes),
        .target(name: "CloudEvents", dependencies: ["EventModel"], swiftSettings: strict),
        .target(
            name: "LogStorage", dependencies: ["LMDB", "EventModel", crypto],
            swiftSettings: lifetimes),
        .target(
            name: "ProjectionEngine", dependencies: ["SQLite", "EventModel", crypto, yams],
            swiftSettings: strict),
        .target(
            name: "Annals",
            dependencies: [
                "EventModel", "LogStorage", "ProjectionEngine", "SQLite", "CloudEvents", "Gzip",
                crypto,
                grdb, logging,
            ],
            swiftSettings: strict),
        projection(
            "Rotation",
            [
                "001_proxies",
                "002_usage_statistics",
                "003_rotation_configs",
                "004_rotation_events",
                "005_proxy_weights",
                "006_credentials",
                "007_sticky_sessions",
                "008_rotation_rules",
                "009_default_config",
                "010_current_views",
                "020_daily_statistics",
            ], dependencies: [crypto, cryptoExtras]),
        projection(
            "Agents",
            [
                "001_agent_sessions",
                "002_agent_messages",
                "003_agent_tool_calls",
                "004_requirements_questions",
                "005_project_settings",
            ]),
        projection(
            "Usage",
            [
                "001_hook_events",
                "002_usage_tracking",
            ]),
        .target(
            name: "AllProjections",
            dependencies: [
                "Annals", "RotationProjection", "AgentsProjection", "UsageProjection",
            ],
            path: "Projections/AllProjections", swiftSettings: strict),
        .target(
            name: "AnnalsTesting",
            dependencies: ["Annals", "EventModel", "LogStorage", "ProjectionEngine", grdb],
            swiftSettings: strict),
        .executableTarget(
            name: "StoreDriver",
            dependencies: [
                "Annals", "AnnalsTesting", "EventModel", "LogStorage", "ProjectionEngine", grdb,
            ],
            path: "Tests/Helpers/StoreDriver", swiftSettings: strict),
        .executableTarget(
            name: "AnnalsCLI",
            dependencies: [
                "Annals", "AllProjections", "CloudEvents", "EventModel", "Gzip",
                "RotationProjection", arguments, logging,
            ],
            swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
        .testTarget(name: "LMDBTests", dependencies: ["LMDB"], swiftSettings: strict),
        .testTarget(name: "GzipTests", dependencies: ["Gzip"], swiftSettings: strict),
        .testTarget(name: "SQLiteTests", dependencies: ["SQLite"], swiftSettings: strict),
        .testTarget(name: "EventModelTests", dependencies: ["EventModel"], swiftSettings: strict),
        .testTarget(
            name: "CloudEventsTests", dependencies: ["CloudEvents", "EventModel"],
            swiftSettings: strict),
        .executableTarget(
            name: "AnnalsBench", dependencies: ["LogStorage", "ProjectionEngine", "EventModel"],
            path: "tools/bench/AnnalsBench", swiftSettings: strict),
        .executableTarget(
            name: "LogWriter", dependencies: ["LogStorage", "EventModel"],
            path: "Tests/Helpers/LogWriter", swiftSettings: strict),
        .testTarget(
            name: "LogStorageTests",
            dependencies: ["LogStorage", "EventModel", "LMDB", "LogWriter"],
            swiftSettings: strict),
        .testTarget(
            name: "ProjectionEngineTests",
            dependencies: ["ProjectionEngine", "SQLite", "EventModel"],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "AnnalsTests",
            dependencies: [
                "Annals", "AnnalsTesting", "AllProjections", "EventModel", "LogStorage",
                "ProjectionEngine", "StoreDriver", grdb,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "RotationDriver",
            dependencies: ["RotationProjection", "Annals", "EventModel", "LogStorage", grdb],
            path: "Tests/Helpers/RotationDriver", swiftSettings: strict),
        .testTarget(
            name: "RotationTests",
            dependencies: [
                "RotationProjection", "Annals", "AnnalsTesting", "EventModel", "LogStorage",
                "RotationDriver", grdb,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CLITests", dependencies: ["AnnalsCLI", "AllProjections", "Annals", "SQLite"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
