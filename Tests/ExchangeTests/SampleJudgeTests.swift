import Catalog
import Foundation
import Glibc
import Hygiene
import Kernel
import Sheets
import TestKit
import Testing

@testable import Exchange

/// Tables of raw samples, through a pipe as they come.
@Suite struct SampleJudgeTests {
    final class Told {
        var verdicts: [SampleJudge.Verdict] = []
        var refusals: [Refusal] = []
    }

    /// Writes a text into a pipe and judges what comes out of it.
    private func judge(
        _ text: String, substance: String? = nil, unit: String? = "mg/m3", working: Bool = false
    ) throws -> (Told, SampleJudge.Summary) {
        let told = Told()
        let pipe = Pipe()
        let bytes = Data(text.utf8)
        let writer = Thread {
            try? pipe.fileHandleForWriting.write(contentsOf: bytes)
            try? pipe.fileHandleForWriting.close()
        }
        writer.start()
        let day = Day(2026, 3, 2) ?? .distantPast
        var judge = SampleJudge(
            Hand.catalog, defaults: .init(substance: substance, unit: unit, day: day), wantsWorking: working,
            onVerdict: { told.verdicts.append($0) }, onRefusal: { told.refusals.append($0) })
        try SheetReader.stream(pipe.fileHandleForReading.fileDescriptor) { try judge.take($0) }
        try judge.finish()
        return (told, judge.summary)
    }

    /// GBZ 2.1-2019, Appendix A: ethyl acetate, PC-TWA 200: 210 exceeds, 170 does not; with a short-term sample, for it has a PC-STEL.
    @Test(arguments: [true, false]) func theStandardsOwnExamples(working: Bool) throws {
        let (told, summary) = try judge(
            """
            group,substance,kind,minutes,concentration
            1,乙酸乙酯,,180,400
            1,乙酸乙酯,,120,60
            1,乙酸乙酯,,180,120
            2,乙酸乙酯,twa,120,300
            2,乙酸乙酯,twa,120,200
            2,乙酸乙酯,twa,120,180
            2,乙酸乙酯,twa,120,0
            2,乙酸乙酯,stel,15,290
            """, working: working)
        #expect(told.refusals == [])
        #expect(told.verdicts.map(\.verdict) == [.exceeds, .complies])
        #expect(told.verdicts.map { ($0.result?.twa ?? .nan) } == [210, 170])
        #expect(told.verdicts.map(\.limit?.key) == ["333", "333"])
        #expect(told.verdicts.map(\.rows) == [2...4, 5...9])
        #expect(summary.rows == 8)
        if working { #expect(told.verdicts[0].judgements.contains { $0.working.contains { $0.zh.contains("210") } }) }
    }

    @Test func namesInAnyFormAndUnits() throws {
        let (told, _) = try judge(
            """
            组号,物质,采样日期,类型,分钟,浓度,单位,摩尔质量
            a,苯,2026-01-05,,480,2.9,mg/m3,
            a,苯,2026-01-05,短时间,15,5.9,mg/m3,
            b,71-43-2,2026-01-05,,480,2900,μg/m3,
            b,71-43-2,2026-01-05,stel,15,5900,μg/m3,
            c,Benzene,2026-01-05,,480,1,ppm,78.11
            c,Benzene,2026-01-05,stel,15,1,ppm,78.11
            d,12,2026-01-05,,480,2.9,mg/m3,
            d,12,2026-01-05,stel,15,5.9,mg/m3,
            """)
        #expect(told.refusals == [])
        #expect(told.verdicts.map(\.verdict) == [.complies, .complies, .exceeds, .complies])
        #expect(abs((told.verdicts[2].result?.twa ?? 0) - 78.11 / 24.05) < 1e-9)
        #expect(Set(told.verdicts.map { $0.limit?.key }) == ["12"])
    }

    /// An edition change moves exactly the records after its date: acetochlor has had a limit since 1 May 2025 only.
    @Test func theDayChoosesTheEdition() throws {
        let days = ["2025-04-29", "2025-04-30", "2025-05-01", "2025-05-02"]
        let rows = days.map { "\($0),乙草胺,\($0),480,0.1\n\($0),乙草胺,\($0),480,0\n" }.joined()
        let (told, _) = try judge("group,substance,date,minutes,concentration\n" + rows)
        #expect(told.verdicts.map { $0.limit != nil } == [false, false, true, true])
        #expect(told.verdicts[0].missing.map(\.code) == ["judge.limit.missing"])
    }

    /// Each flaw is told with its row and field; the groups around it are judged.
    @Test(arguments: [
        ("-1,60", "concentration.negative", "concentration"), ("abc,60", "number.format", "concentration"),
        (",60", "field.required", "concentration"), ("1,", "field.required", "minutes"), ("1,-5", "minutes.range", "minutes"),
        ("1,x", "number.format", "minutes"), ("ND,60", "loq.missing", "loq"), ("<0,60", "loq.missing", "loq"),
        ("nan,60", "number.format", "concentration"), ("inf,60", "number.format", "concentration"), ("1,1e999", "number.format", "minutes"),
        ("1,1500", "segment.over-day", "minutes"),
    ]) func flawsOfSamples(cells: String, code: String, field: String) throws {
        let (told, summary) = try judge(
            "group,concentration,minutes\ngood,10,480\nbad,\(cells)\nfine,10,480\n", substance: "环己烷")
        #expect(told.refusals.contains { $0.code == code && $0.row == 3 && $0.field == field }, "\(told.refusals)")
        #expect(summary.groups == 3)
        #expect(told.verdicts.map(\.group) == ["good", "bad", "fine"])
        #expect(told.verdicts[1].verdict == .undecided)
        #expect(told.verdicts[0].result?.twa == 10)
        #expect(told.verdicts[2].result?.twa == 10)
    }

    @Test(arguments: [
        ("start,minutes", "08:00,60\n08:30,60", "segment.overlap"), ("start,minutes", "25:61,60", "time.format"),
        ("kind,minutes", "stel,30", "sample.too-long"), ("kind,minutes", "weekly,30", "code.unknown"),
        ("unit,minutes", "furlong,30", "unit.unknown"), ("unit,minutes", "ppm,30", "molar-mass.missing"),
        ("unit,minutes", "f/mL,30", "unit.incompatible"), ("date,minutes", "31.12,30", "day.format"),
        ("substance,minutes", "71-43-3,30", "cas.check"), ("substance,minutes", "氪石,30", "limit.unknown"),
        ("silica,minutes", "130,30", "number.range"), ("steady,minutes", "maybe,30", "flag.format"),
        ("week_days,minutes", "6,30", "field.required"),
    ]) func flawsOfGroups(columns: String, cells: String, code: String) throws {
        let rows = cells.split(separator: "\n").map { "g,\($0),1" }.joined(separator: "\n")
        let substance = columns.hasPrefix("silica") ? "D23" : "环己烷"
        let (told, _) = try judge("group,\(columns),concentration\n\(rows)\n", substance: substance)
        #expect(told.refusals.contains { $0.code == code && ($0.row == 2 || $0.row == 3) && $0.field != nil }, "\(told.refusals)")
        #expect(told.verdicts.allSatisfy { $0.verdict == .undecided })
    }

    /// A group that cannot be judged keeps its own date; one whose date is none has the day that holds where the table says nothing.
    @Test func flawedGroupsKeepTheirDates() throws {
        let (told, _) = try judge(
            """
            group,substance,date,minutes,concentration
            row,环己烷,2025-07-01,480,-1
            name,氪石,2025/7/2,480,1
            date,环己烷,31.12,480,1
            both,环己烷,31.12,480,-1
            blank,环己烷,,480,-1
            """)
        #expect(told.verdicts.map(\.verdict) == Array(repeating: .undecided, count: 5))
        #expect(told.verdicts.map(\.day.description) == ["2025-07-01", "2025-07-02", "2026-03-02", "2026-03-02", "2026-03-02"])
    }

    @Test func flawsOfTheHeader() throws {
        for (header, code) in [
            ("minutes,colour", "header.unknown"), ("minutes", "header.missing"), ("minutes,minutes,concentration", "header.repeated"),
        ] {
            #expect { try judge(header + "\n1,2,3\n", substance: "苯") } throws: { error in
                (error as? Refusals)?.all.contains { $0.code == code && $0.row == 1 } == true
            }
        }
        #expect(throws: Refusal.self) { try judge("", substance: "苯") }
    }

