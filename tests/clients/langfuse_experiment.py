"""Run by langfuse 5 and 4: an experiment over a dataset with evaluators; prints a line of JSON."""

import json
import sys

from langfuse import Evaluation, Langfuse

ANSWERS = {"France": "Paris", "Italy": "Milan"}
client = Langfuse()
client.create_dataset(name="eval/capitals", description="d")
for at, (country, city) in enumerate([("France", "Paris"), ("Italy", "Rome")]):
    client.create_dataset_item(
        dataset_name="eval/capitals", id=f"item-{at}", input={"country": country},
        expected_output=city, metadata={"at": at},
    )  # fmt: skip


def task(*, item, **_):
    with client.start_as_current_observation(
        name="ask", as_type="generation", model="gpt-4o-mini"
    ) as made:
        answer = ANSWERS[item.input["country"]]
        made.update(output=answer, usage_details={"input": 100, "output": 10})
    return answer


def exact(*, output, expected_output, **_):
    return Evaluation(name="exact", value=float(output == expected_output), comment="cmp")


def accuracy(*, item_results, **_):
    values = [one.value for result in item_results for one in result.evaluations]
    return Evaluation(name="accuracy", value=sum(values) / len(values))


dataset = client.get_dataset("eval/capitals")
result = dataset.run_experiment(
    name="caps", run_name="caps run 1", description="desc", task=task, evaluators=[exact],
    run_evaluators=[accuracy], metadata={"v": "1"},
)  # fmt: skip
client.flush()
told = {
    "items": len(result.item_results),
    "id": result.dataset_run_id,
    "url": result.dataset_run_url,
    "traces": [one.trace_id for one in result.item_results],
}
sys.stdout.write(json.dumps(told) + "\n")
