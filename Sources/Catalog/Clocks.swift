import Foundation
import Kernel
import Yams

/// A period that the law sets 法定时限: so many days from an event until an act, with its editions. `Data/standards/clocks.yaml`.
public struct StatutoryClock: Sendable {
    public enum Unit: String, Sendable, CaseIterable {
        /// Calendar days, working days, months, hours.
        case day, workday, month, hour
    }
    public struct Edition: Sendable {
        public let length: Int
        public let unit: Unit
        /// Which of the clock's events starts it, where they differ by edition: a name that the rule knows. Empty: the only one.
        public let event: String
        public let provenance: Provenance
        public init(_ length: Int, _ unit: Unit, event: String = "", provenance: Provenance) {
            (self.length, self.unit, self.event, self.provenance) = (length, unit, event, provenance)
        }
    }
    public let name: String
    public let title: Bilingual
    /// The event on whose day it starts, and the act that stops it.
    public let starts, met: Bilingual
    /// A right, not an obligation: who lets it lapse has broken nothing.
    public let isRight: Bool
    /// Before its first edition no period was set; otherwise what was in force then is not to hand.
    public let isNewLaw: Bool
    /// The article and item of the law that threatens whoever lets it pass, by our own reading; nil where none is named.
    public let penalty: PenaltyItem?
    /// By their days in force.
    public let editions: [Edition]

    /// An item of the penalties 罚则.
    public struct PenaltyItem: Sendable, Hashable {
        public let article: Int
        /// `一`; empty where the article has none.
        public let item: String
        public init(article: Int, item: String = "") { (self.article, self.item) = (article, item) }
    }

    public init(
        _ name: String, _ title: Bilingual, starts: Bilingual, met: Bilingual, isRight: Bool = false, isNewLaw: Bool = false,
        penalty: PenaltyItem? = nil, editions: [Edition]
    ) {
        (self.name, self.title, self.starts, self.met, self.editions) = (name, title, starts, met, editions)
        (self.isRight, self.isNewLaw, self.penalty) = (isRight, isNewLaw, penalty)
    }

    /// What the law threatens for letting it pass: the cases of its item.
    public func penalties(_ all: [Penalty]) -> [Penalty] {
        guard let penalty else { return [] }
        return all.filter { $0.article == penalty.article && $0.item == penalty.item }
    }

    /// Whether no period was set on a day, as against one that is not to hand.
    public func setsNothing(on day: Day) -> Bool { isNewLaw && editions.first.map { day < $0.provenance.force.from } ?? false }

    /// The edition in force on a day; nil where none is to hand for it. Unlike a parameter of a measure, a period is never stretched
    /// over the years before it.
    public func edition(on day: Day) -> Edition? { editions.last { $0.provenance.force.contains(day) } }

    /// The last day in time for an event of a day, by the edition in force on that day; nil where none is to hand.
    public func deadline(from day: Day, _ calendar: WorkdayCalendar) -> Deadline? {
        edition(on: day).map { Deadline(from: day, $0, calendar) }
    }
}

/// The end of a period, with its working.
public struct Deadline: Sendable {
    public let start: Day
    /// The last day on which the act is in time. The day of the event is not counted; a last day that falls on a holiday is not moved.
    public let last: Day
    public let edition: StatutoryClock.Edition
    /// Years of which no holiday table is to hand: there only weekends were left out, and `last` may be wrong by some days.
    public let missingYears: [Int]

    public init(from start: Day, _ edition: StatutoryClock.Edition, _ calendar: WorkdayCalendar) {
        (self.start, self.edition) = (start, edition)
        switch edition.unit {
        case .day: (last, missingYears) = (start + edition.length, [])
        case .month: (last, missingYears) = (start.adding(months: edition.length), [])
        // Hours run into the next day as soon as they run at all: records know days only.
        case .hour: (last, missingYears) = (start + (edition.length + 23) / 24, [])
        case .workday:
            let counted = calendar.adding(workdays: edition.length, to: start)
            (last, missingYears) = (counted.value, counted.missingYears)
        }
    }

