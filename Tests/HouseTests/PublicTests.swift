import Catalog
import Foundation
import Grading
import HTTPTypes
import Kernel
import TestKit
import Testing
import Web

@testable import House
@testable import Portal

/// What everybody may look up and work out without an account: pages, addresses for programs, and what is wrong with bad questions.
struct PublicTests {
    private static let moment = "2026-06-30 12:00"
    private func visitor() async throws -> Visitor { try await Visitor.open(at: PublicTests.moment) }
    private static let english = { () -> Visitor.Guest in
        var guest = Visitor.Guest.stranger
        guest.language = .english
        return guest
    }()
    private func escaped(_ text: String) -> String { Visitor.escaped(text) }
    private func json(_ answer: Visitor.Answer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
    }

    // Look-up

    @Test(arguments: ["苯", "benzene", "71-43-2", "71432"]) func benzeneIsFound(_ query: String) async throws {
        let page = await try visitor().get("/lookup?q=\(escaped(query))")
        #expect(page.status == 200)
        #expect(page.text.contains("/lookup/limit/12\""))
        #expect(page.text.contains("GBZ 2.1-2019/XG1") && page.text.contains("或按 GBZ 2.1-2019"))
        #expect(page.text.contains("皮") && page.text.contains("G1"))
    }

    /// An edition holds from its day on: 6 and 10 before Amendment No. 1, 3 and 6 after, none before the standard.
    @Test func theDayDecidesTheEdition() async throws {
        let visitor = try await visitor()
        func values(_ day: String) async throws -> [Double?] {
            let limit = try json(await visitor.get("/api/limits/12?on=\(day)"))["current"] as? [String: Any]
            return [limit?["twa"] as? Double, limit?["stel"] as? Double]
        }
        #expect(try await values("2020-04-01") == [6, 10])
        #expect(try await values("2026-01-01") == [3, 6])
        #expect(try await values("2020-03-31") == [nil, nil])
        let before = await visitor.get("/lookup/limit/12?on=2019-12-31")
        #expect(before.status == 200 && before.text.contains("2019-12-31 没有已备的版次"))
        let after = await visitor.get("/lookup/limit/12")
        #expect(after.text.contains("GBZ 2.1-2019/XG1 的实施日期未核实"))
        #expect(try json(await visitor.get("/api/limits?on=2019-12-31"))["limits"] as? [String] == [])
    }

    /// Every page of a stride through all entries opens, in both languages, with nothing left unsaid.
    @Test func everyEntryHasAPage() async throws {
        let visitor = try await visitor()
        let entries = Lookup(visitor.house.catalog).entries
        #expect(Set(entries.map(\.kind)) == Set(Lookup.Kind.allCases))
        for (index, entry) in entries.enumerated() where index % 9 == 0 && entry.kind != .physical {
            for guest in [Visitor.Guest.stranger, PublicTests.english] {
                let page = await visitor.get("/lookup/\(entry.kind.rawValue)/\(entry.key)", as: guest)
                #expect(page.status == 200, "\(entry.key)")
                let name = entry.name.text(english: guest.language == .english)
                #expect(page.text.contains(name), "\(entry.key) does not name \(name)")
                for hole in ["{{", "[[", "public.", "confidence.", "notation.", "truth."] {
                    #expect(!page.body.contains(hole), "\(entry.key): \(hole)")
                }
            }
        }
        for path in [
            "/lookup/limit/nothing", "/lookup/factor/Z999", "/lookup/disease/X", "/lookup/examination/1999/1.1", "/api/limits/nothing",
        ] {
            #expect(await visitor.get(path).status == 404, "\(path)")
        }
    }

    @Test func aFactorShowsWhatHangsOnIt() async throws {
        let page = await try visitor().get("/lookup/factor/B028?on=2026-09-01")
        for words in ["PC-TWA 3, PC-STEL 6 mg/m³", "尿中苯巯基尿酸", "GBZ 188-2025", "GBZ 188-2014", "苯中毒"] {
            #expect(page.text.contains(words), "benzene without \(words)")
        }
    }

