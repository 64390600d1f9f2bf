import Catalog
import Kernel
import Ledger
import Registry
import Surveillance

/// What later records need to know of a person.
struct DemoPerson {
    let id: String
    let name: String
    let county: String
    let birth: Day
    let woman: Bool
    let identity: String
}

/// Workers with their employments, exposures, examinations, insurance and files.
extension DemoWorld {
    func workers(of employer: DemoEmployer) {
        guard !employer.trade.medical else {
            radiationWorkers(of: employer)
            return
        }
        let number = [int(1...3), int(3...5), int(8...13), int(12...22)][employer.size]
        for _ in 0..<min(Int((Double(number) * place.crowd).rounded()), employer.headcount) {
            let home = chance(0.7) ? employer.county : scribe.random.pick(counties).code
            let from = employed(at: employer)
            guard from <= horizon, let person = person(home: home, age: (19, 56), on: from, woman: chance(0.32), recorded: from) else {
                continue
            }
            history(of: person, at: employer, from: from)
        }
    }

    private func employed(at employer: DemoEmployer) -> Day {
        let start = Day.firstDay(of: plan.lowerBound)
        let first = max(employer.since, start - 5500)
        guard chance(0.42), max(first, start) < min(horizon, employer.lastDay) - 60 else {
            return day(first, max(first, min(start, employer.lastDay) - 30))
        }
        return day(max(first, start), min(horizon, employer.lastDay) - 60)
    }

    /// Writes a person down. Adults on the day; the identity number carries birth, sex and a county of the place.
    func person(
        home: String, age: (Int, Int), on day: Day, woman: Bool, recorded: Day?, twinOf twin: DemoPerson? = nil,
        identity other: String? = nil
    ) -> DemoPerson? {
        let birth = twin?.birth ?? day.adding(months: -12 * int(age.0...age.1)) - int(0...360)
        let county = scribe.random.pick(counties).code
        let identity = other ?? twin?.identity ?? identity(county, birth, woman)
        let name = twin?.name ?? DemoNames.person(&scribe.random, woman: woman)
        let isMigrant = chance(0.35)
        let phone = DemoNames.phone(&scribe.random)
        let isUnnumbered = other == nil && twin == nil && chance(0.012)
        let passport = isUnnumbered && chance(0.5) ? "E0000\(DemoNames.padded(int(1...9999), 4))" : nil
        let mistyped: ((inout Record) -> Void)? = chance(0.004) ? { $0[Worker.name] = String(name.prefix(1)) + "某" } : nil
        let id = scribe.add(Worker.kind, home: home, day: recorded, first: mistyped) { [self] in
            $0[Worker.name] = name
            $0[Worker.identity] = isUnnumbered ? nil : identity
            $0[Worker.otherIdentity] = passport
            $0[Worker.sex] = code("sex", woman ? "female" : "male")
            $0[Worker.birth] = isUnnumbered ? nil : birth
            $0[Worker.migrant] = isMigrant
            $0[Worker.phone] = phone
        }
        return id.map { DemoPerson(id: $0, name: name, county: home, birth: birth, woman: woman, identity: identity) }
    }

    /// An identity number that nobody has yet.
    private func identity(_ county: String, _ birth: Day, _ woman: Bool) -> String {
        while true {
            let identity = DemoNames.identity(&scribe.random, county: county, birth: birth, woman: woman)
            if identities.insert(identity).inserted { return identity }
        }
    }

    /// A person's years at one employer, for some followed by another, with what they bring along.
    private func history(of person: DemoPerson, at employer: DemoEmployer, from: Day) {
        let leaves = chance(0.14) ? day(max(from + 90, .firstDay(of: plan.lowerBound)), horizon) : nil
        let until = [leaves, employer.until].compactMap { $0 }.min().flatMap { $0 > from && $0 <= horizon ? $0 : nil }
        stint(of: person, at: employer, from: from, until: until, isExposed: chance(0.87))
        guard let until, chance(0.6), employers.count > 6 else {
            if chance(0.012) { secondRecord(of: person, at: employer) }
            return
        }
        let next = scribe.random.pick(employers)
        let again = until + int(3...90)
        guard next.hasHazards, !next.trade.medical, next.until == nil, again < horizon - 30, again > next.since else { return }
        stint(of: person, at: next, from: again, until: nil, isExposed: chance(0.9))
    }

