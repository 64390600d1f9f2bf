import Foundation
import Kernel

/// What a number of results is worth, and how many more would decide, in plain words.
public struct SampleAdvice: Hashable, Sendable {
    public enum Worth: String, Hashable, Sendable {
        /// Fewer than three: no estimate.
        case nothing
        /// Three to five: the preliminary test, which only very low results pass.
        case preliminary
        /// Six or more: estimates and the statistical test.
        case statistical
    }
    public enum Further: Hashable, Sendable {
        /// The tests have decided already.
        case decided
        /// So many more, if the present estimates hold.
        case more(Int)
        /// The estimated 95th percentile lies at the limit or above: measuring more will not make it comply.
        case pointless
        /// More than `SampleAdvice.most` results in all.
        case impractical
        /// No estimate to go by yet; so many more before there is one.
        case unknown(Int)
    }
    public let count: Int
    public let worth: Worth
    public let further: Further
    /// The most results in all that anybody is advised to take.
    public static let most = 1000

    public static func worth(_ count: Int) -> Worth {
        count < ExposureGroup.fewest ? .nothing : count < Compliance.statisticalCount ? .preliminary : .statistical
    }

    public var working: [Bilingual] {
        let first =
            switch worth {
            case .nothing:
                Bilingual("\(count)个结果什么也说明不了：至少要3个。", "\(count) results say nothing: it takes three at the least.")
            case .preliminary:
                Bilingual(
                    "\(count)个结果只够作初步检验：只有都很低时才能判为符合。",
                    "\(count) results are enough for the preliminary test only: it passes none but very low ones.")
            case .statistical:
                Bilingual("\(count)个结果可以作统计检验。", "\(count) results are enough for the statistical test.")
            }
        let second =
            switch further {
            case .decided: Bilingual("已可判定，不必为此再测。", "The tests have decided; no more are needed for that.")
            case .more(let more):
                Bilingual(
                    "若目前的估计不变，再测\(more)个（共\(count + more)个）即可判为符合。",
                    "If the present estimates hold, \(more) more (\(count + more) in all) will show that it complies.")
            case .pointless:
                Bilingual(
                    "估计的第95百分位数已达到或超过限值：多测无益，应先降低接触。",
                    "The estimated 95th percentile is at the limit or above: measuring more will not help, lowering the exposure will.")
            case .impractical:
                Bilingual(
                    "估计的第95百分位数与限值太近：测\(Self.most)个也难判定，应先降低接触。",
                    "The estimated 95th percentile is so near the limit that \(Self.most) results would not decide; lower the exposure first."
                )
            case .unknown(let more):
                Bilingual(
                    "现有结果还不能估计分布，至少再测\(more)个再看。", "There is no estimate to go by yet: take \(more) more at the least, then look again.")
            }
        return [first, second]
    }
}

extension ExposureGroup {
    /// What the group is worth against a limit, by the tests of EN 689 (70 % confidence), and how many more results would decide.
    /// - Throws: `exposure.limit`.
    public func advice(limit: Double) throws(Refusal) -> SampleAdvice {
        let compliance = try compliance(with: limit)
        return SampleAdvice(count: count, worth: SampleAdvice.worth(count), further: further(compliance))
    }

    private func further(_ compliance: Compliance) -> SampleAdvice.Further {
        if compliance.outcome == .complies || results.contains(where: { ($0.quantified ?? 0) > compliance.limit }) { return .decided }
        let wanted = Compliance.statisticalCount
        guard let fit = compliance.upper?.fit else { return .unknown(max(1, wanted - count)) }
        let reach = (log(compliance.limit) - fit.mu) / fit.sigma
        if reach <= Normal.quantile(0.95) { return .pointless }
        func isEnough(_ count: Int) -> Bool { ToleranceFactor.exact(count: count, confidence: 0.70) <= reach }
        // The factor falls with the number of results, so the smallest number that is enough is found by halves.
        var (low, high) = (max(wanted, count + 1), SampleAdvice.most)
        guard low <= high, isEnough(high) else { return .impractical }
        while low < high {
            let middle = (low + high) / 2
            if isEnough(middle) { high = middle } else { low = middle + 1 }
        }
        return .more(low - count)
    }
}
