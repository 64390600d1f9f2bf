import Catalog
import Foundation
import Hummingbird
import Hygiene
import Kernel
import Ledger
import Synchronization
import Web

/// The index of the public look-up, made when it is first asked for and again only for another catalogue.
final class PublicShelf: Sendable {
    static let shared = PublicShelf()
    private let kept = Mutex<(digest: String, lookup: Lookup)?>(nil)

    func lookup(_ catalog: Catalog) -> Lookup {
        kept.withLock { kept in
            if let kept, kept.digest == catalog.digest { return kept.lookup }
            let lookup = Lookup(catalog)
            kept = (catalog.digest, lookup)
            return lookup
        }
    }
}

/// What the pages that need no account have in common: the catalogue in the reader's words.
struct PublicDesk: Sendable {
    let office: Office
    let call: Call
    /// The day whose editions the page shows.
    let day: Day
    var catalog: Catalog { office.ledger.catalog }
    var lookup: Lookup { PublicShelf.shared.lookup(catalog) }

    /// - Throws: `Refusal("day.format")` on the field `on`.
    init(_ office: Office, _ call: Call) throws {
        (self.office, self.call) = (office, call)
        guard let text = call.asked("on") else { day = office.ledger.clock.today; return }
        guard let day = Day.read(String(text.prefix(40))) else {
            throw Refusal("day.format", field: "on", ["value": String(text.prefix(40))])
        }
        self.day = day
    }
    /// The desk of today, for a page that shows what is wrong with the day asked for.
    init(today office: Office, _ call: Call) { (self.office, self.call, day) = (office, call, office.ledger.clock.today) }

    /// The parts of the public pages.
    enum Part: String, CaseIterable {
        case home = "/public"
        case draws = "/public/draws"
        case lookup = "/lookup"
        case calculate = "/calculate"
        case check = "/catalog/check"
    }
    func places(at part: Part) -> [View.Link] {
        Part.allCases.map { View.Link(text: word("public.part.\($0)"), href: $0.rawValue, current: $0 == part) }
    }

    func word(_ key: String, _ details: [String: String] = [:]) -> String { call.word(key, details) }
    func text(_ words: Bilingual) -> String { words.text(english: call.isEnglish) }
    /// A name in the reader's language, the other one beside it where there is one.
    func named(_ name: Bilingual, href: String? = nil) -> View.Named {
        View.Named(text: text(name), href: href, other: name.zh == name.en ? nil : name.text(english: !call.isEnglish))
    }
    /// An address that keeps the day asked for.
    func href(_ path: String, _ query: [String: String] = [:]) -> String {
        let parts = path.split(separator: "/").map { Office.escaped(String($0)) }
        return Office.href(
            "/" + parts.joined(separator: "/"), [:], query.merging(["on": call.asked("on") == nil ? "" : day.description]) { $1 })
    }

    // Values as readers write them

    func number(_ value: Double?) -> String { value.map(Rounding.plain) ?? "" }
    func unit(_ unit: String) -> String {
        // A pure number has the unit 1.
        guard unit != "1" else { return "" }
        let pretty = unit.replacing("m3", with: "m³").replacing("m2", with: "m²").replacing("/s2", with: "/s²")
        return call.isEnglish ? pretty.replacing("孢子数", with: "spores") : pretty
    }
    /// `表1 12` as it is cited in the reader's language.
    func clause(_ clause: String) -> String {
        guard call.isEnglish else { return clause }
        return clause.replacing("表", with: "Table ").replacing("附录", with: "Appendix ").replacing("  ", with: " ")
    }
    func confidence(_ confidence: Confidence) -> View.Mark {
        let sign =
            switch confidence {
            case .verified: "good"
            case .secondary: "info"
            case .knowledge: "unknown"
            case .uncertain: "warn"
            case .own: "judged"
            }
        return View.Mark(sign, word("confidence.\(confidence.rawValue)"))
    }
    /// "2020-04-01 –", "2013-12-23 – 2025-07-31"
    func force(_ span: Span) -> String {
        let from = span.from == .distantPast ? word("public.day-unknown") : span.from.description
        return span.until == .distantFuture ? word("public.since", ["from": from]) : "\(from) – \((span.until - 1).description)"
    }
    /// The facts that tell where something comes from.
    func sources(_ provenance: Provenance) -> [View.Fact] {
        let edition = [provenance.edition, clause(provenance.clause)].filter { !$0.isEmpty }.joined(separator: " · ")
        return [
            View.Fact(label: word("public.edition"), value: edition.isEmpty ? "–" : edition),
            View.Fact(label: word("public.force"), value: force(provenance.force)),
            View.Fact(label: word("public.source"), value: provenance.source),
        ]
    }

    // Tables

    func section(_ title: String, _ heads: [String], _ rows: [[View.Cell]], note: String? = nil) -> View.Section {
        View.Section(
            title: word(title), count: String(rows.count), rows: rows.map { View.Row(cells: $0) },
            columns: zip(heads, rows.first ?? []).map { View.Column(text: word($0), isNumber: $1.isNumber) }, open: true, note: note)
    }
    func cell(_ head: String, _ text: String, href: String? = nil, isNumber: Bool = false) -> View.Cell {
        View.Cell(label: word(head), text: text, href: href, isNumber: isNumber)
    }
    func cell(_ head: String, _ mark: View.Mark) -> View.Cell { View.Cell(label: word(head), text: mark.word, mark: mark) }

    /// What notations of a limit mean 标识.
    func chips(_ limit: ExposureLimit) -> [View.Chip] {
        var chips: [View.Chip] = []
        if limit.isSkin { chips.append(View.Chip(text: word("notation.skin"), title: word("notation.skin.means"))) }
        if limit.isSensitiser { chips.append(View.Chip(text: word("notation.sensitiser"), title: word("notation.sensitiser.means"))) }
        for group in limit.iarc.split(separator: ";").map(String.init) {
            chips.append(View.Chip(text: group, title: word("notation.\(group)")))
        }
        return chips
    }

    /// One limit in a list, on the page's day.
    func row(_ key: String, met query: String = "") -> View.LimitRow? {
        let editions = catalog.limits.editions(of: key)
        guard let latest = editions.last else { return nil }
        let limit = catalog.limits.limit(key, on: day)
        let shown = limit ?? latest
        let other = limit.flatMap { catalog.limits.alternative(to: $0, on: day) }
        let alias = shown.aliases.first { Lookup.isPart(query, of: $0) && !Lookup.isPart(query, of: shown.name.zh) }
        let path = href("/lookup/limit/\(key)")
        return View.LimitRow(
            key: key, name: named(shown.name, href: path), detail: alias, cas: shown.cas.joined(separator: "\n"), mac: number(limit?.mac),
            twa: number(limit?.twa), stel: number(limit?.stel), unit: limit == nil ? "" : unit(shown.unit),
            respirable: limit?.respirable.map { number($0) }, chips: chips(shown),
            edition: limit == nil ? word("public.none-on-day") : shown.provenance.edition,
            since: limit == nil ? "" : word("public.since", ["from": shown.provenance.force.from.description]),
            doubt: other.map { word("public.doubt.short", ["edition": $0.provenance.edition]) },
            confidence: confidence(shown.provenance.confidence))
    }
}

extension Office {
    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? ""
    }
}