    /// The working in words: length, unit, clause, first and last day, and what is not to hand.
    public var working: Bilingual {
        let (zhUnit, enUnit) =
            switch edition.unit {
            case .day: ("日", "calendar days")
            case .workday: ("个工作日", "working days")
            case .month: ("个月", "months")
            case .hour: ("小时", "hours")
            }
        let provenance = edition.provenance
        var zh = "\(provenance.edition)\(provenance.clause)：自 \(start) 次日起 \(edition.length) \(zhUnit)，至 \(last)"
        var en = "\(provenance.edition) \(provenance.clause): \(edition.length) \(enUnit), the day after \(start) first, until \(last)"
        if !missingYears.isEmpty {
            let list = missingYears.map(String.init)
            zh += "；\(list.joined(separator: "、")) 年节假日安排未备，只扣除了周末"
            en += "; holiday table of \(list.joined(separator: ", ")) not to hand, only weekends left out"
        }
        if provenance.confidence.isLow {
            zh += "（可信度 \(provenance.confidence.rawValue)，请核对原文）"
            en += " (confidence \(provenance.confidence.rawValue): check the source)"
        }
        return Bilingual(zh, en)
    }
}

extension StatutoryClock {
    static let file = "clocks.yaml"

    /// Reads `clocks.yaml`.
    /// - Throws: `Refusal("catalog.file")` where there is none, `Refusal("clock.…")` with the clock that is wrong.
    public static func read(standards: URL) throws -> [String: StatutoryClock] {
        var clocks: [String: StatutoryClock] = [:]
        for (key, node) in try Catalog.yaml(standards.appendingPathComponent(file)) {
            guard let name = key.text, let body = node.mapping else { throw Refusal("clock.unreadable", row: key.mark?.line) }
            func pair(_ field: String) throws -> Bilingual {
                guard let zh = body[field]?.mapping?["zh"]?.text, let en = body[field]?.mapping?["en"]?.text else {
                    throw Refusal("clock.unreadable", row: key.mark?.line, field: field, ["value": name])
                }
                return Bilingual(zh, en)
            }
            let editions = try (body["editions"]?.sequence ?? []).map { try edition($0, of: name) }
            let ordered = editions.sorted { $0.provenance.force.from < $1.provenance.force.from }
            for (earlier, later) in zip(ordered, ordered.dropFirst()) where earlier.provenance.force.until > later.provenance.force.from {
                throw Refusal("clock.overlap", row: key.mark?.line, ["value": name, "limit": "\(later.provenance.force.from)"])
            }
            clocks[name] = StatutoryClock(
                name, try pair("title"), starts: try pair("starts"), met: try pair("met"), isRight: body["right"]?.text == "true",
                isNewLaw: body["earlier"]?.text == "none", penalty: try penalty(body["penalty"], of: name), editions: ordered)
        }
        return clocks
    }

    private static func penalty(_ node: Yams.Node?, of name: String) throws -> PenaltyItem? {
        guard let node else { return nil }
        guard let article = node.mapping?["article"]?.text.flatMap({ Int($0) }) else {
            throw Refusal("clock.unreadable", row: node.mark?.line, field: "penalty", ["value": name])
        }
        return PenaltyItem(article: article, item: node.mapping?["item"]?.text ?? "")
    }

    private static func edition(_ node: Yams.Node, of name: String) throws -> Edition {
        func refuse(_ field: String) -> Refusal { Refusal("clock.unreadable", row: node.mark?.line, field: field, ["value": name]) }
        guard let body = node.mapping else { throw refuse("editions") }
        guard let length = body["length"]?.text.flatMap({ Int($0) }), length > 0 else { throw refuse("length") }
        guard let unit = body["unit"]?.text.flatMap(Unit.init(rawValue:)) else { throw refuse("unit") }
        guard let from = body["from"]?.text.flatMap({ Day($0) }) else { throw refuse("from") }
        guard let confidence = body["confidence"]?.text.flatMap(Confidence.init(rawValue:)) else { throw refuse("confidence") }
        var until = Day.distantFuture
        if let text = body["until"]?.text {
            guard let day = Day(text), day > from else { throw refuse("until") }
            until = day
        }
        let provenance = Provenance(
            edition: body["edition"]?.text ?? "", clause: body["clause"]?.text ?? "", source: body["source"]?.text ?? "",
            confidence: confidence, force: Span(from, until))
        return Edition(length, unit, event: body["event"]?.text ?? "", provenance: provenance)
    }
}