    @Test func whatIsNotFoundIsSuggested() async throws {
        let visitor = try await visitor()
        let page = await visitor.get("/lookup?q=\(escaped("甲全"))")
        #expect(page.status == 200 && page.text.contains("没有查到") && page.text.contains("/lookup/limit/149"))
        let found = try json(await visitor.get("/api/lookup?q=\(escaped("甲全"))"))
        #expect(found["total"] as? Int == 0)
        #expect((found["suggestions"] as? [[String: Any]])?.contains { $0["key"] as? String == "149" } == true)
    }

    @Test func badQuestionsAreAnswered() async throws {
        let visitor = try await visitor()
        let wrong = await visitor.get("/lookup?q=71-43-3")
        #expect(wrong.status == 422 && wrong.text.contains("71-43-3") && wrong.text.contains("校验位"))
        let english = await visitor.get("/lookup?q=71-43-3", as: PublicTests.english)
        #expect(english.text.contains("check digit"))
        let long = await visitor.get("/lookup?q=\(escaped(String(repeating: "苯", count: 200)))")
        #expect(long.status == 422 && long.text.contains("100"))
        #expect(await visitor.get("/lookup?q=a&on=soon").status == 422)
        for text in [
            "<script>alert(1)</script>", "\"><i>x", "'; DROP TABLE record; --", "%00", "\0", "\u{202E}", "[[nav.plans]]", "{{frame}}",
        ] {
            let page = await visitor.get("/lookup?q=\(escaped(text))")
            #expect(page.status == 200, "\(text)")
            #expect(!page.body.contains("<script>alert") && !page.body.contains("\"><i>x"), "\(text) is not escaped")
        }
        for path in ["/lookup?from=-5", "/lookup?from=999999", "/lookup?kind=nothing", "/catalog/check?table=nothing&from=x"] {
            #expect(await visitor.get(path).status == 200, "\(path)")
        }
    }

    @Test func theCheckListsWhatIsNotCertain() async throws {
        let page = await try visitor().get("/catalog/check")
        let check = CatalogCheck(folder: Hand.catalog.folder)
        #expect(page.status == 200 && page.text.contains(">\(check.doubts.count)<"))
        let first = try #require(check.doubts.first)
        #expect(page.text.contains(first.subject) && page.text.contains(first.file))
    }

    // Calculators

    /// Each answers its own worked example, in both languages, with the working; and asks again where nothing was entered.
    @Test(arguments: Calculator.all.map(\.id)) func examples(_ id: String) async throws {
        let visitor = try await visitor()
        let calculator = try Calculator.named(id)
        for guest in [Visitor.Guest.stranger, PublicTests.english] {
            let path = "/calculate/\(id)"
            let empty = await visitor.get(path, as: guest)
            #expect(empty.status == 200 && !empty.text.contains("class=\"outcome\""))
            let pairs = calculator.example.split(separator: "&").map { pair in
                pair.split(separator: "=", omittingEmptySubsequences: false).map { escaped(String($0)) }.joined(separator: "=")
            }
            let page = await visitor.get("\(path)?go=1&\(pairs.joined(separator: "&"))", as: guest)
            #expect(page.status == 200, "\(id): \(page.status)")
            #expect(page.text.contains("class=\"outcome\"") && page.text.contains("class=\"working\""), "\(id) shows no working")
            for hole in ["{{", "[[", "calculate.", "judgement.", "refusal."] { #expect(!page.body.contains(hole), "\(id): \(hole)") }
            let nothing = await visitor.get(path + "?go=1", as: guest)
            #expect(nothing.status == 422, "\(id) answers nothing with \(nothing.status)")
            #expect(
                nothing.text.contains("class=\"error\"") || nothing.text.contains("role=\"alert\""), "\(id) does not say what is missing")
        }
    }

