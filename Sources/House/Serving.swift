import Accounts
import Catalog
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
        func add(_ name: String, _ display: String, _ role: Person.Role, division: String = "", organisation: String = "") async throws {
            do {
                try await self.accounts.add(
                    name: name, display: display, password: House.demoPassword, role: role, functions: role == .officer ? ["health"] : [],
                    division: division,
                    organisation: organisation, by: .house)
            } catch let refusal as Refusal where refusal.code == "key.exists" {}
            accounts.append(View.DemoAccount(name: name, password: House.demoPassword, role: display))
        }
        try await add("admin", "系统管理员 System administrator", .system)
        let plans = try await ledger.store.read { [boards] in try boards.plans($0).map(\.plan) }
        for plan in plans {
            try await add(
                "officer\(plan.jurisdiction.text)", "\(plan.jurisdictionName.zh)监管人员 Officer", .officer, division: plan.jurisdiction.text)
        }
        if let plan = plans.first(where: { $0.jurisdiction.text == "330400" }) ?? plans.first,
            let debtor = try await busyEmployer(in: plan.jurisdiction)
        {
            try await add("employer", "\(debtor.title)（用人单位 Employer）", .organisation, organisation: debtor.id)
        }
        try await addWorkshopAccounts { try await add($0, $1, $2, division: $3, organisation: $4) }
        return accounts
    }

    /// The nine people of the workshop, the institution that tests it and the county that it declares to.
    private func addWorkshopAccounts(
        _ add: (String, String, Person.Role, String, String) async throws -> Void
    ) async throws {
        let ids = [DemoWorkshop.employer, DemoWorkshop.tester]
        let names = try await ledger.store.read { [ledger] db in try ledger.titles(db, Set(ids)) }
        guard let workshop = names[DemoWorkshop.employer], let tester = names[DemoWorkshop.tester] else { return }
        try await add("workshop", "\(workshop.title)（用人单位 Employer）", .organisation, "", DemoWorkshop.employer)
        try await add("tester", "\(tester.title)（检测机构 Institution）", .organisation, "", DemoWorkshop.tester)
        let county = DemoWorkshop.county
        try await add("officer\(county)", "\(catalog.divisions.name(county))监管人员 Officer", .officer, county, "")
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

    /// Whether the database holds demonstration data.
    public func isDemo() async throws -> Bool {
        try await ledger.store.read { try $0.row("SELECT home FROM audit WHERE door = 'demo' LIMIT 1") != nil }
    }

    /// - Parameters:
    ///   - address: the site's own, for links in calendars.
    ///   - hasMail: whether e-mail is sent.
    public func site(logger: Logger, address: String = "", hasMail: Bool = false) async throws -> Site {
        let isDemo = try await isDemo()
        var shown: [View.DemoAccount] = []
        if isDemo {
            for account in try await accounts.list()
            where ["admin", "employer", "workshop", "tester"].contains(account.name) || account.name.hasPrefix("officer") {
                shown.append(View.DemoAccount(name: account.name, password: House.demoPassword, role: account.display))
            }
        }
        let office = office(isDemo: isDemo, demoAccounts: shown, site: address, hasMail: hasMail)
        let accounts = accounts
        let messages = messages
        let catalog = catalog
        return Site(
            routes: Portal.routes(office), pages: try Pages(), logger: logger,
            whoIs: { token in
                guard let session = try await accounts.session(token) else { return nil }
                let person = session.account.person
                return Caller(
                    person: person, display: session.account.display, unit: person.division.map { catalog.divisions.name($0.text) },
                    csrf: session.csrf, token: token, unread: try await messages.unread(of: person))
            }, errorPage: Portal.errorPage(office))
    }

    /// Serves the site until the process is asked to stop; requests under way are answered first.
    /// - Parameters:
    ///   - mail: the mail server; nil where e-mail is not sent.
    ///   - address: the site's own, for links; the loopback's where none is set.
    public func serve(
        host: String, port: Int, logger: Logger, mail: MailServer? = nil, address: String? = nil,
        ready: @escaping @Sendable () async -> Void = {}
    ) async throws {
        let address = address ?? "http://127.0.0.1:\(port)"
        let site = try await site(logger: logger, address: address, hasMail: mail != nil)
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
