import Kernel
import Ledger
import Registry

/// What people know, and who told them. Definitions: docs/measures.md, *Other measures*.
let measures: [Measure] = [awareness, publicityWeek]

private let awareness = Measure(
    "awareness_rate", "职业健康知识知晓率", "Occupational-health awareness", .share,
    numerator: ("最近一次调查的加权答对题数（或合格问卷）", "weighted items answered rightly, or questionnaires that pass, in the last survey"),
    denominator: ("最近一次调查的加权答题数（或有效问卷）", "weighted items answered, or valid questionnaires, in the last survey"),
    parameters: ["method", "awareness.pass"], units: { _ in nil }, of: [Survey.kind], strands: awarenessStrands)

private let publicityWeek = Measure(
    "publicity_week", "职业病防治法宣传周活动", "Publicity weeks", .count, numerator: ("本年度宣传周活动", "publicity weeks of the year"),
    files: [(Publicity.kind, publicityStrands)])

/// The last round in the jurisdiction: one sum over its valid questionnaires, and an unknown for each without its right answers.
func awarenessStrands(_ unit: UnitFile, _ terms: Terms) -> [Strand] {
    let rounds = unit.all(Survey.kind).filter { $0[Survey.day] != nil }.sorted {
        ($0[Survey.day] ?? .distantPast, $0.id) < ($1[Survey.day] ?? .distantPast, $1.id)
    }
    let locus = Timeline(Locus(division: unit.division.text))
    let pass = terms.text("method") == "respondents" ? terms.number("awareness.pass", 0.8) : nil
    return rounds.enumerated().flatMap { index, survey -> [Strand] in
        let until = index + 1 < rounds.count ? rounds[index + 1][Survey.day] ?? .distantFuture : .distantFuture
        let days = [Span(survey[Survey.day] ?? .distantPast, until)]
        let valid = unit.file(survey).all(Response.kind).filter { $0[Response.valid] != false }
        let known = valid.compactMap { score($0, pass: pass) }
        var strands = valid.filter { $0[Response.correct] == nil }.map { response in
            Strand("\(survey.id)|\(response.id)", Timeline(.out, .unknown("response.unknown", response.id), during: days), at: locus)
        }
        if !known.isEmpty {
            let sum = Standing.amount(known.reduce(0) { $0 + $1.right }, over: known.reduce(0) { $0 + $1.asked }, survey.id)
            strands.append(Strand(survey.id, Timeline(.out, sum, during: days), at: locus))
        }
        return strands
    }
}

/// What a questionnaire adds: its weighted items, or its weight where questionnaires are passed or not. Without items, nothing.
private func score(_ response: Record, pass: Double?) -> (right: Double, asked: Double)? {
    guard let correct = response[Response.correct] else { return nil }
    let weight = response[Response.weight] ?? 1
    let items = Double(response[Response.items] ?? 0)
    guard let pass else { return (weight * Double(correct), weight * items) }
    guard items > 0 else { return (0, 0) }
    return (Double(correct) / items >= pass ? weight : 0, weight)
}

/// A publicity week counts until its year ends.
func publicityStrands(_ file: File, _ terms: Terms) -> [Strand] {
    guard file.root[Publicity.type] == "week", let day = file.root[Publicity.day] else { return [] }
    let standing = Timeline(Standing.out, .amount(1, file.id), during: [.restOfYear(from: day)])
    return [Strand(file.id, standing, at: Timeline(Locus(division: file.root[Publicity.division])))]
}
