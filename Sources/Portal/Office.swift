import Accounts
import Exchange
import Foundation
import Hummingbird
import Kernel
import Ledger
import Messages
import Planning
import Storage
import Web

/// What the handlers of the pages have in common.
public struct Office: Sendable {
    public let ledger: Ledger
    public let accounts: Accounts
    public let boards: Boards
    public let evaluations: Evaluations
    public let importer: Importer
    public let exporter: Exporter
    public let messages: Messages
    /// The site's own address for links in calendars, without a slash at its end; empty where nobody set one.
    public let site: String
    /// Whether the house sends e-mail.
    public let hasMail: Bool
    /// Demonstration data: every page says so.
    public let isDemo: Bool
    /// Served behind https: cookies travel on no other way.
    public let isSecure: Bool
    public let version: String
    public let demoAccounts: [View.DemoAccount]

    public init(
        boards: Boards, accounts: Accounts, isDemo: Bool, isSecure: Bool = false, version: String, demoAccounts: [View.DemoAccount] = [],
        site: String = "", hasMail: Bool = false
    ) {
        let ledger = boards.ledger
        (self.isSecure, self.site, self.hasMail, messages) = (isSecure, site, hasMail, Messages(ledger))
        (self.ledger, self.accounts, self.isDemo, self.version, self.demoAccounts) = (ledger, accounts, isDemo, version, demoAccounts)
        (self.boards, evaluations) = (boards, Evaluations(boards))
        (importer, exporter) = (Importer(ledger), Exporter(ledger))
    }

    /// The frame of a page for this reader.
    func frame(_ call: Call, at place: Frame.Place = .none) -> Frame {
        let other: Language = call.isEnglish ? .chinese : .english
        let signedIn = call.person.role != .nobody
        var frame = Frame(
            language: call.language.rawValue, otherLanguage: other == .english ? "English" : "中文", otherCode: other.rawValue,
            otherHref: Office.href(
                call.request.method == .get ? call.request.uri.path : "/", call.query, ["lang": other == .english ? "en" : "zh"]),
            person: signedIn ? call.caller.display : nil, unit: signedIn ? call.caller.unit : nil, csrf: call.caller.csrf, demo: isDemo,
            version: version, at: place,
            unread: call.caller.unread == 0 ? nil : call.caller.unread > 99 ? "99+" : String(call.caller.unread))
        let person = call.person
        frame.hasPlans = mayDo(person, .see, at: .common)
        frame.hasRecords = [.officer, .viewer, .organisation].contains(person.role)
        frame.hasImports = frame.hasRecords && person.mayChangeSomething
        frame.hasDuties = frame.hasRecords || person.role == .worker
        frame.hasAccounts = mayAdministerAccounts(person)
        frame.hasClaims =
            person.role == .officer && mayDo(person, .change, at: Place(divisions: person.ownPlace.divisions, kind: "account"))
        frame.hasAudit = mayDo(person, .readAudit, at: .common)
        return frame
    }

    /// An address with its query, some of it changed; an empty value takes a name out.
    static func href(_ path: String, _ query: [String: [String]] = [:], _ changes: [String: String] = [:]) -> String {
        var pairs: [(String, String)] = []
        for (name, values) in query where changes[name] == nil { for value in values { pairs.append((name, value)) } }
        for (name, value) in changes where !value.isEmpty { pairs.append((name, value)) }
        guard !pairs.isEmpty else { return path }
        func escaped(_ text: String) -> String {
            text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? ""
        }
        return path + "?" + pairs.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
    }

    /// The day that a page speaks of: the one asked for, or the last of the plan, or today.
    func day(_ call: Call, plan: Plan? = nil) throws -> Day {
        if let text = call.asked("as_of") {
            guard let day = Day.read(text) else { throw Refusal("day.format", field: "as_of", ["value": text]) }
            return day
        }
        let today = ledger.clock.today
        return plan.map { min($0.lastDay, today) } ?? today
    }
    func knownAt(_ call: Call) throws -> Moment? {
        guard let text = call.asked("known_at") else { return nil }
        guard let moment = Moment(text.replacing("T", with: " ")) else { throw Refusal("day.format", field: "known_at", ["value": text]) }
        return moment
    }
}

/// Figures as readers of each language write them.
struct Numbers {
    let isEnglish: Bool

    /// Up to one decimal for percentages and shares, none for counts, grouped thousands.
    func text(_ value: Double, unit: Ledger.Unit) -> String {
        switch unit {
        case .percent: return decimal(value, 1) + "%"
        case .ratio: return decimal(value, 2)
        case .whole: return grouped(value)
        }
    }
    func decimal(_ value: Double, _ places: Int) -> String {
        let scale = places == 1 ? 10.0 : 100.0
        let rounded = (value * scale).rounded() / scale
        var text = String(rounded)
        if text.hasSuffix(".0") { text.removeLast(2) }
        return text
    }
    func grouped(_ value: Double) -> String {
        guard value == value.rounded(), abs(value) < 1e15 else { return decimal(value, 2) }
        let digits = String(Int(abs(value)))
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return (value < 0 ? "−" : "") + result
    }
}

extension Ledger {
    /// How a style's values are written.
    enum Unit { case percent, ratio, whole }
    static func unit(of style: Measure.Style) -> Unit {
        switch style {
        case .rate, .share: .percent
        case .ratio, .leastRatio: .ratio
        case .count, .level, .leastUnit, .judged: .whole
        }
    }
}
