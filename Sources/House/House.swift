import Accounts
import Care
import Catalog
import Declaration
import Diagnosis
import Enforcement
import Exposure
import Foundation
import Improvement
import Institutions
import Kernel
import Ledger
import Messages
import Outreach
import Planning
import Portal
import Radiation
import Registry
import Storage
import Surveillance
import Web

/// The list of rooms, and the house opened over one database.
public struct House: Sendable {
    public static let version = "0.1.0"
    /// Counts up with every change of a rule, so that kept figures are computed anew under it.
    static let rulesEdition = 3

    /// Every room's offer, in the order in which kinds are listed.
    public static let features: [Feature] = [
        Registry.feature, Institutions.feature, Declaration.feature, Exposure.feature, Surveillance.feature, Radiation.feature,
        Diagnosis.feature, Care.feature,
        Enforcement.feature, Improvement.feature, Outreach.feature, Planning.feature,
    ]

    public let ledger: Ledger
    public let accounts: Accounts
    public let catalog: Catalog
    public var messages: Messages { Messages(ledger) }
    public let boards: Boards

    /// Opens a database, bringing its schema up to date.
    /// - Parameters:
    ///   - address: a file's path, `:memory:` or `postgres://…`.
    ///   - data: the folder of plans and standards.
    ///   - keys: the key ring, made at the first start; nil for one that lives as long as the process.
    ///   - heads: the file of published heads; nil for heads in memory.
    ///   - server: how a database server is used.
    ///   - isDemonstration: whether demonstration data is about to be made; where there is some, the values of the demonstration count anyway.
    /// - Throws: `Refusal("keys.missing")` or `keys.wrong` where the database was sealed with keys that are not there.
    public static func open(
        _ address: String, data: URL, clock: Clock = .system, keys: URL?, heads: URL?, server: ServerSettings = ServerSettings(),
        isDemonstration: Bool = false
    ) async throws -> House {
        let store = try openStore(address, server)
        try await Ledger.schema().bring(upToDate: store)
        let holdsOne = try await isDemo(store)
        let isShown = isDemonstration || holdsOne
        let ring: KeyRing = if let keys { try await KeyRing.open(keys, for: store, today: clock.today) } else { .ephemeral }
        let catalog = try Catalog(folder: data, isDemonstration: isShown)
        return try await open(store, catalog: catalog, clock: clock, keys: ring, heads: AuditHeads(url: heads))
    }
    /// The same with key ring and heads beside the database.
    public static func open(_ address: String, data: URL, clock: Clock = .system) async throws -> House {
        try await open(address, data: data, clock: clock, keys: beside(address, "keys"), heads: beside(address, "heads"))
    }
    /// Where a file that belongs to a database lies by default: beside an SQLite file, in `var` for PostgreSQL, nowhere for memory.
    public static func beside(_ address: String, _ suffix: String) -> URL? {
        if address == ":memory:" { return nil }
        return URL(fileURLWithPath: address.contains("://") ? "var/zhifang.\(suffix)" : "\(address).\(suffix)")
    }

    public static func open(
        _ store: any Store, catalog: Catalog, clock: Clock = .system, keys: KeyRing = .ephemeral, heads: AuditHeads = AuditHeads()
    ) async throws -> House {
        try await Ledger.schema().bring(upToDate: store)
        let house = try House(over: store, catalog: catalog, clock: clock, keys: keys, heads: heads)
        try await house.ledger.bringKeys()
        try await house.ledger.bring(rules: house.rules)
        return house
    }
    /// Names the program's rules with the catalogue that they read.
    private var rules: String { "\(House.version) \(House.rulesEdition) \(catalog.digest)" }

    public init(
        over store: any Store, catalog: Catalog, clock: Clock = .system, keys: KeyRing = .ephemeral, heads: AuditHeads = AuditHeads()
    ) throws {
        let measures = House.measures
        let departments = DepartmentTable()
        let accounts: @Sendable (Ledger) -> Accounts = { ledger in
            Accounts(
                ledger, succession: { try Messages.leave(ledger, $0, $1, followedBy: $2, by: $3, at: $4) },
                departments: { try departments.functions(ledger, $0, of: $1, on: $2) })
        }
        ledger = try Ledger(
            store: store, catalog: catalog, features: House.features, clock: clock, keys: keys, heads: heads, listener: Messages.listen,
            people: { try accounts($0).people($1) }
        ) { text in
            var reader = PlanReader(catalog: catalog, measures: measures)
            guard let plan = reader.read(text) else {
                throw Refusal("plan.unreadable", ["reason": reader.problems.first?.description ?? ""])
            }
            return plan.gauges(catalog)
        }
        boards = Boards(ledger)
        self.accounts = accounts(ledger)
        self.catalog = catalog
    }

