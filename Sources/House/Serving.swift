import Accounts
import Catalog
import Enforcement
import Foundation
import Hummingbird
import Kernel
import Ledger
import Logging
import Messages
import Planning
import Portal
import Storage
import Web

extension House {
    /// Accounts that the demonstration data comes with. Their passwords are public: a database that has them says so on every page,
    /// and the server listens on loopback only while they are there.
    public static let demoPassword = "zhifang-demo"
    static let demoDoor = "demo"

    public func addDemoAccounts() async throws -> [View.DemoAccount] {
        var accounts: [View.DemoAccount] = []
        func add(
            _ name: String, _ display: String, _ role: Person.Role, functions: [String]? = nil, division: String = "",
            organisation: String = "", worker: String = "", isManager: Bool = false
        ) async throws {
            do {
                try await self.accounts.add(
                    name: name, display: display, password: House.demoPassword, role: role,
                    functions: functions ?? (role == .officer ? ["health"] : []), division: division,
                    organisation: organisation, worker: worker, isManager: isManager, by: .house)
            } catch let refusal as Refusal where refusal.code == "key.exists" {}
            accounts.append(View.DemoAccount(name: name, password: House.demoPassword, role: display))
        }
        try await add("admin", "系统管理员 System administrator", .system)
        try await add("security", "安全管理员 Security administrator", .security)
        try await add("audit", "审计管理员 Audit administrator", .audit)
        let plans = try await ledger.store.read { [boards] in try boards.plans($0).map(\.plan) }
        for plan in plans {
            try await add(
                "officer\(plan.jurisdiction.text)", "\(plan.jurisdictionName.zh)监管人员 Officer", .officer, division: plan.jurisdiction.text,
                isManager: true)
        }
        if let plan = plans.first(where: { $0.jurisdiction.text == "330400" }) ?? plans.first,
            let debtor = try await busyEmployer(in: plan.jurisdiction)
        {
            try await add("employer", "\(debtor.title)（用人单位 Employer）", .organisation, organisation: debtor.id, isManager: true)
            if let worker = try await exposedWorker(of: debtor.id) {
                try await add("worker", "\(worker.title)（劳动者 Worker）", .worker, worker: worker.id)
            }
        }
        try await add("citizen", "公众 Citizen", .citizen)
        for account in try await workshopAccounts() + storyAccounts() {
            let seat = account.seat
            try await add(
                account.name, account.display, seat.role, functions: seat.functions, division: seat.division,
                organisation: seat.organisation,
                worker: seat.worker)
        }
        return accounts
    }

    /// The nine people of the workshop, the institution that tests it, the county that it declares to, and another department there.
    private func workshopAccounts() async throws -> [(name: String, display: String, seat: Seat)] {
        let ids = [DemoWorkshop.employer, DemoWorkshop.tester, DemoWorkshop.worker]
        let names = try await ledger.store.read { [ledger] db in try ledger.titles(db, Set(ids)) }
        guard let workshop = names[DemoWorkshop.employer], let tester = names[DemoWorkshop.tester], let worker = names[DemoWorkshop.worker]
        else { return [] }
        let county = DemoWorkshop.county
        let place = catalog.divisions.name(county)
        return [
            ("workshop", "\(workshop.title)（用人单位 Employer）", Seat(.organisation, organisation: DemoWorkshop.employer)),
            ("workshop-worker", "\(worker.title)（劳动者 Worker）", Seat(.worker, worker: DemoWorkshop.worker)),
            ("tester", "\(tester.title)（检测机构 Institution）", Seat(.organisation, organisation: DemoWorkshop.tester)),
            ("officer\(county)", "\(place)监管人员 Officer", Seat(.officer, functions: ["health"], division: county)),
            ("head\(county)", "\(place)审批人员 Approving officer", Seat(.officer, functions: ["health"], division: county)),
            (
                "department\(county)", "\(place)市场监管人员 Another department",
                Seat(.officer, functions: ["market_supervision"], division: county)
            ),
        ]
    }

    /// The people of the story: who approves, another department, and the employer of the order.
    private func storyAccounts() async throws -> [(name: String, display: String, seat: Seat)] {
        let firm = try await ledger.store.read { [ledger] db in
            try ledger.record(db, DemoStory.id("order"))?[Order.employer].flatMap { try ledger.record(db, $0) }
        }
        guard let firm else { return [] }
        let county = DemoStory.county
        let place = catalog.divisions.name(county)
        return [
            ("firm\(county)", "\(firm.title)（用人单位 Employer）", Seat(.organisation, organisation: firm.id)),
            ("head\(county)", "\(place)审批人员 Approving officer", Seat(.officer, functions: ["health"], division: county)),
            (
                "department\(county)", "\(place)市场监管人员 Another department",
                Seat(.officer, functions: ["market_supervision"], division: county)
            ),
        ]
    }

    /// An employer with something to do, for the account that shows an employer's side.
    private func busyEmployer(in division: DivisionCode) async throws -> Record? {
        try await ledger.store.read { [ledger] db in
            let duties = try ledger.duties(db, on: ledger.clock.today, in: division, verdicts: [.unmet], limit: 4000)
            let counts = Dictionary(grouping: duties.map(\.stretch.debtor).filter { !$0.isEmpty }, by: { $0 }).mapValues(\.count)
            let id = counts.filter { (3...12).contains($0.value) }.keys.min() ?? counts.keys.min()
            return try id.flatMap { try ledger.record(db, $0) }
        }
    }