    /// GBZ 2.1-2019, Appendix A: 乙酸乙酯, 210 exceeds 200, 170 does not.
    @Test(arguments: [("400,60,120", "180,120,180", "exceed", "210.0"), ("300,200,180,0", "120,120,120,120", "pass", "170.0")])
    func worked(_ concentrations: String, _ minutes: String, _ verdict: String, _ shown: String) async throws {
        let rows = zip(minutes.split(separator: ","), concentrations.split(separator: ",")).map { "minutes=\($0)&concentration=\($1)" }
        let query = "factor=\(escaped("乙酸乙酯"))&\(rows.joined(separator: "&"))"
        let visitor = try await visitor()
        let page = await visitor.get("/calculate/shift?go=1&\(query)")
        #expect(page.text.contains(">\(shown)<"), "the page shows \(shown)")
        let answer = try json(await visitor.get("/api/judge?kind=shift&\(query)"))
        let average = try #require((answer["judgements"] as? [[String: Any]])?.first)
        #expect(average["shown"] as? String == shown && average["verdict"] as? String == verdict)
        #expect(average["limit"] as? Double == 200)
        #expect((average["working"] as? [String])?.isEmpty == false)
    }

    /// Doubling results: GM is the root of 1 × 2 × … × 32, GSD 2 to the deviation of 0 … 5.
    @Test func aGroupAndAGrade() async throws {
        let visitor = try await visitor()
        let results = [1, 2, 4, 8, 16, 32].map { "result=\($0)" }.joined(separator: "&")
        let answer = try json(await visitor.get("/api/judge?kind=statistics&bound=1000&measure=ppm&\(results)"))
        let figures = try #require(answer["figures"] as? [[String: String]]).compactMap { $0["value"] }
        let deviation = pow(2, (17.5 / 5).squareRoot())
        #expect(figures.first == "\(String(format: "%.3g", pow(2, 2.5))) ppm")
        #expect(figures.dropFirst().first == String(format: "%.3g", deviation))
        #expect((answer["parts"] as? [Any])?.count == 6)

        let day = try #require(Day("2026-06-30"))
        let grade = Grading(visitor.house.catalog.grading).noise(level: 91, on: day)
        let told = try json(await visitor.get("/api/judge?kind=grade-noise&level=91"))["grades"] as? [[String: Any]]
        #expect(told?.first?["label"] as? String == grade.label.zh)
        #expect(told?.first?["rank"] as? Int == grade.rank && grade.rank != nil)
        #expect(await visitor.get("/calculate/grade-noise?go=1&level=91").text.contains(grade.label.zh))
    }

    /// Twenty quarters of about five millisieverts: each year is within 50, the average of the five above 20. The same with a period left
    /// out cannot be told, and never complies.
    @Test func doses() async throws {
        let visitor = try await visitor()
        let path = "/api/judge?kind=dose&" + (try Calculator.named("dose")).example.replacing("<", with: "%3C")
        func judged(_ path: String) async throws -> [[String: Any]] {
            try #require(try json(await visitor.get(path))["judgements"] as? [[String: Any]])
        }
        let whole = try await judged(path)
        #expect(whole.map { $0["verdict"] as? String } == ["pass", "exceed"])
        // 5.1 + 0.04 / 2 + 4.9 + 5 in 2025, 22 in each year before.
        #expect(abs((whole[0]["value"] as? Double ?? 0) - 15.02) < 1e-9)
        #expect(abs((whole[1]["value"] as? Double ?? 0) - (4 * 22 + 15.02) / 5) < 1e-9)
        #expect(whole.map { $0["limit"] as? Double } == [50, 20])

        let row = "&first_day=2025-10-01&last_day=2025-12-31&dose=5&how=measured"
        #expect(path.hasSuffix(row))
        let open = try await judged(String(path.dropLast(row.count)))
        #expect(open[0]["verdict"] as? String == "unknown" && open[0]["value"] == nil)
        #expect((open[0]["missing"] as? [[String: Any]])?.first?["code"] as? String == "dose.gap")
        let proposed = try await judged(path.replacing("how=nominal", with: "how=proposed"))
        #expect((proposed[0]["missing"] as? [[String: Any]])?.map { $0["code"] as? String } == ["dose.nominal-unapproved"])
        // The day of exchange written on both sides is one day, not an overlap.
        let exchange =
            "/api/judge?kind=dose&post_from=2025-01-01&post_until=2025-12-31&year=2025&first_day=2025-01-01&last_day=2025-07-01&dose=1"
            + "&first_day=2025-07-01&last_day=2025-12-31&dose=2"
        #expect(try await judged(exchange)[0]["value"] as? Double == 3)
    }

