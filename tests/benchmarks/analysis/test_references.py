"""The statistics beside those of other libraries, which computed the numbers that stand here.

SciPy 1.18.1 and statsmodels 0.15.0, each with the call that gave the number.
"""

from __future__ import annotations

import numpy as np
import pytest

from codefrontier.benchmarks.analysis.clustered import cluster_variance, t_quantile
from codefrontier.benchmarks.analysis.complementarity import kappa
from codefrontier.benchmarks.analysis.paired import holm, mcnemar, sign_flip
from codefrontier.benchmarks.analysis.regions import confidence_region
from codefrontier.benchmarks.analysis.statistics import SolveCounts


def test_t_quantiles_are_those_of_scipy() -> None:
    # scipy.stats.t.ppf
    expected = {(0.975, 5): 2.5705818356363146, (0.8, 17): 0.863279017420053, (0.975, 59): 2.000995378088267}
    for (probability, degrees), quantile in expected.items():
        assert t_quantile(probability, degrees) == pytest.approx(quantile, rel=1e-12)
    assert t_quantile(0.975, 2500) == pytest.approx(1.960913344795567, abs=1e-6)


@pytest.mark.parametrize(
    ("clusters", "squared"),
    [(3, 798.0), (4, 57.0), (10, 10.032682741930149), (30, 6.919370084921069), (200, 6.113758897895313)],
)
def test_the_radius_of_a_region_is_that_of_the_f_distribution(clusters: int, squared: float) -> None:
    # 2 (G - 1) / (G - 2) scipy.stats.f.ppf(0.95, 2, G - 2)
    places = np.arange(clusters)
    found = confidence_region(places / clusters, places % 2, places)
    assert found.squared_radius == pytest.approx(squared, rel=1e-10)


def test_sign_flips_are_those_of_scipy() -> None:
    # scipy.stats.permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf)
    differences = np.array([3, -1, 2, 4, 0, 5, -2, 1, 3, 2, -1, 4]) / 8
    found = sign_flip(differences, np.arange(12), np.random.default_rng(0), scale=8)
    assert found.p == pytest.approx(0.041015625, rel=1e-12)


def test_holm_is_that_of_statsmodels() -> None:
    # statsmodels.stats.multitest.multipletests(ps, method="holm")
    found = holm([0.001, 0.04, 0.03, 0.2, 0.012, 0.049])
    assert found == pytest.approx([0.006, 0.12, 0.12, 0.2, 0.06, 0.12])


def test_mcnemar_is_that_of_statsmodels_less_half_of_the_observed() -> None:
    # statsmodels mcnemar([[10, 3], [12, 9]], exact=True) - scipy.stats.binom.pmf(3, 15, 0.5)
    assert mcnemar(3, 12).p == pytest.approx(0.02127075195312501, rel=1e-12)


def test_the_error_of_a_clustered_mean_is_that_of_statsmodels() -> None:
    # statsmodels OLS(y, ones).fit(cov_type="cluster", cov_kwds={"groups": c, "use_correction": True}).bse
    values = np.array([0.1, 0.4, 0.3, 0.9, 0.6, 0.2, 0.8, 0.5, 0.7, 0.35])
    clusters = np.array([0, 0, 1, 1, 1, 2, 3, 3, 4, 4])
    assert cluster_variance(values, clusters) ** 0.5 == pytest.approx(0.08188788, abs=1e-8)


def test_kappa_is_that_of_statsmodels() -> None:
    # statsmodels.stats.inter_rater.cohens_kappa([[20, 5], [10, 15]])
    one, two = (np.repeat(kinds, [20, 5, 10, 15]) for kinds in ([1, 1, 0, 0], [1, 0, 1, 0]))
    first, second = (SolveCounts(samples=np.ones(50, np.int64), solved=solved) for solved in (one, two))
    assert kappa(first, second, np.full((1, 50), 1 / 50)) == pytest.approx([0.4])
