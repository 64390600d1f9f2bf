import Catalog
import Enforcement
import Exposure
import Foundation
import Grading
import Hummingbird
import Kernel
import Ledger
import Registry
import Storage
import Web

/// The class of an employer worked out from its records, kept as a grade, and what it does to the frequency of inspections.
func employerClassRoutes(_ office: Office) -> [Route] {
    [
        Route(.get, "/employers/:id/class", needs: .signedIn) { call in try await classPage(office, call) },
        Route(.post, "/employers/:id/class", needs: .signedIn) { call in try await keepGrade(office, call) },
    ]
}

/// An employer's class today, and the schemes that label it.
private struct Classing {
    let show: Showing
    let file: File
    let today: Day
    let schemes: [LabelScheme]
    private var call: Call { show.call }

    init(_ show: Showing, _ id: String) throws {
        self.show = show
        today = show.ledger.clock.today
        file = try SubjectFile(show, id, kind: Employer.kind).file
        let division = EmployerProfile(file).locus[today].division ?? file.root.home
        // The schemes of the plans that the employer lies under; the national one where no plan has its own.
        let all = ClassSchemes.ordered(ClassSchemes.shared.tables(show.ledger.catalog))
        let own = all.filter { scheme in
            let place = scheme.id.split(separator: ".").first.flatMap { DivisionCode(String($0)) }
            return place?.contains(division) ?? false
        }
        schemes = own + all.filter { $0.scale == "combined" }
    }

    /// What a scheme is called; one that the catalogue no longer has, by its sign.
    private func schemeName(_ id: String) -> String {
        let scheme = ClassSchemes.ordered(ClassSchemes.shared.tables(show.ledger.catalog)).first { $0.id == id }
        return scheme.map { ClassSchemes.name(of: $0).text(english: call.isEnglish) } ?? id
    }

    func found(management: String? = nil) -> EmployerClass {
        let reports = Dictionary(
            file.all(TestReport.kind).map { ($0.id, $0[TestReport.sampled] ?? .distantPast) }, uniquingKeysWith: { first, _ in first })
        // Of each post and factor the newest day counts.
        let results = Dictionary(grouping: file.all(TestResult.kind)) { "\($0[TestResult.post] ?? "")|\($0[TestResult.factor] ?? "")" }
        var (exceeding, tested): (Set<String>, Set<String>) = ([], [])
        for (_, all) in results {
            func day(_ result: Record) -> Day { file.id(TestResult.report, of: result).flatMap { reports[$0] } ?? .distantPast }
            let newest = all.map(day).filter { $0 <= today }.max()
            for result in all where day(result) == newest {
                guard let factor = result[TestResult.factor], let exceeds = TestResult.exceeds(result) else { continue }
                tested.insert(factor)
                if exceeds { exceeding.insert(factor) }
            }
        }
        return EmployerClass(file, exceeding: exceeding, tested: tested, management: management, on: today, show.ledger.catalog)
    }

    func mayGrade() throws -> Bool {
        try mayDo(
            call.person, .change,
            at: Place(divisions: show.ledger.place(show.db, of: file.root).divisions, kind: Enforcement.Grade.kind.name))
    }

    func page() throws -> EmployerClassPage {
        let found = found()
        let mayGrade = try mayGrade()
        let path = Address.employerClass(file.id)
        let levels = show.ledger.catalog.tables["risk_level"]?.entries ?? []
        let forms =
            !mayGrade
            ? []
            : schemes.compactMap { scheme -> EmployerClassPage.Scheme? in
                let name = ClassSchemes.name(of: scheme).text(english: call.isEnglish)
                let note = scheme.note?.text(english: call.isEnglish)
                switch scheme.scale {
                case "combined":
                    let choices = show.ledger.catalog.grading.management.levels.map {
                        View.Option(value: $0.code, text: $0.label.text(english: call.isEnglish))
                    }
                    return .init(
                        id: scheme.id, name: name, action: path, note: note, label: call.word("class.management"), field: "management",
                        choices: choices)
                case "risk_level":
                    let choices = levels.map { View.Option(value: $0.code, text: call.isEnglish ? $0.en : $0.zh) }
                    return .init(
                        id: scheme.id, name: name, action: path, note: note, label: call.word("class.level"), field: "level",
                        choices: choices)
                default: return nil
                }
            }
        let grades = file.all(Enforcement.Grade.kind).sorted { ($0.day ?? .distantPast, $0.id) > ($1.day ?? .distantPast, $1.id) }
        return EmployerClassPage(
            frame: show.office.frame(call, at: .records), employer: try show.title(file.root), employerHref: Address.employer(file.id),
            risk: found.risk.text(english: call.isEnglish), isTold: found.isRiskTold,
            working: found.working.map { $0.text(english: call.isEnglish) }, missing: found.missing.map { call.say($0) },
            current: try grades.map {
                View.Fact(
                    label: $0[Enforcement.Grade.from]?.description ?? "", value: try show.title($0), href: Address.of($0),
                    note: $0[Enforcement.Grade.scheme].map(schemeName))
            },
            schemes: forms, cycle: try cycle(), notices: done(call))
    }

