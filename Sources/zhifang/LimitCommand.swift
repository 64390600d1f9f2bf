import ArgumentParser
import Catalog
import Foundation
import Hygiene
import Kernel
import Web

/// The public look-up on the command line.
struct LimitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit", abstract: "Looks up an occupational exposure limit 职业接触限值.",
        discussion: """
            Ask by Chinese or English name, pinyin or its initials, CAS number with or without hyphens, or key.
            Try: zhifang limit 苯; zhifang limit jq --on 2024-06-30; zhifang limit 71-43-2 --json; zhifang limit noise --language en
            """)
    @OptionGroup var place: Place
    @Argument(help: "What to look up") var query: String
    @Option(help: "Day whose editions are shown [today]") var on: String?
    @Flag(help: "As JSON, every edition") var json = false

    /// So many are shown in full; of more only the names.
    private static let most = 8

    func run() throws {
        guard let day = on.map({ Day.read($0) }) ?? Clock.system.today else {
            throw Refusal("day.format", field: "on", ["value": on ?? ""])
        }
        let catalog = try Catalog(folder: try place.folder())
        let lookup = Lookup(catalog)
        let found = try LimitCommand.entries(query, lookup, catalog)
        guard !found.isEmpty else {
            var seen: Set<String> = []
            let meant = lookup.suggestions(for: query).map { Speech.current($0.name.zh, $0.name.en) }.filter { seen.insert($0).inserted }
            throw meant.isEmpty
                ? Refusal("lookup.none", ["value": query])
                : Refusal("lookup.none-but", ["value": query, "expected": meant.joined(separator: Speech.current("、", ", "))])
        }
        if json {
            let limits = found.filter { $0.kind == .limit }.map { Answer.Limits($0.key, catalog, on: day) }
            let physical = found.filter { $0.kind == .physical }.flatMap { entry in catalog.physical.all.filter { $0.key == entry.key } }
            print(try limits.isEmpty ? Answer.text(physical.map(Answer.Physical.init)) : Answer.text(limits))
            return
        }
        let printer = LimitPrinter(catalog: catalog, day: day, pages: try Pages(), language: Speech.current.isEnglish ? .english : .chinese)
        if found.count > LimitCommand.most {
            for entry in found { print(printer.line(entry)) }
            print(Speech.current("共 \(found.count) 条，请写得更具体。", "\(found.count) found; be more precise."))
        } else {
            print(found.map(printer.whole).joined(separator: "\n\n"))
        }
    }

    /// Limits and physical agents of exactly that name or sound; else those that it is a part of; else the limits of a factor of that name.
    private static func entries(_ query: String, _ lookup: Lookup, _ catalog: Catalog) throws -> [Lookup.Entry] {
        let hits = try lookup.find(query)
        let limits = hits.filter { $0.entry.kind == .limit || $0.entry.kind == .physical }
        for worst in [Lookup.Match.exact, .exactSound, .prefixSound, .related] {
            let found = limits.filter { $0.match <= worst }
            if !found.isEmpty { return found.map(\.entry) }
        }
        let factors = hits.filter { $0.entry.kind == .factor && $0.match <= .prefixSound }.map(\.entry.key)
        return factors.flatMap(catalog.factorLimits.keys(ofFactor:)).compactMap { lookup[.limit, $0] }
    }
}

/// Limits as lines for a terminal.
struct LimitPrinter {
    let catalog: Catalog
    let day: Day
    let pages: Pages
    let language: Language
    private func word(_ key: String, _ details: [String: String] = [:]) -> String { pages.word(key, details, in: language) }
    private func text(_ words: Bilingual) -> String { words.text(english: language == .english) }
    private func both(_ name: Bilingual) -> String {
        name.zh == name.en ? name.zh : language == .english ? "\(name.en) \(name.zh)" : "\(name.zh) \(name.en)"
    }

    func line(_ entry: Lookup.Entry) -> String { ([entry.key, both(entry.name)] + entry.cas).joined(separator: "\t") }

    func whole(_ entry: Lookup.Entry) -> String {
        entry.kind == .physical ? physical(entry) : limit(entry.key)
    }

    private func limit(_ key: String) -> String {
        let editions = catalog.limits.editions(of: key)
        guard let shown = catalog.limits.limit(key, on: day) ?? editions.last else { return key }
        var lines = [([both(shown.name)] + shown.cas.map { "CAS \($0)" } + ["[\(key)]"]).joined(separator: "  ")]
        func add(_ text: String) { if !text.isEmpty { lines.append("  " + text) } }
        guard catalog.limits.limit(key, on: day) != nil else {
            add(word("public.none-on-day.long", ["day": day.description]))
            return lines.joined(separator: "\n")
        }
        add(values(shown))
        if let condition = shown.condition { add("\(word("public.condition"))\(colon)\(text(condition))") }
        if shown.isSkin { add("\(word("notation.skin"))\(colon)\(word("notation.skin.means"))") }
        if shown.isSensitiser { add("\(word("notation.sensitiser"))\(colon)\(word("notation.sensitiser.means"))") }
        for group in shown.iarc.split(separator: ";") { add("\(group)\(colon)\(word("notation.\(group)"))") }
        add(basis(shown.provenance))
        if let other = catalog.limits.alternative(to: shown, on: day) {
            let details = ["edition": shown.provenance.edition, "other": other.provenance.edition, "values": values(other)]
            add("! " + word("public.doubt", details))
        }
        for other in editions where other != shown {
            add("\(other.provenance.edition) (\(days(other.provenance.force)))\(colon)\(values(other))")
        }
        if shown.provenance.confidence.isLow { add("! " + word("public.low")) }
        return lines.joined(separator: "\n")
    }

    private func physical(_ entry: Lookup.Entry) -> String {
        let rows = catalog.physical.all.filter { $0.key == entry.key && $0.provenance.force.contains(day) }
        var lines = ["\(both(entry.name))  [\(entry.key)]"]
        if rows.isEmpty { lines.append("  " + word("public.none-on-day.long", ["day": day.description])) }
        for row in rows {
            let condition = text(row.condition)
            lines.append("  \(Rounding.plain(row.limit)) \(row.unit)" + (condition.isEmpty ? "" : "  (\(condition))"))
            lines.append("  " + basis(row.provenance))
        }
        return lines.joined(separator: "\n")
    }

    private var colon: String { language == .english ? ": " : "：" }

    private func values(_ limit: ExposureLimit) -> String {
        let twa = limit.respirable == nil ? "PC-TWA" : "PC-TWA \(word("public.total"))"
        let parts = [("MAC", limit.mac), (twa, limit.twa), (word("public.respirable"), limit.respirable), ("PC-STEL", limit.stel)]
        let printed = parts.compactMap { name, value in value.map { "\(name) \(Rounding.plain($0))" } }
        return printed.joined(separator: "  ") + " " + limit.unit
    }
    private func days(_ force: Span) -> String {
        let from = force.from == .distantPast ? word("public.day-unknown") : force.from.description
        return force.until == .distantFuture ? word("public.since", ["from": from]) : "\(from) – \((force.until - 1).description)"
    }
    private func basis(_ provenance: Provenance) -> String {
        let clause = language == .english ? provenance.clause.replacing("表", with: "Table ") : provenance.clause
        let cited = [provenance.edition, clause].filter { !$0.isEmpty }.joined(separator: " · ")
        let sure = "\(word("confidence.\(provenance.confidence.rawValue)")) (\(provenance.confidence.rawValue))"
        return "\(cited), \(days(provenance.force)); \(provenance.source); \(sure)"
    }
}
