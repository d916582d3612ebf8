"""The scoring kernel: pure, typed Python that mypyc compiles unchanged.

Statistic: the modified z-score of Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (ASQC Basic References in
Quality Control, vol. 16, 1993): M = 0.6745 * (x - median) / MAD, an outlier where |M| > 3.5. MAD is the median of the
absolute deviations from the median; 0.6745 makes M comparable to an ordinary z-score for normally distributed values.
Why this one: order amounts are skewed and have outliers. Mean and standard deviation are pulled along by exactly those
orders that are to be found; up to half of the history has to be odd before median and MAD give way.

MAD is 0 when more than half of the amounts are equal (a subscription and a few extras). Then the scale is the mean
absolute deviation from the median, M = (x - median) / (1.253314 * MeanAD), as IBM Cognos Analytics documents it under
"Modified z score". When that is 0 too, all amounts are equal: any other amount is unusual, and no finite number says how
much.
"""

from typing import Final, Literal, NamedTuple

METHOD: Final = "modified-z-score"
THRESHOLD: Final = 3.5
# With fewer orders the MAD rests on one or two of them and says more about chance than about the customer.
MINIMUM_HISTORY: Final = 5

Assessment = Literal["typical", "unusual", "insufficient-history"]


class Score(NamedTuple):
    """Amounts in minor units; `anomaly` in standard deviations, signed."""

    assessment: Assessment
    expected: int | None
    deviation: int | None
    anomaly: float | None


def score(amount: int, history: list[int]) -> Score:
    """Scores an amount against the amounts of earlier orders, in any order. Never raises for integers."""
    if len(history) < MINIMUM_HISTORY:
        return Score("insufficient-history", None, None, None)
    # Twice the median is a whole number, so no amount is rounded however large it is.
    twice_median = _twice_median(sorted(history))
    expected = twice_median // 2
    deviation = amount - expected
    scale = _scale(sorted([abs(2 * value - twice_median) for value in history]))
    twice_distance = 2 * amount - twice_median
    if scale > 0.0:
        anomaly = float(twice_distance) / 2.0 / scale
        return Score("unusual" if abs(anomaly) > THRESHOLD else "typical", expected, deviation, anomaly)
    if twice_distance == 0:
        return Score("typical", expected, deviation, 0.0)
    return Score("unusual", expected, deviation, None)


def _scale(twice_deviations: list[int]) -> float:
    """The robust stand-in for the standard deviation, from twice the sorted absolute deviations from the median."""
    mad = float(_twice_median(twice_deviations)) / 4.0
    if mad > 0.0:
        return mad / 0.6745
    mean_deviation = float(sum(twice_deviations)) / 2.0 / float(len(twice_deviations))
    return 1.253314 * mean_deviation


def _twice_median(ordered: list[int]) -> int:
    return ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]
