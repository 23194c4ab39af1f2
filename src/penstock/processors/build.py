"""Chains as the configuration says."""

from collections.abc import Sequence
from dataclasses import replace

from penstock.errors import PluginError
from penstock.expressions import Expression
from penstock.plugins import type_of
from penstock.processors.base import OnError, ProcessorContext, ProcessorSettings
from penstock.processors.chain import Chain, Step
from penstock.processors.filter import Filter
from penstock.processors.stats import ProcessorStats


def build_chain(
    processors: Sequence[ProcessorSettings],
    context: ProcessorContext,
    match: Expression | None = None,
    match_on_error: OnError = "keep",
) -> Chain | None:
    """The chain of these behind `match`, none where there is nothing to do.

    `context.name` is where the processors stand in the configuration. Raises `PluginError`, which names the processor.
    """
    steps = [] if match is None else [Step(ProcessorStats("match"), Filter(match, match_on_error))]
    for number, settings in enumerate(processors):
        place = f"{context.name}.{number}"
        try:
            processor = settings.build(replace(context, name=place))
        except PluginError as exc:
            raise PluginError(f"{place}: {exc}") from exc
        steps.append(Step(ProcessorStats(f"{number + 1}-{type_of(type(settings))}"), processor))
    return Chain(steps) if steps else None