    @Test func rowsOfAGroupThatCameBeforeAreTold() throws {
        let (told, summary) = try judge("group,minutes,concentration\na,480,1\nb,480,1\na,60,1\n", substance: "环己烷")
        #expect(told.refusals.map(\.code) == ["samples.group-again"])
        #expect(told.refusals[0].row == 4)
        #expect(summary.groups == 3)
    }

    /// However long the table, no more memory than for its longest group.
    @Test func memoryStaysFlat() throws {
        func peak(_ groups: Int) throws -> (Int, SampleJudge.Summary) {
            let pipe = Pipe()
            let descriptor = pipe.fileHandleForWriting.fileDescriptor
            let writer = Thread {
                var text = Array("group,substance,kind,start,minutes,concentration\n".utf8)
                for group in 0..<groups {
                    for hour in 0..<8 { text += Array("g\(group),甲苯,,\(480 + hour * 60),60,\(hour * 7 % 40).5\n".utf8) }
                    text += Array("g\(group),甲苯,stel,600,15,41.5\n".utf8)
                    if text.count > 1 << 16 {
                        text.withUnsafeBytes { bytes in
                            var sent = 0
                            while sent < bytes.count {
                                let count = write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                                if count <= 0 { break }
                                sent += count
                            }
                        }
                        text.removeAll(keepingCapacity: true)
                    }
                }
                _ = text.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
                try? pipe.fileHandleForWriting.close()
            }
            writer.start()
            var judge = SampleJudge(
                Hand.catalog, defaults: .init(unit: "mg/m3", day: Day(2026, 3, 2) ?? .distantPast), onVerdict: { _ in }, onRefusal: { _ in }
            )
            var most = 0
            try SheetReader.stream(pipe.fileHandleForReading.fileDescriptor) { row in
                try judge.take(row)
                most = max(most, judge.footprint)
            }
            try judge.finish()
            return (most, judge.summary)
        }
        let small = try peak(5000)
        let large = try peak(50_000)
        #expect(large.1.rows == 450_000)
        #expect(large.1.groups == 50_000)
        #expect(large.1.complying == 50_000)
        // Ten times the rows: the set of groups seen grows with their number, up to a bound; nothing else does.
        #expect(large.0 - small.0 < 16 * 4 * 50_000, "\(small.0) → \(large.0)")
    }
}