    /// GBZ 2.1-2019, Table 4: lead in blood 400 μg/L; cholinesterase must not fall below 70 %.
    @Test(arguments: [
        ("18.1", "400", "μg/L", "yes", "pass"), ("18.1", "401", "μg/L", "yes", "exceed"), ("18.1", "2.1", "μmol/L", "yes", "exceed"),
        ("18.1", "100", "μg/L", "", "unknown"), ("18.1", "100", "μg/L", "no", "unknown"), ("18.1", "<500", "μg/L", "yes", "unknown"),
        ("13.2", "5", "μg/L", "", "pass"), ("27.1", "69", "% of baseline", "yes", "exceed"), ("27.1", "70", "% of baseline", "yes", "pass"),
    ])
    func biological(_ indicator: String, _ result: String, _ unit: String, _ taken: String, _ verdict: String) async throws {
        let query = "indicator=\(indicator)&result=\(escaped(result))&measure=\(escaped(unit))&taken=\(taken)"
        let answer = try json(await try visitor().get("/api/judge?kind=biological&\(query)"))
        #expect(answer["verdict"] as? String == verdict)
    }

    /// GBZ 2.2-2007: up to 4 h by the limit for 4 h, above by that for 8 h; 150 and 120 beats a minute.
    @Test func fieldsAndHearts() async throws {
        let visitor = try await visitor()
        func verdicts(_ query: String) async throws -> [String?] {
            let answer = try json(await visitor.get("/api/judge?kind=\(query)"))
            return try #require(answer["judgements"] as? [[String: Any]]).map { $0["verdict"] as? String }
        }
        #expect(try await verdicts("ultra-high-frequency&wave=continuous&electric=19&hours=4") == ["pass"])
        #expect(try await verdicts("ultra-high-frequency&wave=continuous&electric=19&hours=4.1") == ["exceed"])
        #expect(try await verdicts("ultra-high-frequency&wave=pulsed&power=0.03&electric=10&hours=8") == ["exceed", "pass"])
        #expect(try await verdicts("heart-rate&highest=151&mean=120") == ["exceed", "pass"])
        #expect(try await verdicts("heart-rate&mean=121") == ["exceed"])
    }

    /// Annexes 1 to 3: the cells by nature, exposure and headcount; what is unknown stays open, and 甲 is the lowest risk here.
    @Test func employersAreClassed() async throws {
        let visitor = try await visitor()
        func codes(_ query: String) async throws -> [String?] {
            let answer = try json(await visitor.get("/api/judge?kind=employer-class&\(query)"))
            return try #require(answer["grades"] as? [[String: Any]]).map { $0["code"] as? String }
        }
        // The combined class, the hazard risk, the grade of management.
        #expect(try await codes("headcount=9&score=95&key_failed=no&agent=a&nature=general&exceeds=no") == ["甲", "I", "A"])
        #expect(try await codes("headcount=50&score=70&key_failed=no&agent=a&nature=general&exceeds=yes") == ["丙", "III", "B"])
        #expect(try await codes("headcount=10&score=95&key_failed=yes&agent=a&nature=silica&exceeds=no") == ["丙", "II", "C"])
        let two = "agent=a&nature=general&exceeds=no&agent=b&nature=g1&exceeds=yes"
        #expect(try await codes("headcount=9&management=A&\(two)") == ["乙", "III", "A"])
        for nature in ["silica", "asbestos", "highly_toxic", "g1", "radiation", "named"] {
            #expect(try await codes("headcount=9&management=B&agent=a&nature=\(nature)&exceeds=no") == ["乙", "II", "B"], "\(nature)")
        }
        // An unknown that decides leaves the class open; one that does not, does not.
        #expect(try await codes("headcount=9&score=95&agent=a&nature=general&exceeds=no") == [nil, "I", nil])
        #expect(try await codes("score=95&key_failed=no&agent=a&exceeds=no") == [nil, nil, "A"])
        #expect(try await codes("headcount=50&score=60&agent=a&nature=g1") == ["丙", "III", "C"])
        let page = await visitor.get("/calculate/employer-class?go=1&headcount=9&score=95&key_failed=no&agent=a&nature=general&exceeds=no")
        #expect(page.text.contains("甲类（风险最低）") && page.text.contains("分界未据原文核实（KU）"))
        #expect(page.text.contains("甲 风险最低 → 乙 中等风险 → 丙 风险最高") && page.text.contains("丙 低危 → 乙 中危 → 甲 高危"))
        #expect(page.text.contains("方向相反，不能互相比较"))
    }

