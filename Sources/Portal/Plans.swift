import Catalog
import Hummingbird
import Kernel
import Ledger
import Planning
import Storage
import Web

func planRoutes(_ office: Office) -> [Route] {
    [Route(.get, "/plans/:plan/document", needs: .signedIn) { call in try await planPage(office, call) }]
}

/// The evaluation calendar in the reader's words: what the plan demands, when, of whom.
func calendarLines(_ plan: Plan, _ call: Call) -> [View.CalendarLine] {
    (plan.sections.first { $0.id == "evaluation" }?.rows ?? []).compactMap { row in
        if row.label == (call.isEnglish ? "note.zh" : "note.en") { return nil }
        let text = row.text == "true" ? call.word("flag.yes") : row.text == "false" ? call.word("flag.no") : row.text
        return View.CalendarLine(year: call.word("plan.evaluation.\(row.label.split(separator: ".")[0])"), what: text)
    }
}

/// The plan as its file says it: tasks, departments by function with dates, evaluation calendar, scopes, lists and schemes.
private func planPage(_ office: Office, _ call: Call) async throws -> Response {
    let words = try await readBoard(office, call)
    let plan = words.plan
    func section(_ id: String) -> [(label: String, text: String)] { plan.sections.first { $0.id == id }?.rows ?? [] }
    let tasks = ["main", "box", "project", "safeguard"].map { kind -> View.TaskGroup in
        View.TaskGroup(
            title: call.word("plan.tasks.\(kind)"),
            tasks: plan.tasks.filter { $0.kind == kind }.map { task in
                View.TaskLine(
                    id: task.id, title: words.words(task.title), clauses: task.clauses,
                    roles: task.stated.map { View.Role(name: $0, role: "") }
                        + task.inferred.map { View.Role(name: $0, role: "", inferred: true) },
                    subtasks: task.subtasks.map { View.Fact(label: $0.id, value: words.words($0.title)) })
            })
    }.filter { !$0.tasks.isEmpty }
    let others = plan.tasks.filter { !["main", "box", "project", "safeguard"].contains($0.kind) }
    let departments = plan.departments.map { department in
        View.DepartmentLine(
            name: words.words(department.name), function: department.function,
            since: department.force.from > .distantPast ? department.force.from.description : nil,
            until: department.force.until < .distantFuture ? department.force.until.description : nil,
            duties: department.duties + (department.note.isEmpty ? [] : [department.note]))
    }
    let calendar = calendarLines(plan, call)
    let scopes = plan.scopes.map { scope in
        View.ScopeLine(
            words: words.words(scope.name), reading: scope.reading.map(words.words) ?? "", note: scope.clauses.joined(separator: "、"),
            indicators: plan.indicators.filter { $0.scopeID == scope.id }.map { View.Link(text: $0.id, href: words.indicatorHref($0)) })
    }
    let lists = plan.lists.map { list in
        View.NamedList(
            name: words.words(list.name),
            items: list.items.map { item in
                item.codes.isEmpty ? words.words(item.name) : call.language.aside(words.words(item.name), item.codes.joined(separator: " "))
            },
            note: list.clauses.joined(separator: "、"))
    }
    let schemes = ["schemes", "three_simultaneities", "coordination", "document", "parents"].compactMap { id -> View.NamedList? in
        let rows = section(id)
        return rows.isEmpty ? nil : View.NamedList(name: call.word("plan.section.\(id)"), items: rows.map { "\($0.label): \($0.text)" })
    }
    let facts = [
        View.Fact(label: call.word("subject.place"), value: words.words(plan.jurisdictionName), note: plan.jurisdiction.text),
        View.Fact(label: call.word("years.year"), value: "\(plan.years.lowerBound)–\(plan.years.upperBound)"),
        View.Fact(label: call.word("definition.edition"), value: String(words.board.edition), note: plan.digest),
    ]
    let model = PlanPage(
        frame: office.frame(call, at: .plans), plan: words.head("plan"), facts: facts,
        tasks: tasks
            + (others.isEmpty
                ? []
                : [
                    View.TaskGroup(
                        title: call.word("plan.tasks"),
                        tasks: others.map { View.TaskLine(id: $0.id, title: words.words($0.title), clauses: $0.clauses) })
                ]),
        departments: departments, calendar: calendar, scopes: scopes, lists: lists, schemes: schemes)
    return try call.page("plan", model)
}
