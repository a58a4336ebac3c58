"""How far a share or a mean over some questions can be trusted: intervals that hold the true one in 95 of 100 cases."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

RESAMPLES = 1_000


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95% interval of a share, between 0 and 1; right for small numbers too.

    E. B. Wilson, 'Probable inference, the law of succession, and statistical inference', JASA 22 (1927).
    """
    z = 1.959964
    share = hits / total
    middle = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def bootstrap(values: Values, seed: int = 0) -> tuple[Values, Values]:
    """Lower and upper ends of the 95% bootstrap intervals of some means, by the percentile method.

    Questions are drawn with replacement, as many as there are, 1,000 times. All columns share the draws, so the
    interval of a column of differences is that of a paired comparison. B. Efron and R. J. Tibshirani, 'An Introduction
    to the Bootstrap' (1993), chapter 13; paired for search by M. D. Smucker, J. Allan and B. Carterette, 'A comparison
    of statistical significance tests for information retrieval evaluation', CIKM 2007.

    Args:
        values: (questions, columns); at least one question.
        seed: The same draws for the same seed.

    Returns:
        Two arrays of (columns,).
    """
    generator = np.random.default_rng(seed)
    count = len(values)
    means = np.array([values[generator.integers(count, size=count)].mean(axis=0) for _ in range(RESAMPLES)])
    low, high = np.percentile(means, (2.5, 97.5), axis=0)
    return low, high
