import Foundation
import Kernel
import Yams

/// What the standards say of hearing 听力 (`Data/standards/hearing.yaml`): medians of age and sex, the grades of occupational noise
/// deafness, quiet before a test, threshold shifts, and what GBZ 188 reads from an audiogram. The room Surveillance applies them.
public struct HearingTables: Sendable {
    /// Test frequencies in Hz, in the order of every list of six (GBZ 188-2025 B.2.7.9.2 f).
    public static let frequencies = [500, 1000, 2000, 3000, 4000, 6000]

    public enum Sex: String, Sendable, CaseIterable { case male, female }

    /// Medians of the threshold shift of otologically normal persons with age 耳科正常人听阈偏差中值, in dB.
    public struct AgeShift: Sendable {
        public let id: String
        public let provenance: Provenance
        /// Completed years that the edition speaks of.
        public let ages: ClosedRange<Int>
        let form: Form

        enum Form: Sendable {
            case bands([(from: Int, values: [Sex: [Double]])])
            case power([Sex: [(a: Double, b: Double)]])
        }

        /// The medians at the six frequencies; nil at an age that the edition leaves out.
        public func medians(age: Int, sex: Sex) -> [Double]? {
            guard ages.contains(age) else { return nil }
            switch form {
            case .bands(let bands): return bands.last { $0.from <= age }?.values[sex]
            case .power(let terms): return terms[sex]?.map { $0.a * pow(Double(age - 18), $0.b) }
            }
        }
    }

    /// One edition of the diagnosis of occupational noise deafness 职业性噪声聋 (GBZ 49).
    public struct Diagnosis: Sendable {
        public struct Level: Sendable, Hashable {
            /// From how many dB of the better ear's value; nil for what lies below all levels.
            public let from: Double?
            public let rank: Int
            public let label: Bilingual
        }
        public let provenance: Provenance
        /// The correction that the edition asks for.
        public let ageShift: String
        /// The binaural high-frequency average from which the levels apply; nil where the edition sets none.
        public let gate: Double?
        /// What a worker is whose high-frequency average reaches a value without a level of deafness 观察对象.
        public let observation: (from: Double, level: Level)?
        /// Weights of the speech mean and of 4000 Hz in the value of one ear.
        public let speechWeight, highWeight: Double
        public let noiseYears: Double
        /// How many tests, days from one to the next, and dB that they may differ by at a frequency.
        public let tests, daysBetween: Int
        public let spread: Double
        /// Hours away from noise before a test that a diagnosis rests on.
        public let quietHours: Double
        /// Rising; the first lies below all others.
        public let levels: [Level]
    }

    /// Hours away from noise before a test 脱离噪声环境时间.
    public struct Quiet: Sendable {
        public let provenance: Provenance
        public let first, recheck: Double
    }

    /// A criterion of a shift against the baseline.
    public struct Shift: Sendable {
        public let id: String
        public let name: Bilingual
        public let provenance: Provenance
        public let frequencies: [Int]
        /// Whether the mean over the frequencies is judged, or each of them.
        public let isMean: Bool
        public let limit: Double
    }

    /// What an audiogram says by one clause of GBZ 188.
    public struct Rule: Sendable {
        public enum Purpose: String, Sendable { case contraindication, recheck, suspected }
        public enum Correction: String, Sendable { case always, never, unstated }
        public enum Measure: String, Sendable {
            case worstSpeech = "worst_speech"
            case meanSpeech = "mean_speech"
            case worstHigh = "worst_high"
            case meanHigh = "mean_high"
            case bothSpeech = "both_speech"
            case weighted
        }
        public struct Condition: Sendable {
            public let measure: Measure
            public let limit: Double
            /// Whether the limit itself is enough.
            public let includesLimit: Bool
            public func holds(_ value: Double) -> Bool { includesLimit ? value >= limit : value > limit }
        }
        public struct Edition: Sendable {
            public let provenance: Provenance
            public let correction: Correction
        }
        public let code: String
        public let name: Bilingual
        public let purpose: Purpose
        /// `noise`, `pressure_vessel`, `driving`.
        public let work: String
        /// Codes of `exam_stage`.
        public let stages: [String]
        /// The kind of loss that an ear must have; a code of `hearing_loss`.
        public let loss: String?
        /// Whether the loss must have another cause than noise.
        public let needsOtherCause: Bool
        /// Whether only a second test counts.
        public let needsRecheck: Bool
        /// The most that the audiogram before employment may show, and the years of noise within which the rule speaks.
        public let entry: (most: Double, years: Double)?
        /// Conditions on one and the same ear, and on both ears together.
        public let ear, both: [Condition]
        public let editions: [Edition]
    }

    public let ageShifts: [AgeShift]
    public let diagnoses: [Diagnosis]
    public let quiets: [Quiet]
    public let shifts: [Shift]
    public let rules: [Rule]

    public func ageShift(_ id: String) -> AgeShift? { ageShifts.first { $0.id == id } }
    public func shift(_ id: String) -> Shift? { shifts.first { $0.id == id } }
    /// The edition that a diagnosis of a day is made by; nil where none in force on it is to hand.
    public func diagnosis(on day: Day) -> Diagnosis? { diagnoses.first { $0.provenance.force.contains(day) } }
    public func quiet(on day: Day) -> Quiet? { quiets.first { $0.provenance.force.contains(day) } }

