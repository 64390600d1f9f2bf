import Catalog
import Exposure
import Foundation
import Grading
import Hygiene
import Kernel

/// One of the public calculators 计算判定: what it asks for, and the rule that answers. The rules are those of the rooms below; a
/// calculator only reads what was entered and hands it on, for the page and for `/api/judge` alike.
struct Calculator: Sendable {
    /// What a field takes.
    enum Control: Sendable {
        case number, time, reading
        /// A name, CAS number or key of a limit.
        case substance
        case text
        /// Codes; an empty one stands for unknown. Their words are the catalogue's, or come with them.
        case choice([String], [String: Bilingual] = [:])
        /// Codes that the catalogue has on the day, with their words; an empty one goes before them.
        case catalogued(@Sendable (Catalog, Day) -> [(code: String, name: Bilingual)])

        var isChoice: Bool {
            switch self {
            case .choice, .catalogued: true
            case .number, .time, .reading, .substance, .text: false
            }
        }
    }
    struct Field: Sendable {
        let name: String
        let control: Control
        var unit = ""
        /// What stands in it at first.
        var initial = ""
        /// What the rule itself calls it; nil where the words of the pages have it.
        var label: Bilingual?
        /// Asked for in special cases only: folded away until something stands in it.
        var isRare = false
    }
    let id: String
    let fields: [Field]
    /// The columns of the table of rows; empty where it has none.
    var columns: [Field] = []
    /// A worked example, as a query: a published one where there is one.
    let example: String
    let work: @Sendable (inout Entered) throws -> Outcome

    var names: Set<String> { Set((fields + columns).map(\.name)) }
    /// A table has at most so many rows.
    static let mostRows = 60

    /// What comes out: judgements, and figures that no limit is held against.
    struct Outcome: Sendable {
        var judgements: [Judgement] = []
        var verdict: Judgement.Verdict?
        var figures: [(name: Bilingual, value: String)] = []
        var working: [Bilingual] = []
        var grades: [Grade] = []
        /// Steps under a heading of their own; those without any are left out.
        var parts: [(name: Bilingual, working: [Bilingual])] = []
        /// Why some part has no answer.
        var refused: [Refusal] = []
        /// Words of the verdicts, where `exceeds` does not mean that a limit is passed: `calculate.found`.
        var words = "judgement.verdict"
    }

    /// Reads what was entered and answers.
    /// - Throws: `Refusals` with every flaw: of single cells first, then of what they are together.
    func answer(_ values: [String: [String]], _ catalog: Catalog, _ lookup: Lookup, on day: Day) throws(Refusals) -> Outcome {
        var entered = try Entered(self, values, catalog, lookup, on: day)
        for flaw in strangers(entered) { entered.refuse(flaw) }
        do {
            let outcome = try work(&entered)
            guard entered.flaws.isEmpty else { throw Refusals(entered.flaws) }
            return outcome
        } catch let refusals as Refusals {
            throw Refusals(entered.flaws.isEmpty ? refusals.all.map(onField) : entered.flaws)
        } catch let refusal as Refusal {
            throw Refusals(entered.flaws.isEmpty ? [onField(refusal)] : entered.flaws)
        } catch { throw Refusals([Refusal("internal", ["value": "\(error)"])]) }
    }

    /// Codes that a choice does not have: none is taken for another. Units are read in many spellings by their own reader.
    private func strangers(_ entered: Entered) -> [Refusal] {
        func flaw(_ field: Field, _ text: String, _ row: Int?) -> Refusal? {
            guard case .choice(let codes, _) = field.control, !codes.contains("mg/m3"), !text.isEmpty, !codes.contains(text) else {
                return nil
            }
            // No is what a choice of yes alone has as blank.
            if text == "no", codes.contains("yes") { return nil }
            return Refusal("code.unknown", row: row, field: field.name, ["value": text, "table": codes.joined(separator: ", ")])
        }
        return fields.compactMap { flaw($0, entered.text($0.name), nil) }
            + entered.rows.flatMap { row in columns.compactMap { flaw($0, entered.text(row, $0.name), row.number) } }
    }