    /// What plans can count. Statutory clocks are duties only and not among them.
    public static let measures: [String: Measure] = Dictionary(
        uniqueKeysWithValues: features.flatMap(\.measures).filter { !$0.isClock }.map { ($0.name, $0) })

    /// Reads a plan's text and says what is wrong with it.
    public static func read(plan text: String, catalog: Catalog) -> (plan: Plan?, problems: [PlanProblem]) {
        var reader = PlanReader(catalog: catalog, measures: measures)
        let plan = reader.read(text)
        return (plan, reader.problems)
    }

    /// Adds a plan's text to the database and computes its indicators.
    /// - Throws: `Refusals` with every error of the text.
    @discardableResult public func add(plan text: String, by person: Person) async throws -> (plan: Plan, edition: Int) {
        let (plan, problems) = House.read(plan: text, catalog: catalog)
        guard let plan else {
            throw Refusals(problems.filter { !$0.isWarning }.map { Refusal($0.code, row: $0.line, field: $0.field, $0.details) })
        }
        let edition = try await ledger.add(
            plan: plan.id, home: plan.jurisdiction.text, text: text, gauges: plan.gauges(catalog), by: person)
        return (plan, edition)
    }

    /// Fills the jurisdictions of the stored plans with demonstration data.
    /// - Returns: how many versions were stored.
    public func demonstrate(seed: UInt64, scale: Double, progress: (String) -> Void) async throws -> Int {
        let plans = try await ledger.store.read { [boards] in try boards.plans($0).map(\.plan) }
        var count = 0
        for plan in plans {
            let prefix = String(plan.id.prefix { $0 != "-" })
            let own = try await load(DemoJurisdiction(plan, code: plan.jurisdiction, prefix: prefix), seed: seed, scale: scale)
            progress("\(plan.name.zh): \(own)")
            count += own
        }
        if plans.contains(where: { $0.jurisdiction.contains(DemoWorkshop.county) }) {
            let workshop = DemoWorkshop.versions(today: ledger.clock.today)
            try await ledger.load(workshop, by: .house, door: House.demoDoor, settles: false)
            count += workshop.count
        }
        try await ledger.settleAll(rules: rules)
        return count
    }

    /// About ten workers an employer whose records are made: eight were measured with 2.8, three without it.
    private static let provinceCrowd = 3.4
    /// Fills every county of a plan's province with so many employers in all, a county at a time: of a million no more is held than of one county.
    /// - Returns: how many versions were stored.
    public func demonstrateProvince(_ plan: Plan, seed: UInt64, employers: Int, progress: (String) -> Void) async throws -> Int {
        let places = DemoCatalog(catalog, on: ledger.clock.today)
        let counties = places.counties(of: DemoJurisdiction(plan, code: plan.jurisdiction, prefix: ""))
        var count = 0
        for (index, county) in counties.enumerated() {
            guard let code = DivisionCode(county.code) else { continue }
            let share = employers * (index + 1) / counties.count - employers * index / counties.count
            var jurisdiction = DemoJurisdiction(plan, code: code, prefix: county.code)
            jurisdiction.crowd = House.provinceCrowd
            count += try await load(jurisdiction, seed: seed, scale: Double(share) / Double(DemoProfile.of(county.code).employers))
            progress("\(index + 1)/\(counties.count) \(county.name): \(count)")
        }
        try await ledger.settleAll(rules: rules)
        return count
    }

    private func load(_ jurisdiction: DemoJurisdiction, seed: UInt64, scale: Double) async throws -> Int {
        let today = ledger.clock.today
        let demo = Demo(seed: seed, scale: scale, catalog: DemoCatalog(catalog, on: today), today: today)
        var count = 0
        for part in demo.parts(of: jurisdiction) {
            try await ledger.load(part, by: .house, door: House.demoDoor, settles: false)
            count += part.count
        }
        return count
    }

    /// The site over this house.
    /// - Parameters:
    ///   - isSecure: served behind https: cookies travel on no other way.
    ///   - site: the site's own address, for links in calendars.
    ///   - hasMail: whether e-mail is sent.
    public func office(
        isDemo: Bool, isSecure: Bool = false, demoAccounts: [View.DemoAccount], site: String = "", hasMail: Bool = false
    ) -> Office {
        Office(
            boards: boards, accounts: accounts, isDemo: isDemo, isSecure: isSecure, version: House.version, demoAccounts: demoAccounts,
            site: site, hasMail: hasMail)
    }
}
