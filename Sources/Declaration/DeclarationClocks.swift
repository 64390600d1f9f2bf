import Kernel
import Ledger
import Registry

/// The clocks of declaration 申报时限 (Order 48 of 2012, Art. 8, 9; receipt). Definitions: docs/clocks.md.
let declarationClocks: [Measure] = [
    causeClock("declaration_initial", "初次申报", "Declare for the first time", "安监总局令48号 第5至7条", of: "commencement"),
    causeClock("declaration_project", "建设项目竣工验收后申报", "Declare after a project", "安监总局令48号 第8条（一）", of: "project"),
    causeClock("declaration_process", "工艺、设备、材料变化后申报", "Declare a change of process", "安监总局令48号 第8条（二）", of: "process"),
    causeClock("declaration_identity", "场所、名称、负责人变化后申报", "Declare a change of place, name or head", "安监总局令48号 第8条（三）", of: "identity"),
    .clock(
        "declaration_differing_test", "检测、评价与申报不符后重新申报", "Declare anew after a differing test", clause: "安监总局令48号 第8条（四）",
        reads: ["exposure.tested", "exposure.tested-unreceived"], files: [(Employer.kind, differingTestStrands)]),
    .clock(
        "declaration_termination", "终止生产经营后注销申报", "Cancel the declaration after closing", clause: "安监总局令48号 第9条",
        files: [(Employer.kind, terminationStrands)]),
    .clock(
        "declaration_receipt", "出具申报回执", "Issue the receipt for a declaration", clause: "安监总局令48号（回执）",
        files: [(Employer.kind, receiptStrands)]),
]

private func causeClock(_ name: String, _ zh: String, _ en: String, _ clause: String, of cause: String) -> Measure {
    .clock(
        name, zh, en, clause: clause,
        files: [(Employer.kind, { @Sendable file, terms in causeStrands(name, of: cause, file, terms) })])
}

/// Each cause of one kind that was recorded: submitted in time from its day.
private func causeStrands(_ clock: String, of cause: String, _ file: File, _ terms: Terms) -> [Strand] {
    let causes = file.all(DeclarationCause.kind).filter { $0[DeclarationCause.cause] == cause }
    guard !causes.isEmpty else { return [] }
    let locus = EmployerProfile(file).locus
    let answers = Answering(file)
    return causes.map { record in
        let filing = answers.filing(of: record)
        let run = ClockRun(
            clock, from: record[DeclarationCause.day], done: filing?[Filing.submitted], record: record.id, doneBy: filing?.id ?? "")
        return Strand(record.id, debtor: file.id, run.standing(terms), at: locus)
    }
}

/// The declarations of an employer as answers to what had to be declared, by the day of submission.
private struct Answering {
    let file: File
    let filings: [Record]

    init(_ file: File) {
        self.file = file
        filings = file.all(Filing.kind).filter { $0[Filing.submitted] != nil }.sorted {
            ($0[Filing.submitted] ?? .distantPast, $0.id) < ($1[Filing.submitted] ?? .distantPast, $1.id)
        }
    }

    /// The first that names the cause; where none does, the first of a fitting type from its day on that names no other.
    func filing(of cause: Record) -> Record? {
        if let named = filings.first(where: { file.id(Filing.cause, of: $0) == cause.id }) { return named }
        guard let day = cause[DeclarationCause.day] else { return nil }
        return first(from: day, cancelling: cause[DeclarationCause.cause] == "termination") { $0[Filing.cause] == nil }
    }

    /// The first declaration, or cancellation, from a day on.
    func first(from day: Day, cancelling: Bool, where fits: (Record) -> Bool = { _ in true }) -> Record? {
        filings.first { filing in
            (filing[Filing.type] == "cancellation") == cancelling && (filing[Filing.submitted] ?? .distantPast) >= day && fits(filing)
        }
    }

    /// The declarations made up to a day since the last cancellation.
    func standing(on day: Day) -> [Record] {
        let until = filings.filter { ($0[Filing.submitted] ?? .distantFuture) <= day }
        let cancelled = until.lastIndex { $0[Filing.type] == "cancellation" }
        return Array(until.dropFirst(cancelled.map { $0 + 1 } ?? 0))
    }
}

// MARK: Tests that differ