    /// A refusal under the name that this form has for the field that the rule names; what is wrong with all rows together stands beside
    /// the first.
    private func onField(_ refusal: Refusal) -> Refusal {
        guard let field = refusal.field else { return refusal }
        let others = [
            "limit": "factor", "substance": "factor", "acceleration": "x", "concentration": "average", "band": "hz63", "unit": "from",
            "days": "level", "wbgt": "natural_wet", "agent": "hours", "heart_rate": "highest",
        ]
        guard let name = names.contains(field) ? field : others[field], names.contains(name) else { return refusal }
        let isInRows = !fields.contains { $0.name == name }
        return refusal.on(field: name).at(row: isInRows ? refusal.row ?? 1 : nil)
    }
}

extension Calculator {
    /// The cells of a form, read one by one; what cannot be read is remembered, so that all flaws are told together.
    struct Entered: Sendable {
        let catalog: Catalog
        let lookup: Lookup
        let day: Day
        private(set) var flaws: [Refusal] = []
        private let values: [String: [String]]
        /// Rows that are not blank.
        let rows: [Row]
        struct Row: Sendable {
            /// As the page numbers it, from 1.
            let number: Int
            let cells: [String: String]
        }

        init(_ calculator: Calculator, _ values: [String: [String]], _ catalog: Catalog, _ lookup: Lookup, on day: Day) throws(Refusals) {
            (self.catalog, self.lookup, self.day) = (catalog, lookup, day)
            var long: [Refusal] = []
            for (name, cells) in values.sorted(by: { $0.key < $1.key }) where cells.contains(where: { $0.count > Lookup.longest }) {
                long.append(Refusal("text.too-long", field: name, ["limit": "\(Lookup.longest)"]))
            }
            guard long.isEmpty else { throw Refusals(long) }
            self.values = values
            rows = Entered.rows(calculator, values)
            guard rows.count <= Calculator.mostRows else {
                throw Refusals([Refusal("calculate.rows", ["value": "\(rows.count)", "limit": "\(Calculator.mostRows)"])])
            }
        }

        /// The rows of a form without those that are blank; a choice left as it was at first does not make a row.
        static func rows(_ calculator: Calculator, _ values: [String: [String]]) -> [Row] {
            let columns = calculator.columns
            let count = columns.map { values[$0.name]?.count ?? 0 }.max() ?? 0
            var rows: [Row] = []
            for index in 0..<min(count, 10_000) {
                var cells: [String: String] = [:]
                for column in columns {
                    let given = values[column.name] ?? []
                    cells[column.name] = index < given.count ? given[index].trimmingCharacters(in: .whitespaces) : column.initial
                }
                let isBlank = columns.allSatisfy { column in
                    let cell = cells[column.name] ?? ""
                    return cell.isEmpty || (column.control.isChoice && cell == column.initial)
                }
                if !isBlank { rows.append(Row(number: rows.count + 1, cells: cells)) }
            }
            return rows
        }

        func text(_ name: String) -> String { (values[name]?.last ?? "").trimmingCharacters(in: .whitespaces) }
        func text(_ row: Row, _ name: String) -> String { row.cells[name] ?? "" }