    /// `IV=6;national/丙=6` in words.
    private func periods(_ setting: String) -> String {
        setting.split(separator: ";").compactMap { part -> String? in
            let sides = part.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            guard sides.count == 2 else { return nil }
            let level = sides[0].split(separator: "/").last.map(String.init) ?? sides[0]
            let name = sides[0].contains("/") ? level : show.ledger.catalog.title("risk_level", level, english: call.isEnglish)
            return call.word("class.period", ["value": name, "count": sides[1]])
        }.joined(separator: call.isEnglish ? ", " : "，")
    }

    /// How often, as the jurisdiction set it, and how the duty stands.
    private func cycle() throws -> [View.Fact] {
        let division = EmployerProfile(file).locus[today].division
        let setting = show.ledger.catalog.parameters["inspection.months"]?.setting(in: division, on: today)
        var facts = [
            View.Fact(
                label: call.word("class.cycle"), value: setting.map { periods($0.value) } ?? call.word("reason.term.unset"),
                note: setting.map { [$0.clause, $0.source].filter { !$0.isEmpty }.joined(separator: " · ") })
        ]
        let whose: SQL = "\(DutyRow.standing(on: today, ["duty/inspection_due"])) AND s.root = \(file.id)"
        let rows = try DutyRow.read(show, whose, order: DutyRow.byConsequence, limit: 5)
        for (row, line) in zip(rows, try DutyWords(show: show, day: today).lines(rows, on: file.id)) {
            let next =
                row.stretch.verdict == .met || row.stretch.verdict == .pending
                ? show.day(row.stretch.until == .distantFuture ? nil : row.stretch.until + -1) : nil
            facts.append(
                View.Fact(
                    label: line.what, value: next.map { call.word("class.next", ["day": $0]) } ?? line.mark.word,
                    note: [line.mark.code == "overdue" ? line.since : nil, line.reason].compactMap { $0 }.joined(separator: " · ")))
        }
        return facts
    }
}

private func classPage(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let model = try await office.ledger.store.read { db in try Classing(Showing(office, call, db), id).page() }
    return try call.page("employer-class", model)
}

/// Keeps the class with edition and working, from today; what cannot be told is refused with what is missing, on the page that says the rest.
private func keepGrade(_ office: Office, _ call: Call) async throws -> Response {
    do { return try await grade(office, call) } catch let refusal as Refusal where refusal.code == "grading.input-missing" {
        let id = try call.part("id")
        var model = try await office.ledger.store.read { db in try Classing(Showing(office, call, db), id).page() }
        model.notices = [View.Notice(tone: "bad", text: call.say(refusal))]
        return try call.page("employer-class", model, status: .unprocessableContent)
    }
}

private func grade(_ office: Office, _ call: Call) async throws -> Response {
    let id = try call.part("id")
    let scheme = call.given("scheme")
    let draft = try await office.ledger.store.read { db -> Draft in
        let classing = try Classing(Showing(office, call, db), id)
        guard try classing.mayGrade() else { throw Refusal("access.denied", ["value": Enforcement.Grade.kind.zh]) }
        guard let chosen = classing.schemes.first(where: { $0.id == scheme }) else {
            throw Refusal(
                "scheme.unknown", field: "scheme", ["value": scheme, "expected": classing.schemes.map(\.id).joined(separator: ", ")])
        }
        var cells = ["employer": id, "scheme": scheme, "from": classing.today.description]
        let management = call.given("management")
        let found = classing.found(management: management.isEmpty ? nil : management)
        var working = found.working.map(\.zh)
        if chosen.scale == "risk_level" {
            let level = call.given("level")
            guard !level.isEmpty else { throw Refusal("field.required", field: "level") }
            let label = try chosen.label(for: level)
            (cells["level"], cells["label"], cells["edition"]) = (level, label.label, scheme)
            working.append("综合风险等级 \(level)（由监管人员评定）：\(label.label)，\(label.meaning.zh)")
        } else {
            guard let label = found.label else {
                throw found.missing.first
                    ?? Refusal("grading.input-missing", field: "management", ["value": "管理状况自查结果", "value_en": "management"])
            }
            (cells["label"], cells["edition"]) = (label, String(found.edition.prefix(120)))
        }
        cells["working"] = String(working.joined(separator: "\n").prefix(4000))
        return Draft(Enforcement.Grade.kind, cells)
    }
    try await handIn(office, call, [draft])
    return call.redirect(to: Address.employerClass(id) + "?done=graded")
}