    /// A worker of an employer with an exposure history, for the account that shows a worker's side.
    private func exposedWorker(of employer: String) async throws -> Record? {
        try await ledger.store.read { [ledger] db in
            let row = try db.row(
                """
                SELECT min(w.target) AS id FROM link e JOIN link w ON w.home = e.home AND w.id = e.id AND w.field = 'worker'
                WHERE e.target = \(employer) AND e.kind = 'exposure' AND e.field = 'employer'
                """)
            return try row?.find("id", as: String.self).flatMap { try ledger.record(db, $0) }
        }
    }

    /// Whether the database holds demonstration data.
    public func isDemo() async throws -> Bool { try await House.isDemo(ledger.store) }
    static func isDemo(_ store: any Store) async throws -> Bool {
        // It goes into an empty database: the chain of a home that it fills begins with it, behind a plan at most.
        try await store.read { db in
            try Ledger.homes(db, of: "audit").contains { home in
                try db.row("SELECT home FROM audit WHERE home = \(home) AND sequence <= 8 AND door = \(demoDoor) LIMIT 1") != nil
            }
        }
    }

    /// - Parameters:
    ///   - isSecure: served behind https: cookies travel on no other way.
    ///   - address: the site's own, for links in calendars.
    ///   - hasMail: whether e-mail is sent.
    ///   - pages: those that were read already; nil to read them now.
    public func site(
        logger: Logger, isSecure: Bool = false, address: String = "", hasMail: Bool = false, pages: Pages? = nil
    ) async throws -> Site {
        let isDemo = try await isDemo()
        var shown: [View.DemoAccount] = []
        if isDemo {
            for account in try await accounts.list()
            where ["admin", "security", "audit", "employer", "worker", "citizen", "workshop", "tester"].contains(account.name)
                || ["officer", "head", "department", "workshop", "firm"].contains(where: account.name.hasPrefix)
            {
                shown.append(View.DemoAccount(name: account.name, password: House.demoPassword, role: account.display))
            }
        }
        let office = office(isDemo: isDemo, isSecure: isSecure, demoAccounts: shown, site: address, hasMail: hasMail)
        let accounts = accounts
        let messages = messages
        let catalog = catalog
        return Site(
            routes: Portal.routes(office), pages: try pages ?? Pages(), logger: logger,
            shelf: AnswerShelf(clock: ledger.clock) { [store = ledger.store] in store.stamp },
            whoIs: { token in
                if token.hasPrefix(Accounts.tokenPrefix) {
                    guard let machine = try await accounts.machine(token) else { return nil }
                    var caller = Caller(person: machine.account.person, display: machine.account.display, unit: nil, csrf: "", token: "")
                    (caller.isMachine, caller.mayWrite) = (true, machine.mayWrite)
                    return caller
                }
                guard let session = try await accounts.session(token) else { return nil }
                let person = session.account.person
                return Caller(
                    person: person, display: session.account.display, unit: person.division.map { catalog.divisions.name($0.text) },
                    csrf: session.csrf, token: token, unread: try await messages.unread(of: person),
                    mustEnrol: Accounts.mustEnrol(session.account, isDemo: isDemo))
            }, errorPage: Portal.errorPage(office))
    }

    /// Serves the site until the process is asked to stop; requests under way are answered first.
    /// - Parameters:
    ///   - isSecure: served behind https: cookies travel on no other way.
    ///   - mail: the mail server; nil where e-mail is not sent.
    ///   - address: the site's own, for links; the loopback's where none is set.
    public func serve(
        host: String, port: Int, logger: Logger, isSecure: Bool = false, mail: MailServer? = nil, address: String? = nil,
        pages: Pages? = nil,
        ready: @escaping @Sendable () async -> Void = {}
    ) async throws {
        let address = address ?? "http://127.0.0.1:\(port)"
        let site = try await site(logger: logger, isSecure: isSecure, address: address, hasMail: mail != nil, pages: pages)
        var hostname = host
        let hasAdministrator = try await accounts.hasAdministrator()
        let isDemo = try await isDemo()
        if hostname != "127.0.0.1", !hasAdministrator || isDemo {
            logger.warning(
                "listening on loopback only",
                metadata: ["reason": "\(isDemo ? "demonstration accounts have public passwords" : "no administrator has set a password")"])
            hostname = "127.0.0.1"
        }
        let application = Application(
            router: try site.router(), configuration: .init(address: .hostname(hostname, port: port), serverName: "zhifang"),
            onServerRunning: { _ in await ready() }, logger: logger)
        let mailroom = mail.map { Mailroom(ledger, pages: site.pages, server: $0, site: address) }
        try await withThrowingTaskGroup { group in
            group.addTask { try await application.runService() }
            group.addTask { await keepAudit(logger) }
            group.addTask { await rounds(mailroom, logger) }
            // The server has stopped: nothing else goes on.
            try await group.next()
            group.cancelAll()
        }
    }

    /// What is done without being asked while the site is served: the day's reminders once a day, e-mail as it comes. What fails is in the
    /// log and is tried again.
    private func rounds(_ mailroom: Mailroom?, _ logger: Logger) async {
        while !Task.isCancelled {
            do {
                if let round = try await messages.remindDaily() {
                    logger.info("reminders", metadata: ["messages": "\(round.total)", "duties": "\(round.told)"])
                }
                if let sent = try await mailroom?.deliver(), sent.sent + sent.failed + sent.dead > 0 {
                    logger.info("e-mail", metadata: ["sent": "\(sent.sent)", "failed": "\(sent.failed)", "dead": "\(sent.dead)"])
                }
            } catch is CancellationError { return } catch {
                logger.error("round failed", metadata: ["error": "\(String(reflecting: error))"])
            }
            try? await Task.sleep(for: .seconds(20))
        }
    }
}
