"""What callers said when asked: mean score, share of the two best, and how many answered at all. Pure.

Scores of different scorers, and of different scales, are never pooled.
"""

import polars as pl

from pipelines.measure.bounds import Open, share_bounds, share_pct
from pipelines.measure.catalogue import kpi
from pipelines.measure.intervals import wilson
from pipelines.measure.measured import Measured, not_measurable
from pipelines.measure.people.samples import mean_of

LOW_RESPONSE_PCT = 20.0
"""Below this, those who answered may be another kind of caller than those who did not."""
_FIGURES = ("csat", "csat_top_two", "survey_response")


def survey_figures(asked: pl.DataFrame) -> list[Measured]:
    """From rows of the month (scored_by, scale, score, invited).

    The scope is `all` where there is one scorer; several are `group:<scorer>`. A scorer with several scales has a scope
    for each, `…/of <scale>`, and says so in its own. A score above the scale's highest is no answer that can be read.
    """
    is_within = pl.col("scale").is_null() | (pl.col("score") <= pl.col("scale"))
    asked = asked.with_columns(score=pl.when(is_within).then("score"))
    scorers = sorted(set(asked["scored_by"]))
    if not scorers:
        return [not_measurable(figure, "nothing_to_count") for figure in _FIGURES]
    if len(scorers) == 1:
        return _of_scorer(asked, "all", scorers[0])
    several = [not_measurable(figure, f"several_scorers:{len(scorers)}") for figure in _FIGURES]
    by_scorer = [_of_scorer(asked.filter(pl.col("scored_by") == name), f"group:{name}", name) for name in scorers]
    return several + [figure for found in by_scorer for figure in found]


def _of_scorer(asked: pl.DataFrame, scope: str, scorer: str) -> list[Measured]:
    response = _response(asked, scope)
    answered = asked.filter(pl.col("score").is_not_null())
    scales = sorted(set(answered["scale"].drop_nulls()))
    if len(scales) <= 1 and not (scales and answered["scale"].null_count()):
        return [*_scores(asked, scope, response), response]
    reason = f"several_scales:{', '.join(f'{scale:g}' for scale in scales)}"
    found = [not_measurable(figure, reason, scope) for figure in _FIGURES[:2]]
    for scale in scales:
        part = asked.filter((pl.col("scale") == scale) | (pl.col("score").is_null() & pl.col("scale").is_null()))
        found += _scores(part, f"group:{scorer}/of {scale:g}", response)
    return [*found, response]


def _response(asked: pl.DataFrame, scope: str) -> Measured:
    """Answers ÷ invited. A file that holds nothing but answers says nothing of those who gave none."""
    figure = "survey_response"
    if not asked["invited"].count():
        return not_measurable(figure, "column_missing:invited", scope)
    invited = asked.filter(pl.col("invited").fill_null(value=False) | pl.col("score").is_not_null())
    answers = invited["score"].count()
    if not invited.height:
        return not_measurable(figure, "nothing_to_count", scope)
    if answers == invited.height:
        return not_measurable(figure, "answers_only", scope)
    return Measured(figure, scope, share_pct(answers, invited.height), n=invited.height, definition=kpi(figure).code)


def _scores(asked: pl.DataFrame, scope: str, response: Measured) -> list[Measured]:
    """Mean and top-two share of the answers; bounds of the share are what callers who were asked and said nothing leave
    open.
    """
    scores = asked["score"].drop_nulls()
    if not len(scores):
        return [not_measurable(figure, "nothing_to_count", scope) for figure in _FIGURES[:2]]
    reason = None
    if response.value is not None and response.value < LOW_RESPONSE_PCT:
        reason = f"low_response:{response.value:.1f}"
    mean = mean_of(len(scores), float(scores.sum()), float((scores**2).sum()))
    code = kpi("csat").code
    csat = Measured(
        "csat", scope, mean.value, n=mean.n, definition=code, reason=reason, ci_low=mean.low, ci_high=mean.high
    )
    return [csat, _top_two(asked, scope, reason)]


def _top_two(asked: pl.DataFrame, scope: str, reason: str | None) -> Measured:
    figure = "csat_top_two"
    answers = asked.drop_nulls("score")
    if answers["scale"].null_count():
        return not_measurable(figure, "column_missing:scale", scope)
    top = answers.filter(pl.col("score") >= pl.col("scale") - 1).height
    silent = asked.filter(pl.col("score").is_null() & pl.col("invited").fill_null(value=False)).height
    low, high = share_bounds(top, answers.height, Open(add=silent))
    found = wilson(top, answers.height)
    ci_low, ci_high, code = 100 * found.low, 100 * found.high, kpi(figure).code
    n, value = answers.height, 100 * found.value
    return Measured(figure, scope, value, low, high, n, code, reason=reason, ci_low=ci_low, ci_high=ci_high)
