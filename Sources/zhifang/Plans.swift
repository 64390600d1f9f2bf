import ArgumentParser
import Catalog
import Foundation
import House
import Kernel
import Ledger
import Planning
import Storage

struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Regional plans as files (docs/plans.md).",
        subcommands: [Check.self, Add.self, List.self, Show.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads a plan's file and tells every error and doubt with line and field; stores nothing.")
        @OptionGroup var place: Place
        @Argument(help: "The plan's YAML file") var file: String
        @Option(help: "Files of the plans above, to compare targets with") var parent: [String] = []
        func run() async throws {
            let catalog = try Catalog(folder: try place.folder())
            func text(_ path: String) throws -> String {
                guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { throw Refusal("file.missing", ["value": path]) }
                return text
            }
            let (plan, problems) = House.read(plan: try text(file), catalog: catalog)
            let parents = try parent.compactMap { House.read(plan: try text($0), catalog: catalog).plan }
            let all = problems + (plan?.doubts(under: parents) ?? [])
            for problem in all.sorted(by: { $0.line < $1.line }) { print("\(file):\(problem.line): \(Speech.current.say(problem))") }
            guard let plan else { throw ExitCode(1) }
            print(
                Speech.current("可用：", "good: ") + "\(plan.id), \(plan.indicators.count) " + Speech.current("项指标", "indicators")
                    + ", \(all.count) " + Speech.current("处提醒", "doubts"))
        }
    }
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds a plan, or a new edition of one, and computes its indicators.")
        @OptionGroup var place: Place
        @Argument(help: "The plan's YAML file") var file: String
        func run() async throws {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { throw Refusal("file.missing", ["value": file]) }
            let (plan, edition) = try await place.open().add(plan: text, by: .house)
            print("\(plan.id) " + Speech.current("第 \(edition) 版", "edition \(edition)"))
        }
    }
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the plans of the database.")
        @OptionGroup var place: Place
        func run() async throws {
            let house = try await place.open()
            for (plan, edition) in try await house.ledger.store.read({ [boards = house.boards] in try boards.plans($0) }) {
                print(
                    "\(plan.id)\t\(plan.jurisdiction)\t\(plan.years.lowerBound)–\(plan.years.upperBound)\t\(plan.indicators.count)\t\(edition.edition)\t\(plan.name.text(english: Speech.current.isEnglish))"
                )
            }
        }
    }
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows a plan: indicators with targets, scopes and clauses; with --text its file.")
        @OptionGroup var place: Place
        @Argument var plan: String
        @Flag(help: "The stored file itself") var text = false
        func run() async throws {
            let house = try await place.open()
            let (plan, edition) = try await house.ledger.store.read { [boards = house.boards, id = plan] in try boards.plan($0, id) }
            if text { print(edition.text); return }
            let english = Speech.current.isEnglish
            print("\(plan.id)  \(plan.name.text(english: english))  (\(edition.edition), \(edition.digest.prefix(12)))")
            for indicator in plan.indicators {
                let target = indicator.target
                let number =
                    target.value.map { plainText(.real($0)) } ?? target.range.map {
                        "\(plainText(.real($0.lowerBound)))–\(plainText(.real($0.upperBound)))"
                    } ?? ""
                print(
                    [
                        indicator.id, indicator.name.text(english: english), "\(target.operator.rawValue) \(number)", indicator.scopeID,
                        indicator.clauses.joined(separator: ","),
                    ].joined(separator: "\t"))
            }
        }
    }
}