        /// Nil where blank; remembers what is no number.
        mutating func number(_ name: String) -> Double? { read(text(name), name, nil) }
        mutating func number(_ row: Row, _ name: String) -> Double? { read(text(row, name), name, row.number) }
        /// Remembers a blank too; zero stands for it until the flaws are told.
        mutating func needed(_ name: String) -> Double {
            if text(name).isEmpty { flaws.append(Refusal("field.required", field: name)) }
            return number(name) ?? 0
        }
        mutating func needed(_ row: Row, _ name: String) -> Double {
            if text(row, name).isEmpty { flaws.append(Refusal("field.required", row: row.number, field: name)) }
            return number(row, name) ?? 0
        }
        /// A time of day as minutes since midnight; nil where blank.
        mutating func time(_ row: Row) -> Double? {
            let text = text(row, "start")
            guard !text.isEmpty else { return nil }
            do throws(Refusal) { return try SampleText.minutes(ofDay: text) } catch {
                flaws.append(Refusal(error.code, row: row.number, field: "start", error.details))
                return nil
            }
        }
        mutating func reading(_ row: Row, _ name: String) -> Reading { reading(text(row, name), name, row.number) }
        mutating func reading(_ name: String) -> Reading { reading(text(name), name, nil) }
        private mutating func reading(_ text: String, _ name: String, _ row: Int?) -> Reading {
            do throws(Refusal) { return try Reading(reading: Entered.plain(text)) } catch {
                flaws.append(Refusal(error.code, row: row, field: name, error.details))
                return .value(0)
            }
        }
        /// A day; nil where blank. Remembers what is none.
        mutating func day(_ name: String) -> Day? { day(text(name), name, nil) }
        mutating func day(_ row: Row, _ name: String) -> Day? { day(text(row, name), name, row.number) }
        private mutating func day(_ text: String, _ name: String, _ row: Int?) -> Day? {
            guard !text.isEmpty else { return nil }
            let day = Day.read(Entered.plain(text))
            if day == nil { flaws.append(Refusal("day.format", row: row, field: name, ["value": text])) }
            return day
        }
        func truth(_ name: String) -> Bool? { truth(of: text(name)) }
        func truth(_ row: Row, _ name: String) -> Bool? { truth(of: text(row, name)) }
        private func truth(of text: String) -> Bool? {
            switch text {
            case "yes": return true
            case "no": return false
            default: return nil
            }
        }
        /// Remembers a flaw; of one cell only the first.
        mutating func refuse(_ refusal: Refusal) {
            if refusal.field == nil || !flaws.contains(where: { $0.field == refusal.field && $0.row == refusal.row }) {
                flaws.append(refusal)
            }
        }
        /// A sample of a row; what is wrong with it is remembered.
        mutating func sample(_ row: Row, _ kind: SampleKind = .segment) -> Sample {
            let start = time(row)
            let minutes = needed(row, "minutes")
            let sample = Sample(kind, start: start, minutes: minutes, reading(row, "concentration"), row: row.number)
            for flaw in sample.flaws { refuse(flaw) }
            return sample
        }
        /// What ``limits(of:silica:altitude:field:)`` finds; nil where it refuses, which is remembered.
        mutating func rows(silica: Double? = nil, altitude: Double? = nil) -> Substance.Rows? {
            do { return try limits(of: text("factor"), silica: silica, altitude: altitude) } catch {
                if let refusal = error as? Refusal { refuse(refusal) }
                return nil
            }
        }

        private mutating func read(_ text: String, _ name: String, _ row: Int?) -> Double? {
            guard !text.isEmpty else { return nil }
            guard let value = Double(Entered.plain(text)), value.isFinite else {
                flaws.append(Refusal("number.format", row: row, field: name, ["value": text]))
                return nil
            }
            return value
        }
        /// Full-width figures, signs and the Chinese comma of a decimal as plain ones.
        private static func plain(_ text: String) -> String {
            let scalars = text.unicodeScalars.map { scalar in
                (0xFF01...0xFF5E).contains(scalar.value) ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar == "−" ? "-" : scalar
            }
            return String(String.UnicodeScalarView(scalars))
        }

        /// The rows of the limits that a name, CAS number or key means; pinyin and initials where they mean one thing only.
        func limits(of name: String, silica: Double? = nil, altitude: Double? = nil, field: String = "factor") throws -> Substance.Rows {
            guard !name.isEmpty else { throw Refusal("field.required", field: field) }
            do throws(Refusal) {
                return try Substance(name, silica: silica, altitude: altitude).rows(catalog, on: day)
            } catch {
                guard error.code == "limit.unknown" else { throw error.field == "factor" ? error.on(field: field) : error }
                let hits: [Lookup.Hit]
                do { hits = try lookup.find(name) } catch let refusal as Refusal { throw refusal.on(field: field) }
                let exact = hits.filter { $0.entry.kind == .limit && $0.match <= .exactSound }.map(\.entry)
                if exact.count == 1 { return try Substance(exact[0].key, silica: silica, altitude: altitude).rows(catalog, on: day) }
                let meant = exact.isEmpty ? lookup.suggestions(for: name).filter { $0.kind == .limit } : exact
                let names = meant.prefix(5).map(\.name.zh).joined(separator: "、")
                throw names.isEmpty
                    ? Refusal("lookup.none", field: field, ["value": name])
                    : Refusal("lookup.none-but", field: field, ["value": name, "expected": names])
            }
        }

        /// The hours of a long shift; nil where none were entered.
        mutating func longShift() throws -> LongShift? {
            let (hours, days, week) = (number("hours_per_day"), number("days_per_week"), number("hours_per_week"))
            let (irritant, halfLife) = (truth("irritant"), number("half_life"))
            guard hours != nil || days != nil || week != nil else { return nil }
            return try LongShift(
                hoursPerDay: hours ?? 8, daysPerWeek: days ?? 5, hoursPerWeek: week, isIrritant: irritant, halfLife: halfLife)
        }
    }
}