    /// Employment at one employer, insurance, and, where exposed, the exposure at a post with examinations and the file.
    /// - Parameter post: the post, where a case asks for one with its hazard; then nothing is left blank.
    func stint(of person: DemoPerson, at employer: DemoEmployer, from: Day, until: Day?, isExposed: Bool, post given: DemoPost? = nil) {
        let isDispatched = chance(0.09)
        let entered = from
        scribe.add(Employment.kind, home: person.county, day: entered) { [self] in
            $0[Employment.worker] = person.id
            $0[Employment.employer] = employer.id
            $0[Employment.from] = from
            $0[Employment.until] = until
            $0[Employment.type] = code("employment_type", isDispatched ? "dispatched" : "direct")
        }
        insure(person, at: employer, from: from, until: until)
        guard isExposed, !employer.posts.isEmpty else { return }
        let post = given ?? scribe.random.pick(employer.posts)
        let begin = given == nil ? max(from, post.from) : from
        guard begin <= horizon, until.map({ $0 > begin }) ?? true else { return }
        let isBlank = given == nil && chance(profile.factorsUnknown)
        let isUndated = given == nil && chance(0.05)
        let codes = post.factors.map(\.code).sorted()
        scribe.add(Exposed.kind, home: person.county, day: begin) {
            $0[Exposed.worker] = person.id
            $0[Exposed.employer] = employer.id
            $0[Exposed.post] = post.id
            $0[Exposed.factors] = isBlank ? nil : codes
            $0[Exposed.from] = isUndated ? nil : begin
            $0[Exposed.until] = until
        }
        if counts("in_service_exam_rate") || chance(0.18) { exams(of: person, at: employer, codes, from: begin, until: until) }
        if counts("worker_file_rate") || chance(0.03) { file(of: person, at: employer, from: begin, until: until) }
    }

    private func insure(_ person: DemoPerson, at employer: DemoEmployer, from: Day, until: Day?) {
        guard counts("injury_insurance_coverage") || chance(0.3), let beginning = beginning(of: .insurance, size: employer.size) else {
            return
        }
        let entry = beginning < plan.lowerBound ? from + int(0...25) : max(from + 5, day(in: beginning))
        guard entry <= horizon, until.map({ $0 > entry }) ?? true else { return }
        scribe.add(Insured.kind, home: person.county, day: entry) {
            $0[Insured.worker] = person.id
            $0[Insured.employer] = employer.id
            $0[Insured.from] = entry
            $0[Insured.until] = until
        }
    }

    private func day(in year: Int) -> Day { min(scribe.random.day(in: year), horizon) }

    /// Yearly examinations from the year in which the employer begins to send its people.
    private func exams(of person: DemoPerson, at employer: DemoEmployer, _ codes: [String], from: Day, until: Day?) {
        let last = min(horizon, (until ?? .distantFuture) - 1)
        if from >= .firstDay(of: plan.lowerBound) - 200, chance(0.4) {
            exam(of: person, at: employer, on: from, stage: "pre_employment", codes)
        }
        let beginning = beginning(of: .exam, size: employer.size)
        let lapses = beginning == nil && chance(0.35) ? int(plan) : nil
        for year in max(plan.lowerBound, from.year)...max(from.year, plan.lowerBound, last.year)
        where beginning.map({ year >= $0 }) ?? (year == lapses) {
            let first = max(from + 1, .firstDay(of: year) + 20)
            let end = min(last, .lastDay(of: year) - 12)
            guard first <= end else { continue }
            let held = day(first, end)
            let id = exam(of: person, at: employer, on: held, stage: "in_service", codes)
            if let id, codes.contains(DemoWorld.noise), person.birth.number % 10 == 3 {
                audiogram(of: person, exam: id, on: held, since: from)
            }
        }
        if let until, chance(0.18), until <= horizon { exam(of: person, at: employer, on: until, stage: "leaving", codes) }
    }

    /// Noise 噪声 in the catalogue of hazard factors.
    private static let noise = "C001"

    /// Thresholds that rise with the years in noise, most at the high frequencies, the left ear a step worse; in steps of 5 dB as
    /// audiometers have it. Some were tested too soon after work.
    private func audiogram(of person: DemoPerson, exam: String, on day: Day, since from: Day) {
        let years = Double(day - from) / 365
        let rise = [0.4, 0.4, 0.9, 2.1, 2.6, 2.2]
        func text(_ start: Double) -> String {
            rise.map { String(Int(((start + $0 * years) / 5).rounded()) * 5) }.joined(separator: " ")
        }
        let isSoon = day.number % 4 == 1
        scribe.add(HearingTest.kind, home: person.county, day: day) {
            $0[HearingTest.exam] = exam
            $0[HearingTest.day] = day
            $0[HearingTest.left] = text(18)
            $0[HearingTest.right] = text(14)
            $0[HearingTest.quietHours] = isSoon ? 15 : 50
        }
    }