struct IndicatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "indicator", abstract: "A plan's indicators, or one of them with the subjects behind it.",
        discussion: "--as-of asks what was true on a day; --known-at asks what was recorded at a moment.")
    @OptionGroup var place: Place
    @Argument(help: "Plan id or division code") var plan: String
    @Argument(help: "Indicator id") var id: String?
    @Option(help: "Day, 2020-12-31") var asOf: String?
    @Option(help: "Moment, '2021-01-31 18:00'") var knownAt: String?
    @Option(help: "Division code inside the jurisdiction") var division: String?
    @Option(help: "met, unmet or unknown: lists the subjects of one indicator") var subjects: String?
    @Option(help: "table, json or csv") var format: Format = .table
    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, csv }

    func run() async throws {
        let house = try await place.open()
        let moment = try knownAt.map { text in
            guard let moment = Moment(text) else { throw Refusal("day.format", field: "known-at", ["value": text]) }
            return moment
        }
        let inside = try division.map { text in
            guard let code = DivisionCode(text) else {
                throw Refusal("division.format", field: "division", ["value": text, "expected": "6"])
            }
            return code
        }
        let day =
            try asOf.map { text in
                guard let day = Day.read(text) else { throw Refusal("day.format", field: "as-of", ["value": text]) }
                return day
            } ?? house.ledger.clock.today
        let boards = house.boards
        let board = try await house.ledger.store.read { [plan] db in
            let (plan, edition) = try boards.plan(db, plan, knownAt: moment)
            return try boards.board(db, plan, edition: edition.edition, on: day, knownAt: moment, in: inside)
        }
        if let id, board.plan.indicator(id) == nil { throw Refusal("indicator.unknown", ["value": id]) }
        if let subjects, let id, let indicator = board.plan.indicator(id) {
            try await list(house, board, indicator, subjects)
            return
        }
        let states = board.states.filter { id == nil || $0.indicator.id == id }
        let english = Speech.current.isEnglish
        let rows: [[(String, String)]] = states.map { state in
            let target = state.indicator.target
            let number =
                target.value.map { plainText(.real($0)) } ?? target.range.map {
                    "\(plainText(.real($0.lowerBound)))–\(plainText(.real($0.upperBound)))"
                } ?? ""
            func text(_ value: Double?) -> String { value.map { String(format: "%.4g", $0) } ?? "" }
            return [
                ("id", state.indicator.id), ("value", text(state.figure.value)), ("low", text(state.figure.low)),
                ("high", text(state.figure.high)),
                ("met", String(state.count.met)), ("unmet", String(state.count.unmet)), ("unknown", String(state.count.undecided)),
                ("pending", String(state.count.pending)),
                ("target", "\(target.operator.rawValue) \(number)"), ("outcome", state.outcome.rawValue),
                ("name", state.indicator.name.text(english: english)),
            ]
        }
        emit(
            rows,
            heading:
                "\(board.plan.id) · \(day)\(moment.map { " · known at \($0)" } ?? "") · \(house.catalog.divisions.name(board.division.text))"
        )
    }

    private func list(_ house: House, _ board: Board, _ indicator: Indicator, _ kind: String) async throws {
        let verdicts: [Stretch.Verdict]
        switch kind {
        case "met": verdicts = [.met]
        case "unmet": verdicts = [.unmet]
        case "unknown": verdicts = [.unknown, .scopeMet, .scopeUnmet, .scopeUnknown]
        case "pending": verdicts = [.pending]
        default: throw Refusal("code.unknown", field: "subjects", ["value": kind])
        }
        let ledger = house.ledger
        let rows = try await ledger.store.read { db -> [[(String, String)]] in
            guard let gauge = board.plan.gauges(ledger.catalog).first(where: { $0.name == board.plan.gaugeName(indicator) }) else {
                return []
            }
            let subjects = try ledger.subjects(db, of: gauge, on: board.day, verdicts: verdicts, in: board.division, knownAt: board.knownAt)
            let titles = try ledger.titles(
                db, Set(subjects.flatMap { $0.stretch.subject.split(separator: "|").map(String.init) + [$0.stretch.debtor] }))
            return subjects.map { subject in
                let parts = subject.stretch.subject.split(separator: "|").map { titles[String($0)]?.title ?? String($0) }
                return [
                    ("subject", subject.stretch.subject), ("name", parts.joined(separator: " · ")),
                    ("owed_by", titles[subject.stretch.debtor]?.title ?? ""),
                    ("division", subject.stretch.division), ("verdict", subject.stretch.verdict.rawValue),
                    ("reason", subject.stretch.reason),
                    ("since", subject.stretch.from <= .distantPast ? "" : subject.stretch.from.description),
                    ("record", subject.stretch.record),
                ]
            }
        }
        emit(rows, heading: "\(indicator.id) \(kind): \(rows.count)")
    }

    private func emit(_ rows: [[(String, String)]], heading: String) {
        switch format {
        case .json:
            let objects = rows.map { row -> String in
                var bytes: [UInt8] = [123]
                for (index, cell) in row.enumerated() {
                    if index > 0 { bytes.append(44) }
                    Body.quote(cell.0, into: &bytes)
                    bytes.append(58)
                    Body.quote(cell.1, into: &bytes)
                }
                return String(decoding: bytes + [125], as: UTF8.self)
            }
            print("[" + objects.joined(separator: ",\n ") + "]")
        case .csv:
            func escaped(_ text: String) -> String {
                text.contains(where: { ",\"\n\r".contains($0) }) ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
            }
            if let first = rows.first { print(first.map(\.0).joined(separator: ",")) }
            for row in rows { print(row.map { escaped($0.1) }.joined(separator: ",")) }
        case .table:
            print(heading)
            guard let first = rows.first else { return }
            func width(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + ($1.value > 0x2E7F ? 2 : 1) } }
            let widths = first.indices.map { column in max(width(first[column].0), rows.map { width($0[column].1) }.max() ?? 0) }
            func line(_ cells: [String]) -> String {
                zip(cells, widths).map { $0 + String(repeating: " ", count: max(0, $1 - width($0))) }.joined(separator: "  ")
            }
            print(line(first.map(\.0)))
            for row in rows { print(line(row.map(\.1))) }
        }
    }
}
