import Kernel
import Ledger
import Planning
import Storage
import Web

/// The duties that the caller sees, as `/duties` lists them, for programs.
func dutyItems(_ office: Office, _ call: Call, _ db: any Connection, limit: Int, from: Int) throws -> [JSON] {
    let show = Showing(office, call, db)
    let query = try DutyQuery(show)
    return try DutyRow.read(show, query.condition, order: query.sql, limit: limit, offset: from).map { row in
        let stretch = row.stretch
        return .object([
            ("rule", .text(row.measure.name)), ("owed", .text(call.isEnglish ? row.measure.owed.en : row.measure.owed.zh)),
            ("clause", JSON(row.measure.clause)), ("debtor", JSON(stretch.debtor.isEmpty ? nil : stretch.debtor)),
            ("subject", .text(stretch.subject)), ("file", .text(row.root)), ("division", .text(stretch.division)),
            ("verdict", .text(stretch.verdict.rawValue)), ("since", JSON(show.day(stretch.from))), ("until", JSON(show.day(stretch.until))),
            ("reason", JSON(stretch.reason.isEmpty ? nil : stretch.reason)),
            ("record", JSON(stretch.record.isEmpty ? nil : stretch.record)),
        ])
    }
}

/// A plan's board for programs: each figure with the bounds that the unknown leaves, its target and its verdict; null where it is not known.
func boardItems(_ office: Office, _ call: Call, _ db: any Connection, plan name: String) throws -> JSON {
    let (plan, edition) = try office.boards.plan(db, name)
    guard mayDo(call.person, .see, at: .common) else { throw Refusal("plan.unknown", ["value": name]) }
    let day = try office.day(call, plan: plan)
    let known = try office.knownAt(call)
    let board = try office.boards.board(db, plan, edition: edition.edition, on: day, knownAt: known)
    func number(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
    let items = board.states.map { state -> JSON in
        let target = state.indicator.target
        return .object([
            ("id", .text(state.indicator.id)), ("name", .text(state.indicator.name.text(english: call.isEnglish))),
            ("measure", .text(state.indicator.measure.name)), ("value", number(state.figure.value)), ("low", number(state.figure.low)),
            ("high", number(state.figure.high)), ("met", .whole(state.count.met)), ("unmet", .whole(state.count.unmet)),
            ("unknown", .whole(state.count.unknown)), ("pending", .whole(state.count.pending)),
            (
                "target",
                .object([
                    ("operator", .text(target.operator.rawValue)), ("value", number(target.value ?? target.range?.lowerBound)),
                    ("upper", number(target.range?.upperBound)), ("unit", .text(target.unit)), ("due", .whole(state.indicator.due)),
                ])
            ),
            ("outcome", .text(state.outcome.rawValue)),
        ])
    }
    return .object([
        ("plan", .text(plan.id)), ("edition", .whole(edition.edition)), ("digest", .text(edition.digest)),
        ("as_of", .text(day.description)),
        ("known_at", JSON(known?.description)), ("division", .text(board.division.text)), ("items", .list(items)),
    ])
}
