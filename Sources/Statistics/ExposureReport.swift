import Kernel

/// All that this room says of a group and a limit, each part answered or refused by itself.
public struct ExposureReport: Sendable {
    public let group: ExposureGroup
    public let limit: Double
    public let fit: Result<LognormalFit, Refusal>
    public let lognormality: Result<Lognormality, Refusal>
    /// UTL95,95.
    public let percentile: Result<PercentileLimit, Refusal>
    public let exceedance: Result<Exceedance, Refusal>
    public let compliance: Compliance
    public let bands: BandProbabilities
    public let advice: SampleAdvice
}

extension ExposureGroup {
    /// - Throws: `exposure.limit`, `number.range` for a confidence outside 0.5–0.9999, `exposure.prior`.
    public func report(
        limit: Double, confidence: Double = 0.95, prior: ExposurePrior = .usual
    ) throws(Refusal) -> ExposureReport {
        try require(confidence, within: Self.confidences, field: "confidence")
        return ExposureReport(
            group: self, limit: limit, fit: Result { () throws(Refusal) in try fit() },
            lognormality: Result { () throws(Refusal) in try lognormality() },
            percentile: Result { () throws(Refusal) in try percentile(confidence: confidence) },
            exceedance: Result { () throws(Refusal) in try exceedance(of: limit, confidence: confidence) },
            compliance: try compliance(with: limit), bands: try bands(limit: limit, prior: prior), advice: try advice(limit: limit))
    }
}
