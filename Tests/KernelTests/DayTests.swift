import Foundation
import Kernel
import Testing

@Suite struct DayTests {
    @Test func agreesWithFoundationsCalendarForFourCenturies() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        for number in stride(from: -73_000, through: 73_000, by: 37) {
            let parts = calendar.dateComponents([.year, .month, .day], from: Date(timeIntervalSince1970: Double(number) * 86_400))
            let day = Day(number: Int32(number))
            #expect((day.year, day.month, day.dayOfMonth) == (try #require(parts.year), try #require(parts.month), try #require(parts.day)))
            #expect(Day(day.year, day.month, day.dayOfMonth) == day)
            #expect(Day(day.description) == day)
        }
    }

    @Test func monthsEndWhereTheShorterMonthEnds() {
        #expect(Day(2020, 1, 31)?.adding(months: 1) == Day(2020, 2, 29))
        #expect(Day(2019, 1, 31)?.adding(months: 1) == Day(2019, 2, 28))
        #expect(Day(2020, 11, 30)?.adding(months: 3) == Day(2021, 2, 28))
        #expect(Day(2020, 3, 15)?.adding(months: -3) == Day(2019, 12, 15))
        #expect(Day(2019, 2, 29) == nil)
        #expect(Day(2021, 13, 1) == nil)
    }

    @Test(arguments: [
        ("2020-06-03", "2020-06-03"), ("2020/6/3", "2020-06-03"), ("2020.06.03", "2020-06-03"), ("20200603", "2020-06-03"),
        ("2020年6月3日", "2020-06-03"),
        ("2020-06-03 12:30:00", "2020-06-03"), ("2020-06-03T12:30", "2020-06-03"),
    ]) func readsWhatUsersWrite(_ text: String, _ day: String) { #expect(Day.read(text)?.description == day) }

    @Test(arguments: ["", "2020", "43985", "2020-02-30", "3/6/20", "二〇二〇年", "2020-6", "2020-06-03-1"]) func refusesWhatIsNoDay(
        _ text: String
    ) {
        #expect(Day.read(text) == nil)
    }

    @Test func momentsAreOfShanghai() throws {
        let moment = try #require(Moment("2020-06-30 23:59"))
        #expect(moment.day == Day(2020, 6, 30))
        #expect(moment.description == "2020-06-30 23:59:00")
        #expect(Moment("2020-06-30")?.day == Day(2020, 6, 30))
        #expect(try #require(Moment("2020-06-30")) < #require(Moment("2020-07-01 00:00")))
        #expect(Moment("2020-06-30 25:00") == nil)
    }
}

@Suite struct CodeTests {
    /// GB 32100-2015: codes printed in the standards handbook as tested.
    @Test(arguments: ["914403001922038216", "9144030071526726XG", "91330100799655058B", "911100007109250324", "91110000802100433B"])
    func acceptsRealCodes(_ code: String) {
        #expect(CreditCode.flaw(in: code) == nil)
        #expect(CreditCode.completing(String(code.dropLast())) == code)
    }

    /// Every single wrong character and every swap of unequal neighbours is found, or the code is another valid one by its own check.
    @Test func findsWrongCharacters() {
        let code = Array("91330100799655058B")
        var missed = 0
        for index in 0..<17 {
            for wrong in "0123456789ABCDEFGHJKLMNPQRTUWXY" where wrong != code[index] {
                var other = code
                other[index] = wrong
                if CreditCode.flaw(in: String(other)) == nil { missed += 1 }
            }
        }
        #expect(missed == 0)
        #expect(CreditCode.flaw(in: "9133010079965505") == .length)
        #expect(CreditCode.flaw(in: "91330100799655058I") == .character)
    }

    /// GB 11643-1999: the standard's own example.
    @Test func checksIdentityNumbers() {
        #expect(ResidentID.flaw(in: "11010519491231002X") == nil)
        #expect(ResidentID.flaw(in: "110105194912310021") == .check)
        #expect(ResidentID.flaw(in: "110105194902310021") == .birth)
        #expect(ResidentID.flaw(in: "11010519491231002x") == .character)
        #expect(ResidentID.birthday("11010519491231002X") == Day(1949, 12, 31))
    }

    @Test func divisionsContainByPrefix() throws {
        let city = try #require(DivisionCode("330400"))
        #expect(city.contains("330402") && city.contains("330402001") && city.contains("330400") && !city.contains("330502"))
        #expect(city.level == .prefecture && DivisionCode("330000")?.level == .province && DivisionCode("330402001")?.level == .township)
        #expect(DivisionCode("33040") == nil && DivisionCode("33040a") == nil)
    }
}

@Suite struct TimelineTests {
    private func random(_ generator: inout SeededGenerator) -> Timeline<Int> {
        Timeline(
            0,
            (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                .init(Day(number: Int32.random(in: 0...30, using: &generator)), Int.random(in: 0...3, using: &generator))
            })
    }

    /// A timeline is what it says on every day: compared with arrays of days.
    @Test func combinesDayByDay() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<500 {
            let (left, right) = (random(&generator), random(&generator))
            let sum = left.with(right, +)
            for number in -2...33 {
                let day = Day(number: Int32(number))
                #expect(sum[day] == left[day] + right[day])
            }
            for (before, after) in zip(sum.changes, sum.changes.dropFirst()) {
                #expect(before.day < after.day && before.value != after.value)
            }
            let spans = sum.spans(where: { $0 > 2 })
            for number in -2...33 {
                #expect(spans.contains { $0.contains(Day(number: Int32(number))) } == (sum[Day(number: Int32(number))] > 2))
            }
        }
    }

    @Test func laterChangesOfOneDayWin() {
        let day = Day(number: 5)
        #expect(Timeline(0, [.init(day, 1), .init(day, 2)])[day] == 2)
        #expect(Timeline(0, [.init(day, 1), .init(day, 0)]).changes.count == 1)
    }

    @Test func joinsManyInAnyGrouping() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            let all = (0..<Int.random(in: 0...9, using: &generator)).map { _ in random(&generator) }
            let joined = Timeline.joined(all, 0, max)
            for number in -1...31 {
                #expect(joined[Day(number: Int32(number))] == all.map { $0[Day(number: Int32(number))] }.reduce(0, max))
            }
        }
    }
}
