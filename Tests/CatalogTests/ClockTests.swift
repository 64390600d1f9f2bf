import Catalog
import Foundation
import Kernel
import TestKit
import Testing

/// Working days against days counted by hand, a package of others and a slow second count.
@Suite struct WorkdayCalendarTests {
    private let calendar = Hand.catalog.calendar
    private func day(_ text: String) throws -> Day { try #require(Day(text)) }
    private func after(_ text: String, _ count: Int) throws -> String { "\(calendar.adding(workdays: count, to: try day(text)).value)" }

    /// National Day 2025: off from 1 to 8 October; 28 September (Sunday) and 11 October (Saturday) are worked.
    @Test func nationalDay2025() throws {
        #expect(try after("2025-09-26", 0) == "2025-09-26")
        #expect(try after("2025-09-26", 1) == "2025-09-28")
        #expect(try after("2025-09-26", 3) == "2025-09-30")
        #expect(try after("2025-09-26", 4) == "2025-10-09")
        #expect(try after("2025-09-26", 6) == "2025-10-11")
        #expect(try after("2025-09-26", 7) == "2025-10-13")
        #expect(calendar.workdays(from: try day("2025-09-30"), to: try day("2025-10-08")).value == 0)
        #expect(calendar.workdays(from: try day("2025-09-30"), to: try day("2025-10-09")).value == 1)
    }

    /// Spring Festival 2026: off from 15 to 23 February; the Saturdays 14 and 28 February are worked.
    @Test func springFestival2026() throws {
        #expect(try after("2026-02-13", 1) == "2026-02-14")
        #expect(try after("2026-02-13", 2) == "2026-02-24")
        #expect(try after("2026-02-13", 6) == "2026-02-28")
        #expect(try after("2026-02-13", 7) == "2026-03-02")
    }

    /// 2020 was lengthened to 2 February; 3 and 4 September 2015 were off by a notice of their own; 29 December 2018 was worked by the
    /// notice for 2019.
    @Test func changedNotices() throws {
        #expect(try after("2020-01-23", 1) == "2020-02-03")
        #expect(try after("2015-09-02", 1) == "2015-09-06")
        #expect(try after("2018-12-28", 1) == "2018-12-29")
        #expect(try after("2018-12-28", 2) == "2019-01-02")
        #expect(calendar.workdays(from: try day("2018-12-28"), to: try day("2019-01-02")).missingYears == [])
    }

    /// Working days of a year as the Python package chinesecalendar 1.11.0 counts them.
    @Test func yearsAgree() throws {
        let expected = [250, 250, 249, 250, 249, 250, 250, 249, 250, 249, 249, 251, 248, 248]
        let found = (2013...2026).map { calendar.workdays(from: .lastDay(of: $0 - 1), to: .lastDay(of: $0)).value }
        #expect(found == expected)
        #expect(calendar.years.map(\.year) == Array(2013...2026))
    }

    /// A year that is not to hand is counted by weekdays, and said.
    @Test func missingYears() throws {
        // 31 December 2026 (Thursday), then Friday 1 January 2027 as if it were worked, then 4, 5 and 6 January.
        let counted = calendar.adding(workdays: 5, to: try day("2026-12-30"))
        #expect("\(counted.value)" == "2027-01-06" && counted.missingYears == [2027])
        #expect(calendar.adding(workdays: 1, to: try day("2026-12-30")).missingYears == [])
        #expect(calendar.workdays(from: try day("2011-12-31"), to: try day("2013-01-04")).missingYears == [2012])
        #expect(WorkdayCalendar().isWorkday(try day("2026-10-01")))
        #expect(!calendar.knows(2027) && calendar.knows(2026))
        // Backwards and nowhere there is nothing to count.
        #expect(calendar.workdays(from: try day("2026-03-02"), to: try day("2026-03-02")).value == 0)
        #expect(calendar.workdays(from: try day("2026-03-03"), to: try day("2026-03-02")).value == 0)
    }

    /// The table read again as lines of text and counted day by day with the system's calendar.
    @Test func equalsASlowSecondCount() throws {
        let text = try String(contentsOf: Repository.standards.appendingPathComponent("holidays.yaml"), encoding: .utf8)
        var gregorian = Foundation.Calendar(identifier: .gregorian)
        gregorian.timeZone = try #require(TimeZone(identifier: "UTC"))
        let format = DateFormatter()
        (format.dateFormat, format.timeZone, format.locale) = ("yyyy-MM-dd", gregorian.timeZone, Locale(identifier: "en_US_POSIX"))
        func next(_ date: Date) -> Date { gregorian.date(byAdding: .day, value: 1, to: date) ?? date }
        var off: Set<String> = []
        var on: Set<String> = []
        for line in text.split(separator: "\n") {
            let days = line.matches(of: /'(\d{4}-\d{2}-\d{2})'/).map { String($0.1) }
            if line.contains("working:") {
                on.formUnion(days)
            } else if line.contains("from:") {
                var date = try #require(format.date(from: days[0]))
                while format.string(from: date) <= days[1] {
                    off.insert(format.string(from: date))
                    date = next(date)
                }
            }
        }
        func isWorked(_ date: Date) -> Bool {
            let name = format.string(from: date)
            return on.contains(name) || (!off.contains(name) && !gregorian.isDateInWeekend(date))
        }
        var random = SeededGenerator(seed: 20_261_121)
        for _ in 0..<300 {
            let start = Day.firstDay(of: 2013) + Int.random(in: 0..<5000, using: &random)
            let count = Int.random(in: 1...40, using: &random)
            var date = try #require(format.date(from: "\(start)"))
            var left = count
            while left > 0 {
                date = next(date)
                if isWorked(date) { left -= 1 }
            }
            let end = calendar.adding(workdays: count, to: start).value
            #expect("\(end)" == format.string(from: date))
            // One is the other backwards.
            #expect(calendar.workdays(from: start, to: end).value == count)
        }
    }

    /// Adding in two steps is adding at once, and a later start never ends earlier.
    @Test func additive() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            let start = Day.firstDay(of: 2013) + Int.random(in: 0..<5000, using: &random)
            let (first, second) = (Int.random(in: 0...20, using: &random), Int.random(in: 0...20, using: &random))
            let middle = calendar.adding(workdays: first, to: start).value
            #expect(calendar.adding(workdays: second, to: middle).value == calendar.adding(workdays: first + second, to: start).value)
            let (earlier, later) = (calendar.adding(workdays: second, to: start), calendar.adding(workdays: second, to: start + 1))
            #expect(earlier.value <= later.value)
        }
    }

    private func refusal(_ body: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-calendar-\(Digest.hex(Digest.random(6)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body.write(to: folder.appendingPathComponent("holidays.yaml"), atomically: true, encoding: .utf8)
        do {
            _ = try WorkdayCalendar(standards: folder)
            return "read"
        } catch let refusal as Refusal { return refusal.code }
    }

    /// An edited table is read, or refused with what is wrong with it.
    @Test func editedTables() throws {
        func table(_ holiday: String, working: String = "") -> String {
            "years:\n  2027:\n    notice: 通知\n    confidence: own\n    holidays: [\(holiday)]\n    working: [\(working)]\n"
        }
        let newYear = "{name: 元旦, from: '2027-01-01', to: '2027-01-03'}"
        #expect(try refusal(table(newYear, working: "'2026-12-27'")) == "read")
        #expect(try refusal(table("{name: 元旦, from: '2027-01-03', to: '2027-01-01'}")) == "calendar.range")
        #expect(try refusal(table("{name: 元旦, from: '2027-02-30', to: '2027-03-01'}")) == "calendar.day")
        #expect(try refusal(table("{name: 元旦, from: '2026-11-30', to: '2027-01-01'}")) == "calendar.day")
        #expect(try refusal(table("{name: 元旦, from: '2027-01-01'}")) == "calendar.day")
        #expect(try refusal(table(newYear, working: "'2027-01-04'")) == "calendar.weekday")
        #expect(try refusal(table(newYear, working: "'2027-01-02'")) == "calendar.both")
        #expect(try refusal("years: {next: {notice: 通知}}") == "calendar.year")
        #expect(try refusal("year: 2027") == "catalog.file")
    }
}

/// Statutory periods as data.
@Suite struct StatutoryClockTests {
    private func deadline(_ clock: String, from text: String) throws -> Deadline? {
        let clock = try #require(Hand.catalog.clocks[clock])
        return clock.deadline(from: try #require(Day(text)), Hand.catalog.calendar)
    }
    private func last(_ clock: String, from text: String) throws -> String? { try deadline(clock, from: text).map { "\($0.last)" } }

    /// Lengths and units by hand: 30 calendar days across the Spring Festival, 5 and 20 working days across it, months, hours.
    @Test func lengths() throws {
        #expect(try last("declaration_project", from: "2026-01-20") == "2026-02-19")
        #expect(try last("declaration_receipt", from: "2026-02-13") == "2026-02-27")
        #expect(try last("test_publication", from: "2026-02-13") == "2026-03-19")
        #expect(try last("exam_report", from: "2025-09-26") == "2025-11-13")
        #expect(try last("high_toxic_test", from: "2026-01-31") == "2026-02-28")
        #expect(try last("status_evaluation", from: "2023-06-15") == "2026-06-15")
        #expect(try last("acute_report", from: "2026-03-01") == "2026-03-02")
    }

    /// The edition of the first day counts: sixty days until 3 January 2021, forty from the 4th on.
    @Test func editions() throws {
        #expect(try last("appraisal_conclusion", from: "2021-01-03") == "2021-03-04")
        #expect(try last("appraisal_conclusion", from: "2021-01-04") == "2021-02-13")
        #expect(try last("appraisal_materials", from: "2021-01-03") == "2021-01-18")
        #expect(try last("appraisal_materials", from: "2021-01-04") == "2021-01-14")
        // Not to hand is not stretched from another edition.
        #expect(try last("declaration_process", from: "2010-05-04") == nil)
        #expect(try last("certificate_delivery", from: "2020-12-31") == nil)
        let certificate = try #require(Hand.catalog.clocks["certificate_delivery"])
        let publication = try #require(Hand.catalog.clocks["test_publication"])
        let before = try #require(Day("2020-12-31"))
        #expect(!certificate.setsNothing(on: before) && publication.setsNothing(on: before))
    }

    @Test func workingInWords() throws {
        let known = try #require(try deadline("declaration_receipt", from: "2026-02-13")).working
        #expect(known.zh == "安监总局令第48号回执条（条次未核）：自 2026-02-13 次日起 5 个工作日，至 2026-02-27")
        let unknown = try #require(try deadline("declaration_receipt", from: "2026-12-30")).working
        #expect(unknown.zh.hasSuffix("2027 年节假日安排未备，只扣除了周末"))
        #expect(unknown.en.hasSuffix("holiday table of 2027 not to hand, only weekends left out"))
        let doubtful = try #require(try deadline("suspected_report", from: "2026-02-13")).working
        #expect(doubtful.en.hasSuffix("(confidence KU: check the source)"))
    }

    /// Every row says where it comes from; rights are what a party may ask for and nobody owes.
    @Test func rows() {
        let clocks = Hand.catalog.clocks.values
        #expect(clocks.count == 33)
        for clock in clocks {
            #expect(!clock.editions.isEmpty, "\(clock.name)")
            for edition in clock.editions {
                #expect(!edition.provenance.edition.isEmpty && !edition.provenance.source.isEmpty, "\(clock.name)")
            }
        }
        #expect(
            Set(clocks.filter(\.isRight).map(\.name)) == [
                "appraisal_application_first", "appraisal_application_second", "hearing_request", "reconsideration_request",
                "litigation_request",
            ])
        let low = clocks.flatMap(\.editions).filter { $0.provenance.confidence == .uncertain }
        #expect(low.count == 2)
    }

    /// What lapses is threatened with an item that exists: no declaration by 71（一）, fifty to a hundred thousand yuan.
    @Test func penalties() throws {
        let all = Hand.catalog.standards.penalties
        let threatened = Hand.catalog.clocks.values.filter { $0.penalty != nil }
        #expect(threatened.count == 11)
        for clock in threatened { #expect(!clock.penalties(all).isEmpty && !clock.isRight, "\(clock.name)") }
        let undeclared = try #require(Hand.catalog.clocks["declaration_project"]?.penalties(all).first)
        #expect([undeclared.minimum, undeclared.maximum] == [50_000, 100_000])
        #expect(Hand.catalog.clocks["suspected_report"]?.penalties(all).count == 2)
        #expect(Hand.catalog.clocks["declaration_receipt"]?.penalties(all).isEmpty == true)
    }

    /// docs/clocks.md says of every clock what the table says.
    @Test func documentAgrees() throws {
        let text = try String(contentsOf: Repository.root.appendingPathComponent("docs/clocks.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        #expect(rows.count == Hand.catalog.clocks.count)
        let units: [StatutoryClock.Unit: String] = [.day: "day", .workday: "working day", .month: "month", .hour: "hour"]
        for clock in Hand.catalog.clocks.values {
            let row = try #require(rows.first { $0.hasPrefix("| `\(clock.name)` \(clock.title.zh) |") }, "\(clock.name)")
            let editions = clock.editions.map { edition in
                let provenance = edition.provenance
                let until = provenance.force.until < .distantFuture ? "\(provenance.force.until)" : ""
                let length = "\(edition.length) \(units[edition.unit] ?? "")\(edition.length == 1 ? "" : "s")"
                let source = "\(provenance.edition) \(provenance.clause)"
                return "\(length), \(source), \(provenance.force.from)…\(until), \(provenance.confidence.rawValue)"
            }
            #expect(row.hasSuffix("| \(editions.joined(separator: "<br>")) |"), "\(clock.name)")
        }
    }

    private func refusal(_ editions: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("zhifang-clocks-\(Digest.hex(Digest.random(6)))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let words = "{zh: 甲, en: A}"
        let body = "own:\n  title: \(words)\n  starts: \(words)\n  met: \(words)\n  editions: [\(editions)]\n"
        try body.write(to: folder.appendingPathComponent("clocks.yaml"), atomically: true, encoding: .utf8)
        do {
            return "read \(try StatutoryClock.read(standards: folder).count)"
        } catch let refusal as Refusal { return "\(refusal.code) \(refusal.field ?? "")" }
    }

    @Test func editedTables() throws {
        let first = "{length: 5, unit: day, from: '2020-01-01', until: '2021-01-01', edition: 甲, confidence: own}"
        let second = "{length: 6, unit: workday, from: '2021-01-01', edition: 乙, confidence: own}"
        #expect(try refusal("\(first), \(second)") == "read 1")
        #expect(try refusal("\(first), \(second.replacing("2021-01-01", with: "2020-12-31"))") == "clock.overlap ")
        #expect(try refusal(first.replacing("unit: day", with: "unit: week")) == "clock.unreadable unit")
        #expect(try refusal(first.replacing("length: 5", with: "length: 0")) == "clock.unreadable length")
        #expect(try refusal(first.replacing("from: '2020-01-01', ", with: "")) == "clock.unreadable from")
        #expect(try refusal(first.replacing("2021-01-01", with: "2019-01-01")) == "clock.unreadable until")
        #expect(try refusal("\(first)]\n  penalty: {item: 一}\n  other: [") == "clock.unreadable penalty")
        #expect(try refusal(first.replacing("confidence: own", with: "confidence: sure")) == "clock.unreadable confidence")
    }
}
