import Accounts
import ArgumentParser
import Foundation
import House
import Kernel
import Ledger
import Logging
import Messages
import Planning
import Storage
import Web

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the site.", discussion: "Stops gracefully on SIGINT and SIGTERM: requests under way are answered first.")
    @OptionGroup var place: Place
    @Option(help: "Address to listen on [ZHIFANG_LISTEN; 127.0.0.1]") var listen: String?
    @Option(help: "Port [ZHIFANG_PORT; 8080]") var port: Int?
    @Option(help: "Days that the clock goes ahead, to see what falls due when; demonstration databases only") var ahead: Int?

    func run() async throws {
        // The pages and the database share nothing: they are read at the same time.
        async let read = Pages()
        let house = try await opened()
        let host = try place.setting("listen", flag: listen) ?? "127.0.0.1"
        let number = try port ?? place.setting("port").flatMap { Int($0) } ?? 8080
        let isDemo = try await house.isDemo()
        let hasAdministrator = try await house.accounts.hasAdministrator()
        let mail = try place.mailServer()
        let address = try place.setting("site")
        let isSecure = try place.setting("https") == "true"
        let pages = try await read
        try await house.serve(
            host: host, port: number, logger: Logger(label: "zhifang"), isSecure: isSecure, mail: mail, address: address, pages: pages
        ) {
            let speech = Speech.current
            print("\n  " + speech("职防已启动", "Zhifang is running") + ": http://127.0.0.1:\(number)/\n")
            if isDemo {
                print("  " + speech("演示账户（密码均为 ", "Demonstration accounts (password ") + House.demoPassword + speech("）：", "):"))
                print(
                    "    admin · security · audit · worker · citizen · officer330400 · officer210900 · officer110109 · officer150522 · officer450204 · employer\n"
                )
            } else if !hasAdministrator {
                print(
                    "  " + speech("首次使用：打开上面的地址设置管理员密码。", "First run: open the address above and set the administrator's password.") + "\n")
            }
            print("  " + speech("按 Ctrl-C 停止。", "Ctrl-C stops it.") + "\n")
            fflush(nil)
        }
    }

    /// The house; with its clock ahead only where what it holds is made up: nobody's real records are dated by a clock that is wrong.
    private func opened() async throws -> House {
        guard let ahead, ahead != 0 else { return try await place.open() }
        guard (1...3660).contains(ahead) else { throw Refusal("number.range", ["value": String(ahead), "limit": "1…3660"]) }
        guard try await place.open().isDemo() else { throw Refusal("demo.clock") }
        let shift = Int64(ahead) * 86_400_000_000
        return try await place.open(clock: Clock { Moment(microseconds: Clock.system.now().microseconds + shift) })
    }
}

struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Fills an empty database with the five plans and demonstration data.",
        discussion:
            "--scale province makes one invented plan over a whole province instead, county by county; --employers makes it smaller.")
    @OptionGroup var place: Place
    @Option(help: "Seed of the generator: the same seed gives the same data.") var seed: UInt64 = 2026
    @Option(help: "Size: 1 is about 2,500 employers; province is a million.") var scale: Scale = .times(1)
    @Option(help: "With --scale province: how many employers in all.") var employers: Int?

    enum Scale: ExpressibleByArgument {
        case times(Double), province
        init?(argument: String) {
            if argument == "province" {
                self = .province
            } else if let times = Double(argument), times > 0 {
                self = .times(times)
            } else {
                return nil
            }
        }
    }

    func run() async throws {
        let house = try await place.open(isDemonstration: true)
        let speech = Speech.current
        let isUsed = try await house.ledger.store.read { try $0.row("SELECT id FROM record LIMIT 1") != nil }
        if isUsed { throw Refusal("demo.not-empty") }
        let started = Date()
        func tell(_ line: String) { print("    \(line)"); fflush(nil) }
        let count: Int
        switch scale {
        case .province:
            let number = employers ?? 1_000_000
            guard (1000...5_000_000).contains(number) else {
                throw Refusal("number.range", field: "employers", ["value": String(number), "limit": "1000…5000000"])
            }
            let plan = try await add("demonstration/province.yaml", to: house)
            count = try await house.demonstrateProvince(plan, seed: seed, employers: number, progress: tell)
        case .times(let scale):
            let folder = try place.folder().appendingPathComponent("plans")
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).filter({ $0.hasSuffix(".yaml") }).sorted() {
                try await add("plans/\(name)", to: house)
            }
            print("  " + speech("生成演示数据…", "making demonstration data …"))
            count = try await house.demonstrate(seed: seed, scale: scale, progress: tell)
            try await house.tellDemoStory()
        }
        _ = try await house.addDemoAccounts()
        print(
            "  " + speech("已写入 \(count) 条记录版本，用时", "\(count) versions stored in")
                + String(format: " %.1f s", Date().timeIntervalSince(started)))
    }

    @discardableResult private func add(_ file: String, to house: House) async throws -> Plan {
        let text = try String(contentsOf: place.folder().appendingPathComponent(file), encoding: .utf8)
        let (plan, _) = try await house.add(plan: text, by: .house)
        print("  " + Speech.current("规划", "plan") + " \(plan.id) \(plan.name.text(english: Speech.current.isEnglish))")
        return plan
    }
}

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Computes every figure anew and compares it with what is kept; checks the audit chain.")
    @OptionGroup var place: Place

    func run() async throws {
        let house = try await place.open()
        let problems = try await house.ledger.verify()
        let breaks = try await house.ledger.checkAudit().flaws + house.ledger.checkVersions()
        for problem in problems.prefix(50) { print(problem) }
        for flaw in breaks { print(Speech.current.say(flaw)) }
        if problems.isEmpty, breaks.isEmpty {
            print(Speech.current("一致：指标与全量重算相同，审计链完整。", "clean: figures equal a full computation, the audit chain is whole."))
        } else {
            print(
                "\(problems.count) " + Speech.current("处不一致", "differences") + ", \(breaks.count) "
                    + Speech.current("处审计链断开", "breaks of the audit chain"))
            throw ExitCode(1)
        }
    }
}

