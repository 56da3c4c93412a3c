"""What is told of proposed versions: to webhooks, and to the persons it concerns."""

from __future__ import annotations

from typing import Any

from accounts.services.trail import Actor
from evals.addresses import evaluator_path
from evals.models import Evaluator, Proposal
from evals.queries.evaluator_proposals import deciders_of
from notices.services import tell
from prompts.services.locking import label_of

LONGEST_LINK = 500  # of a notice
_WORDS = {
    "evaluator.proposed": "{who} proposes v{n} of {name}",
    "evaluator.approved": "v{n} of {name} is in use, approved by {who}",
    "evaluator.rejected": "{who} rejected v{n} of {name}",
}


def tell_of_version(event: str, proposal: Proposal, evaluator: Evaluator, *, actor: Actor) -> None:
    """Something happened to a proposal: who may decide is told, or owner and authors."""
    version, project = proposal.version, evaluator.project
    number = version.number if version is not None else 0
    link = evaluator_path(project, evaluator.name)
    if len(link) > LONGEST_LINK:  # a long name in a script whose letters take twelve characters
        link = evaluator_path(project)
    data: dict[str, Any] = {
        "evaluator": evaluator.name,
        "version": number,
        "weakens": list(proposal.weakens),
        "by": label_of(actor),
        "url": link,
    }
    if event == "evaluator.proposed":
        data["reason"] = proposal.reason
        persons = deciders_of(proposal)
    else:
        data["note"] = proposal.note
        known = (evaluator.owner, proposal.author, version.author if version else None)
        persons = list({one.pk: one for one in known if one is not None}.values())
    words = _WORDS[event].format(who=label_of(actor), n=number, name=evaluator.name)
    tell(project, event, data=data, title=words, link=link, persons=persons, actor=actor)
