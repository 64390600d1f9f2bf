import Foundation
import Kernel
import Yams

/// When whoever owes a duty is told of it, and when the one above them is 提醒与上报. `Data/standards/reminders.yaml`.
public struct ReminderRule: Sendable {
    /// The duty rule's name; `*` for every one.
    public let duty: String
    /// Days from the last day in time, earliest first: −30, −7, 0, 7.
    public let steps: [Int]
    /// Days overdue after which whoever heads the unit is told; nil: never.
    public let manager: Int?
    /// Days overdue after which the one above is told, level by level.
    public let superior: [Int]
    public let provenance: Provenance
}

/// Which step of which kind of record tells whom. `Data/standards/notices.yaml`.
public struct NoticeRule: Sendable {
    public enum Receiver: String, Sendable, CaseIterable { case employer, institution, authority, department, worker, speaker }
    /// The kind's name; `*` for every one.
    public let kind: String
    public let step: String
    /// The field that the change filled, and that was blank before; nil for any change.
    public let filled: String?
    public let receivers: [Receiver]
    /// `notice.<word>` in the words catalogue.
    public let word: String
    /// What a reader may switch off for e-mail.
    public let topic: String
}

/// The rules of reminding, those of jurisdictions before the national ones, and of notices.
public struct Reminders: Sendable {
    static let file = "reminders.yaml"
    static let noticeFile = "notices.yaml"
    /// By division; the national ones under the empty code.
    let rules: [String: [ReminderRule]]
    let consequences: [String: StatutoryClock.PenaltyItem]
    public let notices: [NoticeRule]

    /// The rule of a duty in a division on a day: of the smallest division that has one, the duty's own before the one for all.
    public func rule(for duty: String, in division: String, on day: Day) -> ReminderRule? {
        for length in [12, 9, 6, 4, 2, 0] where length <= division.utf8.count || length == 0 {
            let code = length == 0 ? "" : String(division.prefix(length)).padded
            guard let own = rules[code]?.filter({ $0.provenance.force.contains(day) }) else { continue }
            if let rule = own.last(where: { $0.duty == duty }) ?? own.last(where: { $0.duty == "*" }) { return rule }
        }
        return nil
    }

    /// How many days before its last day any rule tells of a duty.
    public var longestLead: Int { -(rules.values.flatMap { $0 }.flatMap(\.steps).min() ?? 0) }

    /// Reads both files.
    /// - Throws: `Refusal("catalog.…")` with file, row and key.
    init(standards home: URL, local: [String: [ReminderRule]]) throws {
        let root = try Catalog.yaml(home.appendingPathComponent(Reminders.file))
        var rules = local
        rules[""] = try Reminders.rules(root["reminders"], file: Reminders.file)
        var consequences: [String: StatutoryClock.PenaltyItem] = [:]
        for (key, node) in root["consequences"]?.mapping ?? [:] {
            guard let name = key.text, let article = node.mapping?["article"]?.text.flatMap({ Int($0) }) else {
                throw Refusal("catalog.empty", row: key.mark?.line, field: "article", ["file": Reminders.file, "value": key.text ?? ""])
            }
            consequences[name] = StatutoryClock.PenaltyItem(article: article, item: node.mapping?["item"]?.text ?? "")
        }
        (self.rules, self.consequences) = (rules, consequences)
        notices = try Reminders.notices(try Catalog.yaml(home.appendingPathComponent(Reminders.noticeFile)))
    }

    static func rules(_ node: Yams.Node?, file: String) throws -> [ReminderRule] {
        try (node?.sequence ?? []).map { node in
            func refuse(_ key: String) -> Refusal {
                Refusal(
                    "catalog.reminder", row: node.mark?.line, field: key, ["file": file, "value": node.mapping?[key]?.text ?? key])
            }
            guard let body = node.mapping else { throw refuse("duty") }
            let keys: Set = ["duty", "before", "day", "after", "manager", "superior", "from", "until", "clause", "source", "confidence"]
            for (key, _) in body where !keys.contains(key.text ?? "") { throw refuse(key.text ?? "") }
            guard let duty = body["duty"]?.text else { throw refuse("duty") }
            func days(_ key: String) throws -> [Int] {
                try (body[key]?.sequence.map(Array.init) ?? body[key].map { [$0] } ?? []).map { item in
                    guard let number = item.text.flatMap({ Int($0) }), (1...3650).contains(number) else { throw refuse(key) }
                    return number
                }
            }
            func day(_ key: String) throws -> Day? {
                guard let text = body[key]?.text else { return nil }
                guard let day = Day(text) else { throw refuse(key) }
                return day
            }
            guard let confidence = body["confidence"]?.text.flatMap(Confidence.init(rawValue:)) else { throw refuse("confidence") }
            let steps = try days("before").map { -$0 } + (body["day"]?.text == "true" ? [0] : []) + days("after")
            let superior = try days("superior")
            guard superior == superior.sorted() else { throw refuse("superior") }
            let force = Span(try day("from") ?? .distantPast, try day("until") ?? .distantFuture)
            return ReminderRule(
                duty: duty, steps: Set(steps).sorted(), manager: try body["manager"].map { _ in try days("manager") }?.first,
                superior: superior,
                provenance: Provenance(
                    edition: "", clause: body["clause"]?.text ?? "", source: body["source"]?.text ?? "", confidence: confidence,
                    force: force))
        }
    }

    private static func notices(_ root: Yams.Node.Mapping) throws -> [NoticeRule] {
        try (root["notices"]?.sequence ?? []).map { node in
            func refuse(_ key: String) -> Refusal {
                Refusal(
                    "catalog.reminder", row: node.mark?.line, field: key, ["file": noticeFile, "value": node.mapping?[key]?.text ?? key])
            }
            guard let body = node.mapping else { throw refuse("kind") }
            func word(_ key: String) throws -> String {
                guard let text = body[key]?.text, !text.isEmpty else { throw refuse(key) }
                return text
            }
            let receivers = try (body["to"]?.sequence ?? []).map { item in
                guard let receiver = item.text.flatMap(NoticeRule.Receiver.init(rawValue:)) else { throw refuse("to") }
                return receiver
            }
            return NoticeRule(
                kind: try word("kind"), step: try word("step"), filled: body["filled"]?.text, receivers: receivers, word: try word("word"),
                topic: try word("topic"))
        }
    }
}

extension String {
    /// A division's code as files name it: the code of a province or city is filled up to six digits.
    fileprivate var padded: String { utf8.count < 6 ? self + String(repeating: "0", count: 6 - utf8.count) : self }
}

extension Catalog {
    /// What the law threatens whoever lets a duty pass, on a day: the cases of its item; none where nobody named one.
    public func penalties(ofDuty name: String, on day: Day) -> [Penalty] {
        guard let item = clocks[name]?.penalty ?? reminders.consequences[name] else { return [] }
        return penalties.filter { $0.article == item.article && $0.item == item.item && $0.provenance.force.contains(day) }
    }
    /// Whether a clock of this name is a right that lapses, which nobody owes.
    public func isRight(_ duty: String) -> Bool { clocks[duty]?.isRight == true }
    public var reminders: Reminders { standards.reminders }
}
