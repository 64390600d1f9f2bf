import Foundation

/// The likelihood of normal logarithms of which some are only known to lie below a level 左删失.
///
/// In h = μ/σ and θ = 1/σ (Olsen 1978) its logarithm is concave: whatever Newton's damped steps start from, they end at the one
/// maximum. The quantified values enter by number, mean and squares alone, so that a step costs one Φ per distinct level.
struct CensoredLikelihood: Hashable, Sendable {
    struct Level: Hashable, Sendable {
        let log: Double
        var count: Double
    }
    /// Of the quantified logarithms: how many, their mean, the sum of squares about it.
    private(set) var count = 0.0
    private(set) var mean = 0.0
    private(set) var squares = 0.0
    /// The levels of the others, ascending and distinct.
    private(set) var levels: [Level] = []

    init(_ results: [ExposureResult]) {
        for result in results {
            switch result {
            case .quantified(let value):
                // Welford's update keeps the squares exact where the values are nearly equal.
                let logarithm = log(value)
                let off = logarithm - mean
                count += 1
                mean += off / count
                squares += off * (logarithm - mean)
            case .below(let level): add(level: log(level))
            }
        }
    }

    /// Keeps the levels in order. Laboratories report a handful of limits, so that hardly anything moves.
    private mutating func add(level: Double) {
        var (low, high) = (0, levels.count)
        while low < high {
            let middle = (low + high) / 2
            if levels[middle].log < level { low = middle + 1 } else { high = middle }
        }
        if low < levels.count, levels[low].log == level {
            levels[low].count += 1
        } else {
            levels.insert(Level(log: level, count: 1), at: low)
        }
    }

    /// All results, quantified or not.
    var total: Double { levels.reduce(count) { $0 + $1.count } }

    struct Maximum: Hashable, Sendable {
        let mu, sigma, logLikelihood: Double
        let steps: Int
    }

    /// ln L at mean and standard deviation of the logarithms.
    func value(mu: Double, sigma: Double) -> Double {
        let off = mean - mu
        let quantified = -count * (log(sigma) + Normal.logRootTwoPi) - (squares + count * off * off) / (2 * sigma * sigma)
        return levels.reduce(quantified) { $0 + $1.count * Normal.tail(($1.log - mu) / sigma).logCumulative }
    }

    /// Where the likelihood is greatest.
    /// - Precondition: `squares` is above zero, or a quantified value lies above a level: else it has no greatest.
    func maximum() -> Maximum {
        if levels.isEmpty {
            let sigma = (squares / count).squareRoot()
            return Maximum(mu: mean, sigma: sigma, logLikelihood: value(mu: mean, sigma: sigma), steps: 0)
        }
        // A start of the right size: every censored value at half its level.
        let all = total
        let half = 0.69
        let shift = levels.reduce(count * mean) { $0 + $1.count * ($1.log - half) } / all
        let around = levels.reduce(squares + count * (mean - shift) * (mean - shift)) {
            $0 + $1.count * ($1.log - half - shift) * ($1.log - half - shift)
        }
        var (h, theta) = (0.0, (all / around).squareRoot())
        var at = slope(h, theta, shift: shift)
        var steps = 0
        while steps < 200 {
            steps += 1
            let determinant = at.hh * at.tt - at.ht * at.ht
            var dh = (at.tt * at.h - at.ht * at.t) / determinant
            var dt = (at.hh * at.t - at.ht * at.h) / determinant
            let isLast = abs(dh) <= 1e-8 * (1 + abs(h)) && abs(dt) <= 1e-8 * theta
            var next = slope(h + dh, theta + dt, shift: shift)
            // Half the step until it is a gain; a theta below zero gives not a number, which is none.
            let leastGain = at.value - 1e-11 * (1 + abs(at.value))
            while !(next.value >= leastGain), abs(dt) > 1e-17 * theta || abs(dh) > 1e-17 {
                (dh, dt) = (dh / 2, dt / 2)
                next = slope(h + dh, theta + dt, shift: shift)
            }
            (h, theta, at) = (h + dh, theta + dt, next)
            // Newton's steps square the error: after one of 1e-8 nothing is left of it.
            if isLast { break }
        }
        return Maximum(mu: shift + h / theta, sigma: 1 / theta, logLikelihood: at.value - count * Normal.logRootTwoPi, steps: steps)
    }

    /// Value, gradient and negative Hessian in h and θ, of logarithms counted from `shift`.
    private func slope(
        _ h: Double, _ theta: Double, shift: Double
    ) -> (value: Double, h: Double, t: Double, hh: Double, ht: Double, tt: Double) {
        let off = mean - shift
        let residual = theta * off - h
        var value = count * log(theta) - (theta * theta * squares + count * residual * residual) / 2
        var gradientH = count * residual
        var gradientT = count / theta - theta * squares - count * off * residual
        var hh = count
        var ht = -count * off
        var tt = count / (theta * theta) + squares + count * off * off
        for level in levels {
            let c = level.log - shift
            let z = theta * c - h
            let (logCumulative, hazard) = Normal.tail(z)
            let curvature = level.count * hazard * (z + hazard)
            value += level.count * logCumulative
            gradientH -= level.count * hazard
            gradientT += level.count * hazard * c
            hh += curvature
            ht -= curvature * c
            tt += curvature * c * c
        }
        return (value, gradientH, gradientT, hh, ht, tt)
    }

    /// The greatest ln L among the pairs with μ + zσ = `point`.
    func profile(point: Double, z: Double) -> Double {
        // There h = θ·point − z: the constraint is straight, and what is left is concave in θ alone.
        let off = mean - point
        let quantified = squares + count * off * off
        let discriminant = off * z * off * z * count * count + 4 * count * quantified
        var theta = (discriminant.squareRoot() - off * z * count) / (2 * quantified)
        func slope(_ theta: Double) -> (value: Double, first: Double, second: Double) {
            let residual = theta * off + z
            var value = count * log(theta) - (theta * theta * squares + count * residual * residual) / 2
            var first = count / theta - theta * squares - count * off * residual
            var second = count / (theta * theta) + quantified
            for level in levels {
                let c = level.log - point
                let (logCumulative, hazard) = Normal.tail(theta * c + z)
                value += level.count * logCumulative
                first += level.count * hazard * c
                second += level.count * hazard * (theta * c + z + hazard) * c * c
            }
            return (value, first, second)
        }
        var at = slope(theta)
        for _ in 0..<200 {
            var step = at.first / at.second
            let isLast = abs(step) <= 1e-8 * theta
            var next = slope(theta + step)
            let leastGain = at.value - 1e-11 * (1 + abs(at.value))
            while !(next.value >= leastGain), abs(step) > 1e-17 * theta {
                step /= 2
                next = slope(theta + step)
            }
            (theta, at) = (theta + step, next)
            if isLast { break }
        }
        return at.value - count * Normal.logRootTwoPi
    }
}