    /// One letter, opposite meanings; a level of a plan bears the letter of the plan.
    @Test func lettersBySchemes() async throws {
        let visitor = try await visitor()
        func figures(_ query: String) async throws -> [[String: String]] {
            try #require(try json(await visitor.get("/api/judge?kind=class-label&\(query)"))["figures"] as? [[String: String]])
        }
        let both = try await figures("class=\(escaped("甲"))")
        #expect(both.map { $0["value"] } == ["甲", "甲"])
        #expect(both.map { $0["name"]?.hasSuffix("：高危") } == [false, true] && both[0]["name"]?.hasSuffix("：风险最低") == true)
        let plan = try await figures("class=IV&scheme=450204.grading")
        #expect(plan.count == 1 && plan[0]["value"] == "甲" && plan[0]["name"]?.contains("风险最高") == true)
    }

    /// Flaws of every cell stand beside it, together.
    @Test func flawsStandBesideTheirFields() async throws {
        let visitor = try await visitor()
        let bad = [
            ("/calculate/shift?go=1&factor=foo&minutes=-3&concentration=x&minutes=60&concentration=-1", ["foo", "“x”", "-1"]),
            ("/calculate/shift?go=1&factor=12&start=08:00&minutes=120&concentration=1&start=09:00&minutes=120&concentration=1", ["09:00"]),
            ("/calculate/shift?go=1&factor=12&minutes=1500&concentration=1", ["1500"]),
            ("/calculate/shift?go=1&factor=12&minutes=60&concentration=ND", ["ND"]),
            ("/calculate/shift?go=1&factor=12&minutes=60&concentration=1&unit=furlong", ["furlong"]),
            ("/calculate/shift?go=1&factor=12&minutes=60&concentration=1&unit=ppm", ["ppm"]),
            ("/calculate/shift?go=1&factor=71-43-3&minutes=60&concentration=1", ["71-43-3"]),
            ("/calculate/shift?go=1&factor=12&sample=short&minutes=30&concentration=1", ["15"]),
            ("/calculate/shift?go=1&factor=12&minutes=60&concentration=1&hours_per_day=25", ["25"]),
            ("/calculate/shift?go=1&factor=12&minutes=60&concentration=1&on=never", ["never"]),
            ("/calculate/dust?go=1&factor=12&minutes=60&concentration=1", ["苯"]),
            ("/calculate/dust?go=1&factor=D23&silica=140&minutes=60&concentration=1", ["140"]),
            ("/calculate/noise?go=1&minutes=60&level=300", ["300"]),
            ("/calculate/noise-week?go=1&" + Array(repeating: "level=80", count: 8).joined(separator: "&"), ["8"]),
            ("/calculate/noise-impulse?go=1&peak=130&impacts=20000", ["20000"]),
            ("/calculate/mixture?go=1&effect=x&factor=12&average=1&factor=12&average=2", ["2"]),
            ("/calculate/units?go=1&amount=-1&molar_mass=78", ["-1"]),
            ("/calculate/heat?go=1&minutes=60&wbgt=900", ["900"]),
            ("/calculate/ultra-high-frequency?go=1&power=0.1&hours=30", ["30"]),
            ("/calculate/heart-rate?go=1&highest=400&mean=10", ["400", "10.0"]),
            ("/calculate/biological?go=1&indicator=18.1&result=400&measure=mg/g%20Cr", ["mg/g Cr", "μg/L"]),
            ("/calculate/biological?go=1&indicator=99.9&result=-1&measure=mg/L", ["99.9"]),
            ("/calculate/biological?go=1&indicator=3.1&result=-1&measure=mg/L", ["-1"]),
            ("/calculate/dose?go=1&post_from=soon&year=1066&dose=1", ["soon", "1066", "必须填写"]),
            ("/calculate/dose?go=1&post_from=2025-01-01&year=2025&first_day=2025-03-31&last_day=2025-01-01&dose=1", ["2025-01-01"]),
            ("/calculate/dose?go=1&post_from=2025-01-01&year=2025&first_day=2025-01-01&last_day=2025-03-31&dose=-3", ["-3"]),
            ("/calculate/employer-class?go=1&headcount=1.5&score=140&agent=a", ["1.5", "140"]),
            ("/calculate/class-label?go=1&class=%E7%94%B2&scheme=450204.grading", ["450204.grading"]),
            ("/calculate/class-label?go=1&class=Z", ["Z"]),
            ("/calculate/dose?go=1&post_from=2025-01-01&year=2025&quantity=aura", ["aura"]),
            ("/calculate/shift?go=1&factor=12&sample=stel&minutes=15&concentration=1", ["stel"]),
            ("/calculate/employer-class?go=1&agent=a&nature=dire", ["dire"]),
            ("/calculate/class-label?go=1&class=I&scheme=nowhere", ["nowhere"]),
        ]
        for (path, words) in bad {
            let page = await visitor.get(path)
            #expect(page.status == 422, "\(path): \(page.status)")
            let isTold = page.text.contains("class=\"error\"") || page.text.contains("role=\"alert\"")
            #expect(isTold && !page.text.contains("class=\"outcome\""), "\(path)")
            for word in words { #expect(page.text.contains(word), "\(path) does not repeat \(word)") }
            #expect(await visitor.get(path, as: PublicTests.english).status == 422)
        }
        let many = "/calculate/noise?go=1&" + Array(repeating: "minutes=1&level=80", count: 61).joined(separator: "&")
        #expect(await visitor.get(many).status == 422)
    }

    // For programs

    @Test func judgingByJSON() async throws {
        let visitor = try await visitor()
        func post(_ body: String, english: Bool = false) async -> Visitor.Answer {
            await visitor.send(.post, "/api/judge", english ? PublicTests.english : .stranger, type: "application/json", Array(body.utf8))
        }
        let good = await post(
            #"{"kind": "shift", "factor": "乙酸乙酯", "on": "2026-01-01", "steady": true, "samples": [{"start": "08:00", "minutes": 180, "concentration": 400}, {"start": "11:00", "minutes": 120, "concentration": "60"}, {"kind": "segment", "minutes": 180, "concentration": 120}]}"#
        )
        #expect(good.status == 200, "\(good.body)")
        let answer = try json(good)
        #expect(answer["verdict"] as? String == "exceed" && answer["on"] as? String == "2026-01-01")

        let wrong =
            #"{"kind": "shift", "factor": "12", "samples": [{"minutes": 60, "concentration": -1}, {"minutes": 60, "concentration": "ND"}]}"#
        for (isEnglish, words) in [(false, "负"), (true, "negative")] {
            let refused = await post(wrong, english: isEnglish)
            #expect(refused.status == 422)
            #expect(refused.headers[.contentType]?.hasPrefix("application/problem+json") == true)
            let errors = try #require(try json(refused)["errors"] as? [[String: Any]])
            #expect(errors.map { $0["code"] as? String } == ["concentration.negative", "loq.missing"])
            #expect(errors.map { $0["row"] as? Int } == [1, 2])
            #expect(errors.map { $0["field"] as? String }.first == "concentration")
            #expect((errors[0]["text"] as? String)?.contains(words) == true)
        }
        for (body, code) in [
            ("", "json.format"), ("[]", "json.format"), ("{", "json.format"), (#"{"kind": "shift", "samples": 3}"#, "json.format"),
            (#"{"kind": "shift", "samples": [{"minutes": [1]}]}"#, "json.format"), (#"{"kind": "alchemy"}"#, "lookup.kind"),
            (#"{"kind": "noise", "colour": "red"}"#, "field.unknown"), (#"{"kind": "noise", "on": "later"}"#, "day.format"),
        ] {
            let refused = await post(body)
            #expect(refused.status == 422, "\(body)")
            #expect((try json(refused)["errors"] as? [[String: Any]])?.first?["code"] as? String == code, "\(body): \(refused.body)")
        }
        #expect(await post(String(repeating: "x", count: (4 << 20) + 1)).status == 413)
    }
}
