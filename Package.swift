// swift-tools-version:6.1
import Foundation
import PackageDescription

// The manifest is the map of the house: every room stands on the rooms named behind it, and arrows only point down.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
    // Rules are made of small generic pieces of the rooms below: across rooms they are specialised only if asked for (a third of the time).
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// One room: a target with the folders of furniture that it has, and its mirror of tests where there is one.
func room(_ name: String, above: [Target.Dependency]) -> [Target] {
    let files = FileManager.default
    let home = Context.packageDirectory + "/Sources/\(name)/"
    let furniture = ["Pages", "Words", "Schema", "Assets"].filter { files.fileExists(atPath: home + $0) }
    let readme = files.fileExists(atPath: home + "README.md") ? ["README.md"] : []
    var targets: [Target] = [
        .target(
            name: name, dependencies: above, exclude: readme, resources: furniture.map { .copy($0) },
            swiftSettings: settings)
    ]
    let tests = Context.packageDirectory + "/Tests/\(name)Tests"
    if files.fileExists(atPath: tests) {
        let plans = files.fileExists(atPath: tests + "/Plans") ? ["Plans"] : []
        targets.append(
            .testTarget(
                name: name + "Tests", dependencies: [.target(name: name)] + above + ["TestKit"], exclude: plans, swiftSettings: settings))
    }
    return targets
}

/// A library of the system, named as Debian names it.
func system(_ name: String, _ pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let ground: [Target.Dependency] = ["Kernel", "Catalog", "Ledger"]
let rules: [Target.Dependency] = ["Hygiene", "Grading", "Statistics"]
let second = [
    "Declaration", "Exposure", "Surveillance", "Radiation", "Diagnosis", "Care", "Enforcement", "Improvement", "Outreach",
]
let capabilities = (["Registry", "Institutions"] + second).map { Target.Dependency.target(name: $0) }

let package = Package(
    name: "zhifang",
    products: [.executable(name: "zhifang", targets: ["zhifang"])],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .systemLibrary(name: "CMalloc"),
        system("CLibPQ", "libpq", apt: "libpq-dev"),
        system("CArgon2", "libargon2", apt: "libargon2-dev"),
        system("CCrypto", "libcrypto", apt: "libssl-dev"),
        system("CZip", "libzip", apt: "libzip-dev"),
        system("CCurl", "libcurl", apt: "libcurl4-openssl-dev"),
        system("CExpat", "expat", apt: "libexpat1-dev"),
        system("CXLSXWriter", "xlsxwriter", apt: "libxlsxwriter-dev"),
        system("CPangoCairo", "pangocairo", apt: "libpango1.0-dev"),
        system("CQREncode", "libqrencode", apt: "libqrencode-dev"),
    ]
        + room("Kernel", above: ["CCrypto"])
        + room("Storage", above: ["Kernel", grdb, sqlite, "CLibPQ", logging])
        + room("Catalog", above: ["Kernel", yams])
        + room("Statistics", above: ["Kernel"])
        + room("Draws", above: ["Kernel"])
        + room("Hygiene", above: ["Kernel", "Catalog"])
        + room("Grading", above: ["Kernel", "Catalog"])
        + room("Ledger", above: ["Kernel", "Catalog", "Storage"])
        + room("Web", above: ["Kernel", "Catalog", "Storage", "Ledger", hummingbird, mustache, yams, logging])
        + room("Registry", above: ground)
        + room("Institutions", above: ground)
        + room("Attachments", above: ["Kernel", "Ledger", "Storage"])
        + room("Accounts", above: ground + ["Storage", "CArgon2"])
        + room("Messages", above: ground + ["Storage", "Web", "CCurl"])
        + second.flatMap { room($0, above: ground + rules + ["Registry", "Institutions"]) }
        + room("Planning", above: ground + ["Storage", yams] + capabilities)
        + room("Sheets", above: ["Kernel", "CZip", "CExpat", "CXLSXWriter"])
        + room("Print", above: ["Kernel", "CPangoCairo", "CQREncode"])
        + room("Exchange", above: ground + rules + ["Storage", "Sheets", "Exposure"])
        + room(
            "Portal",
            above: ground + rules + [
                "Storage", "Web", "Accounts", "Messages", "Planning", "Exchange", "Sheets", "Print", "Registry", "Institutions",
                "Declaration", "Exposure",
                "Surveillance", "Radiation", "Enforcement", "Attachments", "Draws", hummingbird,
            ])
        + room(
            "House",
            above: ground + [
                "Storage", "Web", "Accounts", "Messages", "Planning", "Exchange", "Sheets", "Portal", "Draws", hummingbird, logging,
            ]
                + rules
                + capabilities)
        + [
            .target(name: "TestKit", dependencies: ground + ["Storage", "CZip"], swiftSettings: settings),
            .executableTarget(
                name: "zhifang",
                dependencies: [
                    "House", "Web", "Accounts", "Messages", "Planning", "Exchange", "Sheets", "Storage", "Exposure", "Draws", "CMalloc",
                    arguments, logging,
                ]
                    + ground + rules,
                swiftSettings: settings),
        ]
)