/// A test or evaluation whose factors the declarations of the day of its receipt do not name: declared anew in time from that day.
/// One subject per report; and each cause `differing_test` that somebody recorded.
func differingTestStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let name = "declaration_differing_test"
    var strands = causeStrands(name, of: "differing_test", file, terms)
    let received = Dictionary(grouping: file.findings("exposure.tested", terms), by: \.record)
    let unreceived = Dictionary(grouping: file.findings("exposure.tested-unreceived", terms), by: \.record)
    guard !received.isEmpty || !unreceived.isEmpty else { return strands }
    let answers = Answering(file)
    let locus = EmployerProfile(file).locus
    for (report, findings) in received.merging(unreceived, uniquingKeysWith: { first, _ in first }).sorted(by: { $0.key < $1.key }) {
        guard let day = findings.first?.span.from else { continue }
        let before = answers.standing(on: day)
        // Who never declared owes a first declaration, not a change of one.
        guard !before.isEmpty else { continue }
        let declared = Set(before.flatMap { $0[Filing.factors] ?? [] })
        let isListed = before.contains { $0[Filing.factors] != nil }
        let missing = Set(findings.map(\.code)).subtracting(declared)
        let isKnown = received[report] != nil
        guard !missing.isEmpty, isListed || isKnown else { continue }
        let later = answers.first(from: day, cancelling: false) { missing.isSubset(of: $0[Filing.factors] ?? []) }
        let silent = answers.first(from: day + 1, cancelling: false) { $0[Filing.factors] == nil }
        let run = ClockRun(
            name, from: isKnown ? day : nil, done: later?[Filing.submitted], notBefore: day, record: report, doneBy: later?.id ?? "")
        var standing = run.standing(terms)
        if !isListed {
            standing = standing.map { [.pending, .unmet].contains($0.verdict) ? .unknown("declaration.factors-unknown", report) : $0 }
        }
        // A declaration that does not say what it declares may have been the answer.
        if let silent, let submitted = silent[Filing.submitted] {
            standing = standing.with(Timeline(false, [.init(submitted, true)])) { standing, isSilent in
                isSilent && standing.verdict == .unmet ? .unknown("declaration.factors-unknown", silent.id) : standing
            }
        }
        strands.append(Strand(report, debtor: file.id, standing, at: locus))
    }
    return strands
}

// MARK: Ends

/// The end of production, recorded as a cause or as a closing of the employer, of whom declarations stand; until it reopens.
func terminationStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let name = "declaration_termination"
    var strands = causeStrands(name, of: "termination", file, terms)
    let answers = Answering(file)
    guard !answers.filings.isEmpty else { return strands }
    let profile = EmployerProfile(file)
    let causes = file.all(DeclarationCause.kind).filter { $0[DeclarationCause.cause] == "termination" }
    let changes = profile.operating.changes
    for index in changes.indices where !changes[index].value && changes[index].day > .distantPast {
        let closed = changes[index].day
        let stretch = Span(
            index > 0 ? changes[index - 1].day : .distantPast, index + 1 < changes.count ? changes[index + 1].day : .distantFuture)
        let isRecorded = causes.contains { cause in cause[DeclarationCause.day].map(stretch.contains) ?? true }
        guard !isRecorded, !answers.standing(on: closed).isEmpty else { continue }
        let change = file.all(EmployerChange.kind).first { $0[EmployerChange.closed] == true && $0[EmployerChange.day] == closed }
        let filing = answers.first(from: closed, cancelling: true)
        let run = ClockRun(
            name, from: closed, done: filing?[Filing.submitted], record: change?.id ?? file.id, doneBy: filing?.id ?? "")
        let standing = run.standing(terms).during([stretch])
        strands.append(Strand(change?.id ?? file.id, debtor: file.id, standing, at: profile.locus))
    }
    return strands
}

// MARK: Receipts

/// Each declaration, from its receipt by the authority until the receipt is issued; where that is not recorded, until it was accepted.
/// It cannot have been received before it was submitted.
func receiptStrands(_ file: File, _ terms: Terms) -> [Strand] {
    let filings = file.all(Filing.kind)
    guard !filings.isEmpty else { return [] }
    let locus = EmployerProfile(file).locus
    return filings.map { filing in
        let run = ClockRun(
            "declaration_receipt", from: filing[Filing.received], done: filing[Filing.receipt] ?? filing[Filing.accepted],
            notBefore: filing[Filing.submitted], record: filing.id, doneBy: filing.id)
        return Strand(filing.id, run.standing(terms), at: locus)
    }
}
