import Catalog
import Grading
import Kernel
import Testing

@Suite("Editions")
struct EditionTests {
    @Test("The same dust measured on 2026-01-31 and 2026-02-01 is graded by two editions")
    func turn() throws {
        let texts = ["silica": "60", "exposure_ratio": "2.4", "labour": "I"]
        let january = try GradingInputs(.dust, texts: texts, on: before)
        let february = try GradingInputs(.dust, texts: texts, on: after)
        // 2010: 4 × 2.4 × 1 = 9.6, Ⅱ; 2025: 3 × 2.4 × 1 = 7.2, Ⅲ of five.
        let (old, new) = (grading.grade(january), grading.grade(february))
        #expect((old.code, old.index, old.provenance.edition) == ("II", 9.6, "GBZ/T 229.1-2010"))
        #expect((new.code, new.index, new.provenance.edition) == ("III", 7.2, "GBZ/T 229.1-2025"))
        // Graded again on request, each by the other's edition, and said so.
        let again = try grading.regrade(january, edition: "GBZ/T 229.1-2025")
        #expect((again.code, again.index) == (new.code, new.index) && again.provenance == new.provenance)
        #expect(again.working.contains { $0.en.contains("on request") } && !new.working.contains { $0.en.contains("on request") })
        #expect(try grading.regrade(february, edition: "GBZ/T 229.1-2010").code == old.code)
        #expect(
            throws: Refusal(
                "grading.edition-unknown", field: "edition",
                ["value": "GBZ/T 229.1-1999", "expected": "GBZ/T 229.1-2010, GBZ/T 229.1-2025"])
        ) {
            try grading.regrade(january, edition: "GBZ/T 229.1-1999")
        }
        #expect(throws: Refusal.self) { try new.isHigher(than: old) }
    }

    @Test("Chemicals and heat turn on the same day, noise does not")
    func others() {
        for (method, old, new) in [
            (GradingTables.Method.dust, "GBZ/T 229.1-2010", "GBZ/T 229.1-2025"), (.chemical, "GBZ/T 229.2-2010", "GBZ/T 229.2-2025"),
            (.heat, "GBZ/T 229.3-2010", "GBZ/T 229.3-2025"), (.noise, "GBZ/T 229.4-2012", "GBZ/T 229.4-2012"),
            (.impulse, "GBZ/T 229.4-2012", "GBZ/T 229.4-2012"), (.toxicity, "GBZ/T 230-2010", "GBZ/T 230-2025"),
        ] {
            #expect(tables.edition(method, on: before)?.provenance.edition == old)
            #expect(tables.edition(method, on: after)?.provenance.edition == new)
        }
        #expect(missing(grading.noise(level: 90, on: day("2011-12-31"))) == ["grading.no-edition"])
        #expect(missing(grading.dust(silica: 5, exposureRatio: 3, labour: .light, on: day("2009-12-31"))) == ["grading.no-edition"])
    }

    @Test("An edition change moves exactly the records from its day on")
    func move() {
        for offset in -40...40 {
            let day = after + offset
            let grade = grading.dust(silica: 60, exposureRatio: 2.4, labour: .light, on: day)
            #expect(grade.code == (day < after ? "II" : "III"))
        }
    }

    @Test("Inputs survive as texts; unknown names and wrong values are told together")
    func texts() throws {
        let inputs = GradingInputs(.chemical, ["toxicity": .word("high"), "exposure_ratio": .number(1.5), "labour": nil], on: after)
        #expect(inputs.texts == ["toxicity": "high", "exposure_ratio": "1.5"])
        #expect(try GradingInputs(.chemical, texts: inputs.texts, on: after) == inputs)
        #expect(try GradingInputs(.dust, texts: ["silica": ""], on: nil).values.isEmpty)
        do throws(Refusals) {
            _ = try GradingInputs(.dust, texts: ["silica": "abc", "labour": "V", "exposure_ratio": "-1", "colour": "red"], on: after)
            Issue.record("accepted")
        } catch {
            #expect(
                error.all.map { "\($0.field ?? "") \($0.code)" }.sorted() == [
                    "colour field.unknown", "exposure_ratio number.range", "labour code.unknown", "silica number.format",
                ])
        }
        // Typed values are looked at as well.
        #expect(
            missing(grading.grade(.init(.noise, ["level": .word("loud"), "colour": .number(1)], on: after))) == [
                "field.unknown", "number.format",
            ])
    }

    @Test("Every method names its inputs once, and the files ask for no other")
    func inputs() {
        for method in GradingTables.Method.allCases {
            let names = method.inputs.map(\.name)
            #expect(!names.isEmpty && Set(names).count == names.count)
            for edition in tables[method] {
                switch edition.rule {
                case .bands(let bands): #expect(names.contains(bands.input))
                case .heat(let heat): #expect(names.contains(heat.time) && names.contains(heat.wbgt))
                case .scores(let scores): #expect(Set(scores.weights.keys).isSubset(of: names))
                case .product(let product):
                    if case .toxicity(let weights) = product.hazard {
                        #expect(Set(weights.keys) == Set(Grading.Toxicity.allCases.map(\.rawValue)))
                    }
                default: break
                }
            }
        }
    }

    // Properties

    @Test("More exposure, more silica, more toxicity or harder labour never lower a grade, in either edition")
    func monotone() {
        func rises(_ low: Grade, _ high: Grade) -> Bool {
            guard let first = low.possible.first, let last = low.possible.last, let next = high.possible.first, let top = high.possible.last
            else { return false }
            return first.rank <= next.rank && last.rank <= top.rank
        }
        let ratios = [0, 0.3, 0.5, 0.51, 0.9, 1, 1.01, 1.5, 2, 2.01, 3, 7, 20]
        var checked = 0
        for day in [before, after] {
            for labour in Grading.Labour.allCases {
                let harder = Grading.Labour.allCases.first { $0 > labour }
                for (index, ratio) in ratios.enumerated() {
                    for silica in [0.0, 10, 51, 81] {
                        let dust = grading.dust(silica: silica, exposureRatio: ratio, labour: labour, on: day)
                        if index + 1 < ratios.count {
                            #expect(rises(dust, grading.dust(silica: silica, exposureRatio: ratios[index + 1], labour: labour, on: day)))
                        }
                        if let harder { #expect(rises(dust, grading.dust(silica: silica, exposureRatio: ratio, labour: harder, on: day))) }
                        #expect(rises(dust, grading.dust(silica: min(100, silica + 30), exposureRatio: ratio, labour: labour, on: day)))
                        checked += 1
                    }
                    for (place, toxicity) in Grading.Toxicity.allCases.enumerated() {
                        let grade = grading.chemical(toxicity: toxicity, exposureRatio: ratio, labour: labour, isSpecial: false, on: day)
                        if index + 1 < ratios.count {
                            let more = grading.chemical(
                                toxicity: toxicity, exposureRatio: ratios[index + 1], labour: labour, isSpecial: false, on: day)
                            #expect(rises(grade, more))
                        }
                        if place + 1 < 4 {
                            let worse = Grading.Toxicity.allCases[place + 1]
                            #expect(
                                rises(
                                    grade,
                                    grading.chemical(toxicity: worse, exposureRatio: ratio, labour: labour, isSpecial: false, on: day)))
                        }
                        checked += 1
                    }
                }
            }
        }
        #expect(checked == 2 * 4 * 13 * 8)
    }

    @Test("Hotter, longer or harder never lowers a grade of heat; louder never one of noise")
    func monotoneHeat() {
        for labour in Grading.Labour.allCases {
            for step in 0..<80 {
                let wbgt = 28 + Double(step) * 0.25
                for rate in [10.0, 40, 60] {
                    let grade = grading.heat(labour: labour, wbgtEffective: wbgt, exposureRate: rate, on: after)
                    let hotter = grading.heat(labour: labour, wbgtEffective: wbgt + 0.25, exposureRate: rate, on: after)
                    let longer = grading.heat(labour: labour, wbgtEffective: wbgt, exposureRate: rate + 30, on: after)
                    #expect(grade.rank! <= hotter.rank! && grade.rank! <= longer.rank!)
                    if let harder = Grading.Labour.allCases.first(where: { $0 > labour }) {
                        #expect(grade.rank! <= grading.heat(labour: harder, wbgtEffective: wbgt, exposureRate: rate, on: after).rank!)
                    }
                }
            }
        }
        let levels = stride(from: 60.0, through: 120, by: 0.5).map { grading.noise(level: $0, on: after).rank! }
        #expect(levels == levels.sorted() && Set(levels) == [0, 1, 2, 3, 4])
    }

    @Test("A grade with an unknown input allows every grade that knowing it could give")
    func unknownCovers() {
        for ratio in [0.2, 0.7, 1.5, 3, 9] {
            for day in [before, after] {
                let open = Set(codes(grading.dust(silica: nil, exposureRatio: ratio, labour: nil, on: day)))
                for silica in [0.0, 10, 51, 81] {
                    for labour in Grading.Labour.allCases {
                        let told = codes(grading.dust(silica: silica, exposureRatio: ratio, labour: labour, on: day))
                        #expect(open.isSuperset(of: told))
                    }
                }
            }
        }
    }
}
