"""The figures of Sources/Statistics worked out again with SciPy, from docs/statistics.md and not from the Swift.

    python Tests/statistics/oracle.py GROUPS.json ANSWERS.json

GROUPS: a list of {"values": [..], "below": [bool ..], "limit": x}; ANSWERS: as many objects of figures. With --points the first file is a
list of [function, arguments ..] of distributions, and the second a list of numbers.
"""
import json
import math
import os
import sys

# The arrays are small: more threads would only wait for each other.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
from scipy import integrate, optimize, special, stats

Z95 = stats.norm.ppf(0.95)
NODES, WEIGHTS = np.polynomial.legendre.leggauss(10)
HALF_LOG_TWO_PI = math.log(2 * math.pi) / 2


def log_likelihood(mu, sigma, y, c):
    """Of quantified logarithms y and of levels c that the others lie below."""
    r = (y - mu) / sigma
    quantified = -(r @ r) / 2 - len(y) * (math.log(sigma) + HALF_LOG_TWO_PI)
    return quantified + special.log_ndtr((c - mu) / sigma).sum()


def maximum(y, c):
    """Mean and standard deviation of the logarithms: where the gradient in (mu, ln sigma) is zero, from a search without derivatives."""
    if len(c) == 0:
        return y.mean(), y.std()
    every = np.concatenate([y, c - 0.5])
    start = [every.mean(), math.log(every.std())]
    best = optimize.minimize(
        lambda p: -log_likelihood(p[0], math.exp(p[1]), y, c), start, method="Nelder-Mead",
        options={"xatol": 1e-5, "fatol": 1e-9, "maxiter": 4000, "maxfev": 8000})

    def gradient(p):
        mu, sigma = p[0], math.exp(p[1])
        r, z = (y - mu) / sigma, (c - mu) / sigma
        hazard = np.exp(-z * z / 2 - HALF_LOG_TWO_PI - special.log_ndtr(z))
        return [(r.sum() - hazard.sum()), (r * r - 1).sum() - (hazard * z).sum()]

    answer = optimize.root(gradient, best.x, tol=1e-13)
    assert max(abs(np.array(gradient(answer.x)))) < 1e-8, answer
    assert np.allclose(answer.x, best.x, atol=2e-3), (answer.x, best.x)
    return answer.x[0], math.exp(answer.x[1])


def profile(point, z, y, c, sigma):
    """The greatest log-likelihood with mu = point - z sigma."""
    def loss(log_sigma):
        s = math.exp(log_sigma)
        return -log_likelihood(point - z * s, s, y, c)
    best = optimize.minimize_scalar(loss, bracket=(math.log(sigma) - 0.1, math.log(sigma) + 0.1), tol=1e-12)
    return -best.fun


def signed_root(point, z, y, c, fit, top):
    mu, sigma = fit
    loss = max(0.0, 2 * (top - profile(point, z, y, c, sigma)))
    return math.copysign(math.sqrt(loss), point - (mu + z * sigma))


def nct_share(t, freedom, shift):
    """SciPy's own answer, or where it has none (it gives nan for some negative shifts) the integral that it stands for."""
    value = stats.nct.cdf(t, freedom, shift) if shift >= 0 else stats.nct.sf(-t, freedom, -shift)
    return value if math.isfinite(value) else chi_mean(lambda s: stats.norm.cdf(t * s - shift), freedom)


def factor(n, z, confidence):
    return stats.nct.ppf(confidence, n - 1, math.sqrt(n) * z) / math.sqrt(n)


def threshold(n, z, confidence):
    """The signed root at the noncentral-t limit of a quantified sample with mean 0 and standard deviation (n - 1) 1; any such will do."""
    y = stats.norm.ppf((np.arange(n) + 0.5) / n)
    y = (y - y.mean()) / y.std(ddof=1)
    fit = (0.0, y.std())
    return signed_root(factor(n, z, confidence), z, y, np.array([]), fit, log_likelihood(*fit, y, np.array([])))


def upper(z, confidence, y, c, fit, plain=False):
    n = len(y) + len(c)
    top = log_likelihood(*fit, y, c)
    wanted = stats.norm.ppf(confidence) if plain else threshold(n, z, confidence)
    start = fit[0] + z * fit[1]
    end = start + fit[1]
    while signed_root(end, z, y, c, fit, top) < wanted:
        end += end - start
    return optimize.brentq(lambda p: signed_root(p, z, y, c, fit, top) - wanted, start - fit[1], end, xtol=1e-12)


def exceedance_limit(point, confidence, y, c, fit):
    n = len(y) + len(c)
    top = log_likelihood(*fit, y, c)
    score = (point - fit[0]) / fit[1]

    def off(z):
        return signed_root(point, z, y, c, fit, top) - threshold(n, z, confidence)

    width = 0.5
    while off(score - width) < 0 or off(score + width) > 0:
        width *= 2
    return stats.norm.sf(optimize.brentq(off, score - width, score + width, xtol=1e-10))


def panels(a, b, width):
    """Nodes and weights of Gauss and Legendre, ten to a panel no wider than this."""
    count = max(1, math.ceil((b - a) / width))
    edges = np.linspace(a, b, count + 1)
    half = (b - a) / count / 2
    return ((edges[:-1] + half)[:, None] + half * NODES).ravel(), np.tile(half * WEIGHTS, count)