    /// The items that the standard asks for, as some institutions enter them; now and then the last was left out.
    private func items(_ stage: String, on day: Day, _ codes: [String]) -> [String]? {
        guard day.number % 12 == 3 else { return nil }
        let asked = try? ExamRules(demo.catalog.rules.exams).need(stage, of: codes.map { ExamExposure(.factor($0)) }, on: day)
        let all = (asked?.laboratory ?? []).compactMap(\.anyOf.first)
        guard all.count > 1 else { return nil }
        return day.number % 36 == 3 ? Array(all.dropLast()) : all
    }

    @discardableResult
    private func exam(of person: DemoPerson, at employer: DemoEmployer, on day: Day, stage: String, _ codes: [String]) -> String? {
        let institution = chance(0.99) ? examiner(on: day, near: employer.county) : nil
        let covered = codes.count > 1 && chance(0.02) ? Array(codes.dropLast()) : codes
        let isBlank = chance(0.008)
        let conclusion = scribe.random.pick(weighted: [
            ("normal", 860), ("recheck", 60), ("other", 66), ("contraindication", 10), ("suspected", 4),
        ])
        let done = items(stage, on: day, codes)
        let named = done != nil && conclusion == "contraindication" ? codes.prefix(1).map { $0 } : nil
        return scribe.add(Exam.kind, home: person.county, day: day, late: 0.012) { [self] in
            $0[Exam.worker] = person.id
            $0[Exam.employer] = employer.id
            $0[Exam.institution] = institution
            $0[Exam.day] = day
            $0[Exam.stage] = code("exam_stage", stage)
            $0[Exam.factors] = isBlank ? nil : covered
            $0[Exam.conclusion] = code("exam_conclusion", conclusion)
            $0[Exam.items] = done
            $0[Exam.contraindications] = named
        }
    }

    private func file(of person: DemoPerson, at employer: DemoEmployer, from: Day, until: Day?) {
        guard let beginning = beginning(of: .file, size: employer.size) else { return }
        let start = Day.firstDay(of: plan.lowerBound)
        let day =
            beginning < plan.lowerBound
            ? max(from + int(1...20), from < start ? start - int(1...500) : from) : max(day(in: beginning), from + 1)
        guard day <= horizon, until.map({ day < $0 }) ?? true else { return }
        let parts = demo.catalog.codes("surveillance_part").sorted()
        let isBlank = chance(profile.filePartsUnknown)
        scribe.add(SurveillanceFile.kind, home: person.county, day: day) {
            $0[SurveillanceFile.worker] = person.id
            $0[SurveillanceFile.employer] = employer.id
            $0[SurveillanceFile.day] = day
            $0[SurveillanceFile.parts] = isBlank ? nil : parts
        }
    }

    /// The same person entered again: with the same number, or with a second one. Most are found and merged; one merge is undone.
    private func secondRecord(of person: DemoPerson, at employer: DemoEmployer) {
        let other = scribe.random.pick(employers + [employer])
        let hasTwoNumbers = chance(0.25)
        let number =
            hasTwoNumbers ? DemoNames.identity(&scribe.random, county: person.county, birth: person.birth, woman: person.woman) : nil
        let from = day(max(other.since, .firstDay(of: plan.lowerBound)) + 30, horizon - 60)
        guard
            let twin = self.person(
                home: other.county, age: (19, 56), on: from, woman: person.woman, recorded: from, twinOf: person, identity: number)
        else { return }
        let until = [other.until, from + 200].compactMap { $0 }.min()
        guard let until, until > from else { return }
        stint(of: twin, at: other, from: from, until: until <= horizon ? until : nil, isExposed: true)
        guard chance(0.65) else { return }
        let day = min(from + int(40...250), horizon)
        scribe.add(Merge.kind, home: person.county, day: day) {
            $0[Merge.workerKept] = person.id
            $0[Merge.workerDropped] = twin.id
            $0[Merge.reason] = hasTwoNumbers ? "同一人持有两个身份证号码，经核实" : "身份证号码相同，重复建档"
        }
        if chance(0.1) { scribe.withdrawLast(after: int(20...100)) }
    }
}
