"""Fits of censored lognormal groups: the peers of `zhifang bench fits`, SciPy's maximum likelihood in several ways.

Each peer gets the groups as numpy arrays and is timed from there to its fits, one process, one thread, in seconds of the
processor (a busy machine would else count against whoever runs longer). See fits.md beside this file.
"""
import math
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
from scipy import optimize, special, stats

HALF_LOG_TWO_PI = math.log(2 * math.pi) / 2


def groups(count, size, censored, seed=2026):
    """Values and flags by group. A group's limit of quantification is drawn about the wanted share; every second group has two limits."""
    random = np.random.default_rng(seed)
    made = []
    while len(made) < count:
        mu, sigma = random.uniform(-4, 2), random.uniform(0.3, 1.2)
        first = mu + sigma * stats.norm.ppf(censored)
        levels = np.exp([first, first]) if len(made) % 2 else np.exp([first - 0.4 * sigma, first + 0.4 * sigma])
        values, level = np.exp(random.normal(mu, sigma, size)), random.choice(levels, size)
        below = values < level
        if below.any() and (~below).sum() >= 2:
            # As a laboratory prints them, so that both programs read the same figures.
            made.append((np.array([float(f"{x:.6g}") for x in np.where(below, level, values)]), below))
    return made


def loss(p, y, c):
    """Minus ln L and its gradient at (mu, ln sigma)."""
    sigma = math.exp(p[1])
    r, z = (y - p[0]) / sigma, (c - p[0]) / sigma
    log_share = special.log_ndtr(z)
    hazard = np.exp(-z * z / 2 - HALF_LOG_TWO_PI - log_share)
    square = r @ r
    value = square / 2 + len(y) * (p[1] + HALF_LOG_TWO_PI) - log_share.sum()
    return value, np.array([(hazard.sum() - r.sum()) / sigma, len(y) - square + hazard @ z])


def curvature(p, y, c):
    sigma = math.exp(p[1])
    r, z = (y - p[0]) / sigma, (c - p[0]) / sigma
    hazard = np.exp(-z * z / 2 - HALF_LOG_TWO_PI - special.log_ndtr(z))
    slope = hazard * (z + hazard)
    a = (len(y) + slope.sum()) / sigma ** 2
    b = (2 * r.sum() - hazard.sum() + slope @ z) / sigma
    return np.array([[a, b], [b, 2 * r @ r + (slope * z * z).sum() - hazard @ z]])


def minimized(method, with_hessian=False, **options):
    def fit(all_groups):
        answers = []
        for values, below in all_groups:
            logs = np.log(values)
            y, c = logs[~below], logs[below]
            start = np.array([logs.mean(), math.log(logs.std())])
            hessian = {"hess": curvature} if with_hessian else {}
            best = optimize.minimize(loss, start, args=(y, c), jac=True, method=method, options=options, **hessian)
            answers.append((best.x[0], math.exp(best.x[1])))
        return np.array(answers)
    return fit


def solved(all_groups):
    """The likelihood equations by MINPACK's hybrd, with their Jacobian: less is checked than by a minimizer."""
    answers = []
    for values, below in all_groups:
        logs = np.log(values)
        y, c = logs[~below], logs[below]
        start = np.array([logs.mean(), math.log(logs.std())])
        best = optimize.root(lambda p, y, c: loss(p, y, c)[1], start, args=(y, c), jac=curvature, tol=1e-8)
        answers.append((best.x[0], math.exp(best.x[1])))
    return np.array(answers)


def censored_data(all_groups):
    """SciPy's own door to censored samples, as its manual shows it."""
    answers = []
    for values, below in all_groups:
        logs = np.log(values)
        answers.append(stats.norm.fit(stats.CensoredData(uncensored=logs[~below], left=logs[below])))
    return np.array(answers)


def vectorised(all_groups):
    """Not SciPy's optimizer at all: damped Newton's steps in (mu/sigma, 1/sigma) on all groups at once, groups padded to a rectangle. What
    somebody who knows our way could write in numpy; needs groups of like size."""
    width = max(len(values) for values, _ in all_groups)
    logs, kind = np.zeros((len(all_groups), width)), np.zeros((len(all_groups), width))
    for i, (values, below) in enumerate(all_groups):
        logs[i, :len(values)] = np.log(values)
        kind[i, :len(values)] = np.where(below, 2, 1)
    quantified, censored = kind == 1, kind == 2
    n = (kind > 0).sum(axis=1)
    shift = logs.sum(axis=1) / n
    x = np.where(kind > 0, logs - shift[:, None], 0)
    y, c = np.where(quantified, x, 0), np.where(censored, x, 0)
    m = quantified.sum(axis=1)
    theta, h = 1 / np.sqrt((x * x).sum(axis=1) / n), np.zeros(len(all_groups))

    def terms(h, theta):
        z = theta[:, None] * c - h[:, None]
        log_share = np.where(censored, special.log_ndtr(z), 0)
        hazard = np.where(censored, np.exp(-z * z / 2 - HALF_LOG_TWO_PI - log_share), 0)
        r = np.where(quantified, theta[:, None] * y - h[:, None], 0)
        return z, hazard, r, m * np.log(theta) - (r * r).sum(axis=1) / 2 + log_share.sum(axis=1)

    at = terms(h, theta)
    for _ in range(100):
        z, hazard, r, value = at
        slope = hazard * (z + hazard)
        gh, gt = r.sum(axis=1) - hazard.sum(axis=1), m / theta - (r * y).sum(axis=1) + (hazard * c).sum(axis=1)
        hh, ht = m + slope.sum(axis=1), -(y.sum(axis=1) + (slope * c).sum(axis=1))
        tt = m / theta ** 2 + (y * y).sum(axis=1) + (slope * c * c).sum(axis=1)
        determinant = hh * tt - ht * ht
        dh, dt = (tt * gh - ht * gt) / determinant, (hh * gt - ht * gh) / determinant
        rate = np.ones(len(all_groups))
        for _ in range(40):
            tried = theta + rate * dt
            at = terms(h + rate * dh, np.where(tried > 0, tried, theta))
            worse = (tried <= 0) | (at[3] < value - 1e-11 * (1 + abs(value)))
            if not worse.any():
                break
            rate = np.where(worse, rate / 2, rate)
        h, theta = h + rate * dh, theta + rate * dt
        if (abs(dt) <= 1e-8 * theta).all() and (abs(dh) <= 1e-8 * (1 + abs(h))).all():
            break
    return np.stack([shift + h / theta, 1 / theta], axis=1)


# name, fit, how near its answers must come, whether it is one of SciPy's ways of maximum likelihood
PEERS = [
    ("SciPy minimize, L-BFGS-B with gradient", minimized("L-BFGS-B", ftol=1e-13, gtol=1e-7), 1e-5, True),
    ("SciPy minimize, L-BFGS-B with gradient, default tolerances", minimized("L-BFGS-B"), 2e-3, True),
    ("SciPy root of the gradient, hybr with Hessian", solved, 1e-5, True),
    ("SciPy minimize, BFGS with gradient", minimized("BFGS", gtol=1e-6), 1e-5, True),
    ("SciPy minimize, trust-exact with gradient and Hessian", minimized("trust-exact", with_hessian=True, gtol=1e-6), 1e-5, True),
    ("SciPy stats.norm.fit of CensoredData", censored_data, 2e-3, True),
    ("numpy, all groups at once, our method (no SciPy optimizer)", vectorised, 1e-10, False),
]

