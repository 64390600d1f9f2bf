import Catalog
import Foundation
import Kernel
import TestKit

@testable import Hygiene

/// The tables of the repository, as printed in the standards.
enum Printed {
    static let standards = Repository.standards
    static let limits: ExposureLimits = {
        do { return try ExposureLimits(standards: standards) } catch { fatalError("\(error)") }
    }()
    static let today = Day(2026, 3, 1)!

    static func limit(_ key: String, on day: Day = today) -> ExposureLimit { limits.limit(key, on: day)! }
    static let ethylAcetate = limit("333")
}

/// Made-up limits, where a test is about a rule and not about a substance.
func limit(
    _ key: String = "x", mac: Double? = nil, twa: Double? = nil, stel: Double? = nil, respirable: Double? = nil, unit: String = "mg/m3"
) -> ExposureLimit {
    ExposureLimit(
        key: key, family: .chemical, name: Bilingual("物质\(key)", "substance \(key)"), mac: mac, twa: twa, stel: stel,
        respirable: respirable, unit: unit,
        provenance: Provenance(edition: "test", clause: key, source: "test", confidence: .verified))
}

/// Judges samples by the core alone.
func core(_ samples: [Sample], _ limit: ShiftLimit, _ flags: GroupFlags = []) -> ShiftResult {
    var batch = ShiftBatch()
    for sample in samples { batch.append(sample) }
    batch.close(limit: 0, flags)
    return batch.judge([limit])[0]
}

func short(_ concentration: Double, minutes: Double = 15, at start: Double? = nil) -> Sample {
    Sample(.shortTerm, start: start, minutes: minutes, .value(concentration))
}

func segment(_ concentration: Double, minutes: Double, at start: Double? = nil) -> Sample {
    Sample(.segment, start: start, minutes: minutes, .value(concentration))
}

extension Refusals {
    var codes: [String] { all.map(\.code) }
}

/// The codes with which a piece of work is refused; empty where it is not.
func refused(_ work: () throws -> Void) -> [String] {
    do {
        try work()
        return []
    } catch let refusals as Refusals {
        return refusals.codes
    } catch let refusal as Refusal {
        return [refusal.code]
    } catch {
        return ["\(error)"]
    }
}
