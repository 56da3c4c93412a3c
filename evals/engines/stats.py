"""`roadworthy engine stats`: paired tests, clusters, power, agreement, judge correction, gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from evals.deciding.rule import decide
from evals.statistics import (
    agreement,
    clustering,
    correction,
    discordant,
    krippendorff,
    multiple,
    paired,
    permutation,
    power,
    ranks,
    resampling,
)
from kit.cases import BadCase, Figures, answer_each, listed, number, numbers, pairs
from kit.intervals import Interval

# A reader compares our p with that of other draws: with so many ours is exact to 0.001. Of very
# many items fewer are drawn, so that a case takes about a second.
DRAWS = 200_000
_MOST_SIGNS = 400_000_000


def answer(document: Any) -> dict[str, Figures]:
    """Every figure of each case, by its `kind`.

    Raises: BadCase.
    """
    return answer_each(document, _of_case)


def _of_case(case: Mapping[str, Any]) -> Figures:
    kind, given = case.get("kind"), case.get("input")
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadCase(f"The kind {kind!r} is none of {', '.join(KINDS)}.")
    if not isinstance(given, dict):
        raise BadCase("input must be an object.")
    return KINDS[kind](given)


def _ends(found: Interval | None) -> list[float] | None:
    return [found.low, found.high] if found else None


def _paired(given: Mapping[str, Any]) -> Figures:
    """What binary outcomes and scores have in common."""
    old, new = pairs(given, "a", "b")
    change = [after - before for before, after in zip(old, new, strict=True)]
    compared, counts = paired.compare(old, new), discordant.count(old, new)
    draws = min(DRAWS, max(_MOST_SIGNS // max(len(change), 1), permutation.DRAWS))
    flipped = permutation.sign_flip(change, draws=draws)
    p = flipped.p if flipped else None
    normal = None if compared.low is None else [compared.low, compared.high]
    return {
        "n": compared.n, "mean_a": compared.old, "mean_b": compared.new,
        "diff": compared.difference, "sd_diff": compared.deviation,
        "se_paired": compared.se, "se_unpaired": compared.se_unpaired, "ci95_normal": normal,
        "improved": counts.improved, "regressed": counts.regressed, "same": counts.same,
        "signflip_permutation_p": p, "permutation_p": p,
        "ci95_bootstrap_percentile": _ends(resampling.bootstrap_mean(change)),
        "t_p": paired.t_test(change), "wilcoxon_approx_p": ranks.wilcoxon(change),
        "cohen_dz": paired.cohen_dz(change),
    }  # fmt: skip


def _paired_binary(given: Mapping[str, Any]) -> Figures:
    figures = _paired(given)
    old, new = pairs(given, "a", "b")
    changed = (figures["improved"], figures["regressed"])
    return figures | {
        "mcnemar_exact_p": discordant.mcnemar_exact(*changed),
        "mcnemar_chi2_cc_p": discordant.mcnemar_corrected(*changed),
        "wilson_a": _ends(paired.proportion(old)),
        "wilson_b": _ends(paired.proportion(new)),
    }


def _clustered_mean(given: Mapping[str, Any]) -> Figures:
    values, clusters = listed(given, "x"), listed(given, "cluster")
    if len(values) != len(clusters):
        raise BadCase("x and cluster must be equally long.")
    known = [(x, str(c)) for x, c in zip(values, clusters, strict=True) if x is not None]
    scores = [x for x, _ in known]
    found = clustering.clustered_mean(scores, [c for _, c in known])
    drawn = resampling.bootstrap_mean(scores, clusters=[c for _, c in known])
    return {
        "n": found.n, "clusters": found.clusters, "mean": found.mean, "se_naive": found.naive,
        "se_cluster_cr0": found.cr0, "se_cluster_cr1": found.cr1, "se_miller2024": found.miller,
        "ci95": None if found.low is None else [found.low, found.high],
        "ci95_bootstrap_cluster": _ends(drawn),
    }  # fmt: skip


def _mde(given: Mapping[str, Any]) -> Figures:
    spread = number(given, "sd_diff")
    chances = {"alpha": number(given, "alpha", 0.05), "power": number(given, "power", 0.8)}
    aims = {f"n_for_mde_{aim:02d}": aim / 100 for aim in (1, 2, 3, 4, 5, 10, 20)}
    return {"mde": power.detectable(spread, number(given, "n"), **chances)} | {
        name: power.items_for(spread, aim, **chances) for name, aim in aims.items()
    }


def _n_questions(given: Mapping[str, Any]) -> Figures:
    n = power.questions_for(
        number(given, "delta"), between=number(given, "omega2"),
        within_old=number(given, "sigma2_a", 0.0), within_new=number(given, "sigma2_b", 0.0),
        repeats_old=number(given, "k_a", 1), repeats_new=number(given, "k_b", 1),
        alpha=number(given, "alpha", 0.05), power=number(given, "power", 0.8),
    )  # fmt: skip
    return {"n": n}


def _agreement(given: Mapping[str, Any]) -> Figures:
    human, judge = listed(given, "human"), listed(given, "judge")
    if len(human) != len(judge):
        raise BadCase("human and judge must be equally long.")
    both = [(a, b) for a, b in zip(human, judge, strict=True) if None not in (a, b)]
    first, second = [a for a, _ in both], [b for _, b in both]
    return {
        "n": len(both),
        "agreement": agreement.agreement(first, second),
        "kappa": agreement.kappa(first, second),
        "kappa_linear": agreement.kappa(first, second, weights="linear"),
        "kappa_quadratic": agreement.kappa(first, second, weights="quadratic"),
    } | _alphas([human, judge])


def _krippendorff_missing(given: Mapping[str, Any]) -> Figures:
    complete = given.get("complete")
    figures = _alphas(listed(given, "ratings"))
    if isinstance(complete, list):
        figures["fleiss_kappa_complete"] = agreement.fleiss(complete)
    return figures


def _alphas(raters: Any) -> Figures:
    labels = agreement.categories_of(*raters)
    numeric = all(isinstance(label, int | float) for label in labels)
    return {
        "alpha_nominal": krippendorff.alpha(raters, "nominal"),
        "alpha_ordinal": krippendorff.alpha(raters, "ordinal"),
        "alpha_interval": krippendorff.alpha(raters, "interval") if numeric else None,
    }


def _judge_correction(given: Mapping[str, Any]) -> Figures:
    human, judged = pairs(given, "human", "judge_on_labelled")
    found = correction.correct(human, judged, numbers(given, "judge_on_unlabelled"))
    return {
        "naive": found.naive,
        "classical": found.classical.value if found.classical else None,
        "classical_ci95": _ends(found.classical),
        "ppi": found.ppi.value if found.ppi else None, "ppi_ci95": _ends(found.ppi),
        "ppi_plus": found.ppi_plus.value if found.ppi_plus else None,
        "ppi_plus_ci95": _ends(found.ppi_plus), "ppi_plus_lambda": found.weight,
        "sensitivity": found.sensitivity, "specificity": found.specificity,
        "rogan_gladen": found.rogan_gladen,
    }  # fmt: skip


def _multiple(given: Mapping[str, Any]) -> Figures:
    p_values, level = numbers(given, "p"), number(given, "alpha", 0.05)
    held, discovered = multiple.holm(p_values), multiple.benjamini_hochberg(p_values)
    return {
        "holm": held, "holm_rejected": [p <= level for p in held],
        "bh": discovered, "bh_rejected": [p <= level for p in discovered],
    }  # fmt: skip


def _gate(given: Mapping[str, Any]) -> Figures:
    change = numbers(given, "d")
    found, error = paired.interval(change), paired.standard_error(change)
    spread = None if error is None else error * len(change) ** 0.5
    return {
        "decision": decide(found, number(given, "margin", 0.03)),
        "diff": sum(change) / len(change) if change else None,
        "ci95": _ends(found),
        "mde80": None if spread is None else power.detectable(spread, len(change)),
    }


KINDS: dict[str, Callable[[Mapping[str, Any]], Figures]] = {
    "paired_binary": _paired_binary,
    "paired_scores": _paired,
    "clustered_mean": _clustered_mean,
    "mde": _mde,
    "n_questions": _n_questions,
    "agreement": _agreement,
    "krippendorff_missing": _krippendorff_missing,
    "judge_correction": _judge_correction,
    "multiple": _multiple,
    "gate": _gate,
}
