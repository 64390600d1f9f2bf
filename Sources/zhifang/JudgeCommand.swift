import ArgumentParser
import Catalog
import Exchange
import Foundation
import Hygiene
import Kernel
import Sheets

/// Judges raw samples from a table or a pipe.
struct JudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge", abstract: "Judges raw samples by the exposure limits of their day.",
        discussion: """
            The table has a header and one row a sample; the rows of a group (one substance, one post or person, one shift) lie together.
            Columns, in Chinese or English: group 组号, substance 物质, date 采样日期, kind 类型 (twa, stel, mac), start 开始时间, minutes 分钟, \
            concentration 浓度, unit 单位, loq 最低定量浓度, fraction 粉尘种类, silica 游离二氧化硅, altitude 海拔, molar_mass 摩尔质量, steady 接触水平稳定, \
            shift_hours 日工作时间, week_days 周工作天数. Only minutes and concentration must be there; what a column does not say, an option may.
            Try: zhifang judge samples.csv; zhifang judge - --substance 苯 --unit mg/m3 --working < samples.csv
            """)
    @OptionGroup var place: Place
    @Argument(help: "CSV in UTF-8, or - for standard input") var file: String
    @Option(help: "Substance of rows that name none: a Chinese or English name, a CAS number, a factor's or a limit's code")
    var substance: String?
    @Option(help: "Unit of rows that name none") var unit: String?
    @Option(help: "Day of rows that name none; the limits of that day judge [today]") var on: String?
    @Flag(help: "The working of each verdict in words instead of a table") var working = false
    @Flag(help: "Only the summary") var quiet = false

    func run() throws {
        guard let day = on.map({ Day.read($0) }) ?? Clock.system.today else {
            throw Refusal("day.format", field: "on", ["value": on ?? ""])
        }
        let catalog = try Catalog(folder: try place.folder())
        let speech = Speech.current
        let descriptor = file == "-" ? 0 : open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Refusal("file.missing", ["value": file]) }
        defer { if descriptor > 0 { close(descriptor) } }
        let output = Output(speech: speech, isQuiet: quiet)
        if !working { output.header() }
        var told = 0
        var judge = SampleJudge(
            catalog, defaults: .init(substance: substance, unit: unit, day: day), wantsWorking: working,
            onVerdict: { verdict in working ? output.words(verdict) : output.row(verdict) },
            onRefusal: { refusal in
                told += 1
                // A flaw repeated in every row is told often enough.
                if told <= 1000 { output.error(refusal) }
            })
        try SheetReader.stream(descriptor) { try judge.take($0) }
        try judge.finish()
        output.flush()
        if told > 1000 { output.say("… +\(told - 1000)") }
        let sum = judge.summary
        output.say(
            speech(
                "\(sum.rows) 个样品，\(sum.groups) 组：符合 \(sum.complying)，超过 \(sum.exceeding)，不能判定 \(sum.undecided)；错误 \(sum.refused)",
                "\(sum.rows) samples in \(sum.groups) groups: \(sum.complying) comply, \(sum.exceeding) exceed, \(sum.undecided) undecided; "
                    + "\(sum.refused) flaws"))
        if sum.refused > 0 { throw ExitCode(2) }
    }

    /// Lines gathered and written in blocks.
    private final class Output {
        private let speech: Speech
        private let isQuiet: Bool
        private var buffer: [UInt8] = []
        init(speech: Speech, isQuiet: Bool) { (self.speech, self.isQuiet) = (speech, isQuiet) }

        func header() {
            write(
                "group,substance,date,rows,verdict,limit,twa,twa_limit,short_term,stel,ceiling,mac,ratio,edition,reasons")
        }

        func row(_ verdict: SampleJudge.Verdict) {
            guard !isQuiet else { return }
            let limit = verdict.limit
            let result = verdict.result
            func figure(_ value: Double?) -> String { value.map { $0.isNaN ? "" : Rounding.plain($0) } ?? "" }
            let cells = [
                verdict.group, verdict.substance, verdict.day.description, "\(verdict.rows.lowerBound)-\(verdict.rows.upperBound)",
                verdict.verdict.rawValue, limit?.key ?? "", figure(result?.twa), figure(limit?.twa), figure(result?.shortTerm),
                figure(limit?.stel), figure(result?.ceiling), figure(limit?.mac), figure(ratio(result, limit)),
                limit?.provenance.edition ?? "", verdict.missing.map(\.code).joined(separator: " "),
            ]
            write(cells.map(quoted).joined(separator: ","))
        }

        /// The highest of the values over their limits.
        private func ratio(_ result: ShiftResult?, _ limit: ExposureLimit?) -> Double? {
            guard let result, let limit else { return nil }
            let pairs = [(result.twa, limit.twa), (result.shortTerm, limit.stel), (result.ceiling, limit.mac)]
            return pairs.compactMap { value, limit in value.isNaN ? nil : limit.map { value / $0 } }.max()
        }

        func words(_ verdict: SampleJudge.Verdict) {
            guard !isQuiet else { return }
            let title = [verdict.group, verdict.substance, verdict.day.description].filter { !$0.isEmpty }.joined(separator: " · ")
            write("\(title): \(word(verdict.verdict))")
            for judgement in verdict.judgements {
                let name = judgement.quantity.text(english: speech.isEnglish)
                let limit = judgement.limit.map { " / \(Rounding.plain($0))" } ?? ""
                write("  \(name) = \(judgement.shown)\(limit) \(judgement.unit): \(word(judgement.verdict))")
                for step in judgement.working { write("    \(step.text(english: speech.isEnglish))") }
                let source = judgement.provenance
                write("    \(source.edition) \(source.clause) [\(source.confidence.rawValue)]")
            }
            for refusal in verdict.missing { write("  " + speech.say(refusal)) }
        }

        private func word(_ verdict: Judgement.Verdict) -> String {
            switch verdict {
            case .complies: speech("符合", "complies")
            case .exceeds: speech("超过", "exceeds")
            case .undecided: speech("不能判定", "undecided")
            }
        }
        private func quoted(_ cell: String) -> String {
            cell.contains(where: { ",\"\n\r".contains($0) }) ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
        }
        private func write(_ line: String) {
            guard !isQuiet else { return }
            buffer.append(contentsOf: line.utf8)
            buffer.append(10)
            if buffer.count > 1 << 16 { flush() }
        }
        func flush() {
            FileHandle.standardOutput.write(Data(buffer))
            buffer.removeAll(keepingCapacity: true)
        }
        func error(_ refusal: Refusal) { say(speech.say(refusal)) }
        func say(_ line: String) {
            flush()
            FileHandle.standardError.write(Data((line + "\n").utf8))
        }
    }
}