struct User: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Accounts.", subcommands: [Add.self, Password.self, List.self, Lock.self, Unlock.self, ResetFactor.self, Close.self])
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds an account; the password is read from standard input.")
        @OptionGroup var place: Place
        @Argument var name: String
        @Option(help: "system, security, audit, officer, viewer, organisation, worker or citizen") var role: String
        @Option(help: "Division of an authority's person") var division: String = ""
        @Option(help: "Id of the employer or institution of an organisation's person") var organisation: String = ""
        @Option(help: "Functions, parted by commas: health,work_safety") var functions: String = ""
        @Option(help: "Plan and department whose functions of the day the account has: PLAN/DEPARTMENT") var department: String = ""
        @Option(help: "Id of the worker that a worker's account belongs to") var worker: String = ""
        @Flag(help: "Invites and closes accounts of the own unit") var manager = false
        @Option(help: "Name shown") var display: String?
        func run() async throws {
            guard let role = Person.Role(rawValue: role), role != .nobody else {
                throw Refusal("code.unknown", field: "role", ["value": role])
            }
            let house = try await place.open()
            try await house.accounts.add(
                name: name, display: display ?? name, password: readLine() ?? "", role: role,
                functions: functions.split(separator: ",").map(String.init), division: division,
                organisation: organisation, worker: worker, department: department, isManager: manager, by: .house)
        }
    }
    struct Password: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Sets an account's password, read from standard input.")
        @OptionGroup var place: Place
        @Argument var name: String
        func run() async throws { try await place.open().accounts.setPassword(name: name, readLine() ?? "", by: .house) }
    }
    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Locks an account and ends its sessions.")
        @OptionGroup var place: Place
        @Argument var name: String
        func run() async throws { try await place.open().accounts.lock(name, by: .house) }
    }
    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Opens a locked account and forgets its wrong attempts.")
        @OptionGroup var place: Place
        @Argument var name: String
        func run() async throws { try await place.open().accounts.unlock(name, by: .house) }
    }
    struct ResetFactor: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset-factor", abstract: "Takes the second factor from an account whose owner has lost it.")
        @OptionGroup var place: Place
        @Argument var name: String
        func run() async throws { try await place.open().accounts.resetFactor(name, by: .house) }
    }
    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Closes an account for good; a successor takes over its drafts and messages.")
        @OptionGroup var place: Place
        @Argument var name: String
        @Option(help: "Account of the same unit that takes over") var successor: String = ""
        func run() async throws { try await place.open().accounts.close(name, successor: successor, by: .house) }
    }
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists accounts.")
        @OptionGroup var place: Place
        func run() async throws {
            for account in try await place.open().accounts.list() {
                print(
                    [
                        account.name, account.person.role.rawValue, account.state.rawValue, account.person.division?.text ?? "",
                        account.display,
                    ].joined(
                        separator: "\t"))
            }
        }
    }
}
