import Hygiene
import Kernel
import Testing

@testable import Exposure

@Suite struct SampleTextTests {
    @Test func samplesAreReadAsPeopleWriteThem() throws {
        let samples = try SampleText.read(
            "08:00 400@180; 60×120；stel:350@15\nmac：1.2@5;  <0.6 @ 60 ; 短时间:ND@15".replacing("短时间:ND@15", with: "最高:2*3"))
        #expect(samples.map(\.kind) == [.segment, .segment, .shortTerm, .ceiling, .segment, .ceiling])
        #expect(samples.map(\.start) == [480, nil, nil, nil, nil, nil])
        #expect(samples.map(\.minutes) == [180, 120, 15, 5, 60, 3])
        #expect(samples.map(\.reading) == [.value(400), .value(60), .value(350), .value(1.2), .below(0.6), .value(2)])
    }

    /// Every flaw is told at once, each with the sample that has it.
    @Test func everyFlawIsTold() {
        #expect { try SampleText.read("400@180; -1@60; 5; ND@60; stel:1@20; weekly:1@5; 3@x; 24:75 1@5") } throws: { error in
            guard let refusals = error as? Refusals else { return false }
            let codes = refusals.all.map(\.code)
            return codes == [
                "concentration.negative", "samples.format", "loq.missing", "sample.too-long", "samples.format", "samples.format",
                "time.format",
            ] && refusals.all.allSatisfy { $0.field == "samples" && $0.details["value"] != nil }
        }
        for blank in ["", " ", ";;"] { #expect(throws: Refusals.self) { try SampleText.read(blank) } }
    }

    @Test func writingAndReadingIsTheSame() throws {
        var random = SeededGenerator(seed: 7)
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
        for _ in 0..<500 {
            let samples = (0..<draw(1...6)).map { _ -> Sample in
                let kind = SampleKind.allCases[draw(0...2)]
                let figure = Double(draw(1...90_000)) / 1000
                let start: Double? = draw(0...1) == 0 ? Double(draw(0...1439)) : nil
                let minutes = Double(draw(1...(kind == .segment ? 240 : 15)))
                return Sample(kind, start: start, minutes: minutes, draw(0...2) == 0 ? .below(figure) : .value(figure))
            }
            #expect(try SampleText.read(SampleText.write(samples)) == samples)
        }
    }
}