    /// - Parameter standards: the folder `Data/standards`.
    /// - Throws: `Refusal` naming file, line and field of the first flaw.
    public init(standards: URL) throws {
        let file = try HealthFile(standards.appendingPathComponent("hearing.yaml"))
        ageShifts = try file.entries("age_shifts").map { try HearingTables.ageShift($0, file) }
        let known = Set(ageShifts.map(\.id))
        diagnoses = try file.entries("diagnoses").map { try HearingTables.diagnosis($0, file, known) }
        quiets = try file.entries("quiet").map {
            Quiet(provenance: try file.provenance($0), first: try file.needed($0, "first"), recheck: try file.needed($0, "recheck"))
        }
        shifts = try file.entries("shifts").map { node in
            let frequencies = try file.numbers(node, "at").map { Int($0) }
            guard Set(frequencies).isSubset(of: Set(HearingTables.frequencies)) else { throw file.refusal("catalog.choice", node, "at") }
            return Shift(
                id: try file.text(node, "id"), name: try file.words(node), provenance: try file.provenance(node), frequencies: frequencies,
                isMean: try file.text(node, "mean") == "true", limit: try file.needed(node, "limit"))
        }
        rules = try file.entries("rules").map { try HearingTables.rule($0, file) }
    }

    private static func ageShift(_ node: Node, _ file: HealthFile) throws -> AgeShift {
        let ages = try file.numbers(node, "ages", count: 2)
        guard ages[0] <= ages[1] else { throw file.refusal("catalog.span", node, "ages") }
        let form: AgeShift.Form
        switch try file.text(node, "form") {
        case "bands":
            let bands = try file.list(node, "bands").map { band in
                var values: [Sex: [Double]] = [:]
                for sex in Sex.allCases { values[sex] = try file.numbers(band, sex.rawValue, count: frequencies.count) }
                return (from: try file.whole(band, "from"), values: values)
            }
            guard bands.first?.from == Int(ages[0]), bands.map(\.from) == bands.map(\.from).sorted() else {
                throw file.refusal("catalog.span", node, "bands")
            }
            form = .bands(bands)
        case "power":
            var terms: [Sex: [(a: Double, b: Double)]] = [:]
            for sex in Sex.allCases {
                guard let part = node[sex.rawValue] else { throw file.refusal("catalog.empty", node, sex.rawValue) }
                let a = try file.numbers(part, "a", count: frequencies.count)
                let b = try file.numbers(part, "b", count: frequencies.count)
                terms[sex] = zip(a, b).map { (a: $0, b: $1) }
            }
            form = .power(terms)
        default: throw file.refusal("catalog.choice", node, "form")
        }
        return AgeShift(
            id: try file.text(node, "id"), provenance: try file.provenance(node), ages: Int(ages[0])...Int(ages[1]), form: form)
    }

    private static func level(_ node: Node, _ file: HealthFile) throws -> Diagnosis.Level {
        Diagnosis.Level(from: try file.number(node, "at"), rank: try file.whole(node, "rank"), label: try file.words(node))
    }

    private static func diagnosis(_ node: Node, _ file: HealthFile, _ known: Set<String>) throws -> Diagnosis {
        let ageShift = try file.text(node, "age_shift")
        guard known.contains(ageShift) else { throw file.refusal("catalog.choice", node, "age_shift") }
        let weights = try file.numbers(node, "weights", count: 2)
        let levels = try file.list(node, "levels").map { try level($0, file) }
        let bounds = levels.dropFirst().compactMap(\.from)
        guard levels.first?.from == nil, bounds.count == levels.count - 1, bounds == bounds.sorted() else {
            throw file.refusal("catalog.span", node, "levels")
        }
        var observation: (from: Double, level: Diagnosis.Level)?
        if let from = try file.number(node, "observed") {
            guard let part = node["observation"] else { throw file.refusal("catalog.empty", node, "observation") }
            observation = (from, try level(part, file))
        }
        return Diagnosis(
            provenance: try file.provenance(node), ageShift: ageShift, gate: try file.number(node, "gate"), observation: observation,
            speechWeight: weights[0], highWeight: weights[1], noiseYears: try file.needed(node, "noise_years"),
            tests: try file.whole(node, "tests"), daysBetween: try file.whole(node, "days_between"),
            spread: try file.needed(node, "spread"),
            quietHours: try file.needed(node, "quiet_hours"), levels: levels)
    }

    private static func rule(_ node: Node, _ file: HealthFile) throws -> Rule {
        func conditions(_ key: String) throws -> [Rule.Condition] {
            try file.list(node, key).map { part in
                let measure = try file.choice(part, "measure", Rule.Measure.self)
                if let limit = try file.number(part, "over") { return Rule.Condition(measure: measure, limit: limit, includesLimit: false) }
                return Rule.Condition(measure: measure, limit: try file.needed(part, "from"), includesLimit: true)
            }
        }
        let stages = file.list(node, "stages").compactMap(\.text)
        guard !stages.isEmpty else { throw file.refusal("catalog.empty", node, "stages") }
        var entry: (most: Double, years: Double)?
        if let part = node["entry"] { entry = (try file.needed(part, "most"), try file.needed(part, "years")) }
        let editions = try file.list(node, "editions").map { part in
            Rule.Edition(provenance: try file.provenance(part), correction: try file.choice(part, "correction", Rule.Correction.self))
        }
        let ear = try conditions("ear")
        let both = try conditions("both")
        guard !ear.isEmpty || !both.isEmpty else { throw file.refusal("catalog.empty", node, "ear") }
        return Rule(
            code: try file.text(node, "code"), name: try file.words(node), purpose: try file.choice(node, "purpose", Rule.Purpose.self),
            work: try file.text(node, "work"), stages: stages, loss: node["loss"]?.text, needsOtherCause: node["cause"]?.text == "other",
            needsRecheck: node["recheck"]?.text == "true", entry: entry, ear: ear, both: both, editions: editions)
    }
}
