import Catalog
import Foundation
import Kernel
import Ledger
import Registry

/// Pure-tone audiogram 纯音听力图 of an examination card: six thresholds of each ear, 500 to 6000 Hz (GBZ 188-2025 B.2.7.9).
///
/// The thresholds of an ear are one text, `10 15 20 40 45 50`; a hyphen stands for one not measured.
public enum HearingTest {
    public static let exam = Field.reference("exam", "检查个案卡", "Examination card", to: "exam", .part, .required)
    public static let day = Field.day("day", "测试日期", "Day", .required)
    public static let left = thresholds("left", "左耳气导听阈", "Left ear, air conduction")
    public static let right = thresholds("right", "右耳气导听阈", "Right ear, air conduction")
    public static let leftBone = thresholds("left_bone", "左耳骨导听阈", "Left ear, bone conduction")
    public static let rightBone = thresholds("right_bone", "右耳骨导听阈", "Right ear, bone conduction")
    public static let leftLoss = Field.code(
        "left_loss", "左耳听力损失类型", "Left ear, kind of loss", of: "hearing_loss", sensitivity: .medical)
    public static let rightLoss = Field.code(
        "right_loss", "右耳听力损失类型", "Right ear, kind of loss", of: "hearing_loss", sensitivity: .medical)
    public static let cause = Field.code("cause", "听力损失原因", "Cause of the loss", of: "hearing_cause", sensitivity: .medical)
    public static let quietHours = Field.decimal("quiet_hours", "脱离噪声环境时间（h）", "Hours away from noise", 0...100_000)
    public static let recheck = Field.flag("recheck", "复查", "Second test")
    public static let kind = Kind(
        "hearing_test", "纯音听阈测试", "Pure-tone audiogram",
        fields: [
            exam.spec, day.spec, left.spec, right.spec, leftBone.spec, rightBone.spec, leftLoss.spec, rightLoss.spec, cause.spec,
            quietHours.spec, recheck.spec,
        ], day: day.spec, title: [day.spec]
    ) { (record: Record) -> [Refusal] in
        let texts: [Field<String>] = [left, right, leftBone, rightBone]
        return texts.compactMap { field -> Refusal? in
            guard let text = record[field] else { return nil }
            return Audiogram.Side.flaw(text)?.on(field: field.spec.name)
        }
    }

    private static func thresholds(_ name: String, _ zh: String, _ en: String) -> Field<String> {
        Field.text(name, zh + "（500–6000 Hz，dB）", en + " (500–6000 Hz, dB)", max: 60, sensitivity: .medical, source: "GBZ 188-2025 B.2.7.9")
    }
}

extension Audiogram.Side {
    /// Six thresholds from a text, apart by spaces, commas or slashes; a hyphen is one not measured.
    /// - Throws: `Refusal("hearing.count")` unless there are six, `Refusal("number.format")` for what is no number.
    public static func read(_ text: String) throws(Refusal) -> [Double?] {
        let parts = text.split { " ,，、/;；\t".contains($0) }.map(String.init)
        guard parts.count == HearingTables.frequencies.count else { throw Refusal("hearing.count", ["value": "\(parts.count)"]) }
        var values: [Double?] = []
        for part in parts {
            if ["-", "–", "—", "－"].contains(part) { values.append(nil); continue }
            guard let value = Double(part), value.isFinite else { throw Refusal("number.format", ["value": part]) }
            values.append(value)
        }
        return values
    }
}

extension Audiogram.Side {
    /// Why a text is no side of an audiogram.
    static func flaw(_ text: String) -> Refusal? {
        do throws(Refusal) {
            _ = try Audiogram.Side(try read(text))
            return nil
        } catch { return error }
    }
}

extension Audiogram {
    /// A record of kind `hearing_test`; nil without its day or where a text is none.
    public init?(_ record: Record) {
        guard let day = record[HearingTest.day] else { return nil }
        func side(_ air: Field<String>, _ bone: Field<String>, _ loss: Field<String>) -> Side? {
            let airLevels = record[air].map { try? Side.read($0) } ?? Side.nothing
            let boneLevels = record[bone].map { try? Side.read($0) } ?? Side.nothing
            guard let airLevels, let boneLevels else { return nil }
            return try? Side(airLevels, bone: boneLevels, loss: record[loss].flatMap { Loss(rawValue: $0) })
        }
        guard let left = side(HearingTest.left, HearingTest.leftBone, HearingTest.leftLoss),
            let right = side(HearingTest.right, HearingTest.rightBone, HearingTest.rightLoss)
        else { return nil }
        self.init(
            day, left: left, right: right, quietHours: record[HearingTest.quietHours], isRecheck: record[HearingTest.recheck] ?? false,
            isFromNoise: record[HearingTest.cause].flatMap { $0 == "noise" ? true : $0 == "other" ? false : nil })
    }
}

extension HearingPerson {
    /// A worker's record, with the days of noise.
    public init(_ worker: Record, noiseSince: Day? = nil, noiseUntil: Day? = nil) {
        self.init(
            sex: worker[Worker.sex].flatMap { HearingTables.Sex(rawValue: $0) }, birth: worker[Worker.birth], noiseSince: noiseSince,
            noiseUntil: noiseUntil)
    }

    /// A worker's file: the last stretch of noise that began by a day, over all employers. Its beginning stays unknown where an exposure
    /// does not say when it began, or where one that does not name its factors may have been noise before it.
    public init(_ file: File, on day: Day) {
        let exposures = file.all(Exposed.kind)
        func stretch(_ isNoise: (Record) -> Bool) -> Span? {
            Span.union(exposures.filter(isNoise).map { $0.span(Exposed.from, Exposed.until) }).last { $0.from <= day }
        }
        let known = stretch { $0[Exposed.factors]?.contains(noiseFactor) ?? false }
        let possible = stretch { $0[Exposed.factors].map { $0.isEmpty || $0.contains(noiseFactor) } ?? true }
        let isCertain = known == possible && known.map { $0.from > .distantPast } ?? false
        self.init(
            file.root, noiseSince: isCertain ? known?.from : nil,
            noiseUntil: isCertain ? known.flatMap { $0.until < .distantFuture ? $0.until : nil } : nil)
    }
}

/// Noise 噪声 in the catalogue of hazard factors.
private let noiseFactor = "C001"
