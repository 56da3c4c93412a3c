"""One call of the target: an item put into the prompt, asked, and what came back."""

from __future__ import annotations

import time
from typing import Any

import orjson
from django.utils import timezone

from evals.calling import Ceiling, NotAsked, ceiling_of, messages_for, request_for, tokens_of
from evals.evaluating.checks.refusals import refusal_in
from evals.evaluating.run import evaluate
from evals.running.budget import Budget, Guess, OverCap
from evals.running.job import Asks, Case, Ended, Job, subject_of
from evals.running.pace import Pace
from gateway.client import About, Answer, Called, CallFailed, ChatRequest, ModelClient
from gateway.client.errors import AuthFailed, MayPass
from pricing.card import Unpriced

MOST_PAUSES = 5  # of one call, each after all tries of the client's own patience
PAUSE_SECONDS = 10.0  # the first; each is twice the one before
LONGEST_PAUSE = 60.0  # what is longer ends the turn: others may run meanwhile
TAG = "experiment"


class Later(Exception):
    """The provider wants to be left alone for `seconds`."""

    def __init__(self, seconds: float, text: str) -> None:
        super().__init__(text)
        self.seconds = seconds


class Hopeless(Exception):
    """No call of the run can succeed; the text says why."""


class Target:
    """Asks the model of one experiment, within its pace and budget."""

    def __init__(self, job: Job, asks: Asks, client: ModelClient, budget: Budget) -> None:
        experiment = job.experiment
        self._asks = asks
        self._job, self._client, self._budget = job, client, budget
        self._pace = Pace(experiment.rate_per_minute)
        self._guess = Guess()
        self._streams = bool(experiment.parameters.get("stream"))

    async def answer(self, case: Case) -> Ended:
        """What came of `case`, scored by what only computes.

        Raises: OverCap, before the call that might cross the cap; Later; Hopeless.
        """
        ended = Ended(case, started_at=timezone.now())
        try:
            messages = messages_for(self._asks.content, case.input)
        except NotAsked as fault:
            ended.error = str(fault)
        else:
            experiment = self._job.experiment
            request = request_for(
                self._asks.content, messages, experiment.model, experiment.parameters
            )
            await self._ask(ended, request)
        ended.finished_at = timezone.now()
        if not ended.error and self._job.quick:
            subject = subject_of(case, ended)
            for scorer in self._job.quick:
                said = await evaluate(scorer.spec, subject, self._about(case))
                ended.verdicts.append((scorer, said))
        return ended

    async def _ask(self, ended: Ended, request: ChatRequest) -> None:
        if self._budget.cap is None:
            await self._call(ended, request)
            return
        estimated = tokens_of(request)
        await self._guess.first_alone()
        try:
            held = await self._budget.hold(self._ceiling(request, estimated))
            try:
                await self._call(ended, request)
                held.cost_nano = ended.cost_nano
                if ended.is_call and ended.cost_nano is None:
                    held.cost_nano = held.nano  # unpriced: as if it had cost all of it
            finally:
                await self._budget.settle(held)
        finally:
            self._guess.learn(estimated, ended.input_tokens)

    def _ceiling(self, request: ChatRequest, estimated: int) -> int:
        """What is held back. Raises: OverCap, where nobody can say."""
        most: Ceiling = ceiling_of(
            request,
            self._asks.connection.provider,
            self._asks.prices,
            input_tokens=self._guess.tokens(estimated),
        )
        if most.nano is not None:
            return most.nano
        if not most.is_priced and self._job.experiment.allows_unpriced:
            return 0
        raise OverCap(f"{most.why} A cost cap cannot hold so.")

    async def _call(self, ended: Ended, request: ChatRequest) -> None:
        for paused in range(MOST_PAUSES + 1):
            await self._pace.turn()
            try:
                called = await self._called(request, ended.case)
            except AuthFailed as failed:
                raise Hopeless(str(failed)) from None
            except MayPass as failed:
                ended.error, ended.trace_id = str(failed), failed.trace_id
                wait = failed.retry_after or PAUSE_SECONDS * 2.0**paused
                if paused == MOST_PAUSES:
                    return
                if wait > LONGEST_PAUSE:
                    raise Later(wait, str(failed)) from None
                self._pace.quiet(wait)
            except CallFailed as failed:
                ended.error, ended.trace_id = str(failed), failed.trace_id
                return
            else:
                _note(ended, called)
                if ended.cost_nano is None:
                    ended.cost_nano = self._cost(called.given)
                return

    def _cost(self, answer: Answer) -> int | None:
        """What it cost, where its span could not be stored in time and so was not priced."""
        if answer.usage is None:
            return None
        provider, now = self._asks.connection.provider, time.time_ns() // 1000
        model = self._job.experiment.model
        card = self._asks.prices.card(provider, answer.model, model, now)
        if isinstance(card, Unpriced):
            return None
        usage = answer.usage
        counts = (
            usage.in_uncached, usage.in_cached, usage.in_cache_write, usage.in_audio,
            usage.out_text, usage.out_reasoning, usage.out_audio,
        )  # fmt: skip
        return card.nano(counts, usage.details)

    async def _called(self, request: ChatRequest, case: Case) -> Called[Answer]:
        about, connection = self._about(case), self._asks.connection
        if not self._streams:
            return await self._client.chat(connection, request, about)
        async with self._client.stream(connection, request, about) as said:
            async for _ in said:
                pass
        return said.called

    def _about(self, case: Case) -> About:
        experiment = self._job.experiment
        name, _, version = experiment.prompt_label.rpartition(" v")
        told = {
            "experiment": experiment.number,
            "experiment_id": experiment.external_id,
            "item": case.item_key,
            "repeat": case.repeat,
            "feature": experiment.feature,
        }
        return About(
            experiment.project_id,
            name=f"experiment #{experiment.number}",
            prompt_name=name,
            prompt_version=version,
            tags=(TAG,),
            metadata={key: value for key, value in told.items() if value != ""},
            is_withheld=case.is_held_out,
        )


def _note(ended: Ended, called: Called[Answer]) -> None:
    answer = called.given
    ended.error = ""
    ended.is_call = True
    ended.output = output_of(answer)
    ended.trace_id, ended.span_id = called.trace_id, called.span_id
    ended.duration_us, ended.first_token_us = called.duration_us, called.first_token_us
    ended.cost_nano = called.cost_nano
    if answer.usage is not None:
        ended.input_tokens = answer.usage.input_tokens
        ended.output_tokens = answer.usage.output_tokens
    ended.is_refusal = bool(refusal_in(answer.text)) if answer.text else None


def output_of(answer: Answer) -> Any:
    """The text of an answer; with tools that it asks for, `{"text", "tool_calls"}`."""
    calls = answer.message.tool_calls
    if not calls:
        return answer.text
    asked = [{"name": call.name, "arguments": _arguments(call.arguments)} for call in calls]
    return {"text": answer.text, "tool_calls": asked}


def _arguments(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