def bands(y, c, limit):
    """Posterior masses: over sigma by panels, over mu closed where nothing is censored, else by panels as well."""
    log_limit = math.log(limit)
    low, high = log_limit + math.log(0.0005), log_limit + math.log(5)
    cuts = [log_limit + math.log(b) for b in (0.01, 0.1, 0.5, 1)]
    first, last = math.log(1.05), math.log(4)
    # Where the edge of a band crosses the edge of the prior a mass has a kink in sigma.
    kinks = [(cut - edge) / Z95 for cut in cuts for edge in (low, high)]
    edges = sorted([first, last] + [k for k in kinks if first < k < last])
    n, mean, squares = len(y), y.mean(), ((y - y.mean()) ** 2).sum()
    levels, counts = np.unique(c, return_counts=True)
    logs = []
    for start, end in zip(edges, edges[1:]):
        for sigma, weight in zip(*panels(start, end, 0.03)):
            points = [low] + [min(max(cut - Z95 * sigma, low), high) for cut in cuts] + [high]
            row = []
            for a, b in zip(points, points[1:]):
                inner = -np.inf
                if b > a and len(c) == 0:
                    scale = sigma / math.sqrt(n)
                    p, q = (a - mean) / scale, (b - mean) / scale
                    # The difference of two shares, from the tail in which both are small.
                    p, q = (-q, -p) if p > 0 else (p, q)
                    lp, lq = special.log_ndtr(p), special.log_ndtr(q)
                    if lq > lp:
                        inner = lq + math.log(-math.expm1(lp - lq)) + math.log(scale) + HALF_LOG_TWO_PI
                        inner -= n * math.log(sigma) + squares / (2 * sigma * sigma)
                elif b > a:
                    mu, weights = panels(a, b, 1.5 * sigma / math.sqrt(n + len(c)))
                    value = -n * math.log(sigma) - (squares + n * (mu - mean) ** 2) / (2 * sigma * sigma)
                    value += counts @ special.log_ndtr((levels[:, None] - mu) / sigma)
                    top = value.max()
                    inner = top + math.log(weights @ np.exp(value - top))
                row.append(inner + math.log(weight))
            logs.append(row)
    logs = np.array(logs)
    masses = np.exp(logs - logs.max()).sum(axis=0)
    return list(masses / masses.sum())


def answer(group):
    values, below, limit = np.array(group["values"]), np.array(group["below"], dtype=bool), group["limit"]
    y, c = np.log(values[~below]), np.log(values[below])
    fit = maximum(y, c)
    point = math.log(limit)
    out = {
        "mu": fit[0], "sigma": fit[1], "log_likelihood": log_likelihood(*fit, y, c),
        "mean": math.exp(fit[0] + fit[1] ** 2 / 2), "plain9595": math.exp(upper(Z95, 0.95, y, c, fit, plain=True)),
    }
    n = len(values)
    if below.any():
        out["p95"] = math.exp(fit[0] + Z95 * fit[1])
        out["exceedance"] = stats.norm.sf((point - fit[0]) / fit[1])
        out["utl9595"] = math.exp(upper(Z95, 0.95, y, c, fit))
        out["utl9570"] = math.exp(upper(Z95, 0.70, y, c, fit))
        out["exceedance_upper"] = exceedance_limit(point, 0.95, y, c, fit)
        out["exceedance_lower"] = exceedance_limit(point, 0.05, y, c, fit)
    else:
        mean, s = y.mean(), y.std(ddof=1)
        out["moment_mu"], out["moment_sigma"] = mean, s
        out["p95"] = math.exp(mean + Z95 * s)
        out["exceedance"] = stats.norm.sf((point - mean) / s)
        out["utl9595"] = math.exp(mean + factor(n, Z95, 0.95) * s)
        out["utl9570"] = math.exp(mean + factor(n, Z95, 0.70) * s)
        t, root = (point - mean) / s * math.sqrt(n), math.sqrt(n)
        for name, confidence in (("exceedance_upper", 0.95), ("exceedance_lower", 0.05)):
            shift = optimize.brentq(lambda d: nct_share(t, n - 1, d) - confidence, t - 6 - abs(t), t + 6 + abs(t), xtol=1e-12)
            out[name] = stats.norm.sf(shift / root)
        out["w"], out["p"] = map(float, stats.shapiro(y))
    out["bands"] = bands(y, c, limit)
    return out


def chi_mean(function, freedom):
    """The mean of a function of sqrt(chi2/freedom)."""
    low, high = math.sqrt(stats.chi2.ppf(1e-18, freedom) / freedom), math.sqrt(stats.chi2.isf(1e-18, freedom) / freedom)
    points = np.linspace(low, high, 9)[1:-1]
    value, _ = integrate.quad(
        lambda s: function(s) * stats.chi2.pdf(freedom * s * s, freedom) * 2 * freedom * s, low, high, points=points, epsabs=1e-14, epsrel=1e-13,
        limit=400)
    return value


def point(case):
    name, *a = case
    return {
        "normal": lambda: stats.norm.cdf(a[0]), "normal_quantile": lambda: stats.norm.ppf(a[0]),
        "t": lambda: stats.t.cdf(a[0], a[1]), "t_upper": lambda: stats.t.sf(a[0], a[1]), "t_quantile": lambda: stats.t.ppf(a[0], a[1]),
        "nct": lambda: stats.nct.cdf(a[0], a[1], a[2]), "nct_upper": lambda: stats.nct.sf(a[0], a[1], a[2]),
        "nct_quantile": lambda: stats.nct.ppf(a[0], a[1], a[2]),
        "nct_quad": lambda: chi_mean(lambda s: stats.norm.cdf(a[0] * s - a[2]), a[1]),
    }[name]()


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    with open(arguments[0], encoding="utf-8") as file:
        cases = json.load(file)
    work = point if "--points" in sys.argv else answer
    with open(arguments[1], "w", encoding="utf-8") as file:
        json.dump([work(case) for case in cases], file, default=float)
