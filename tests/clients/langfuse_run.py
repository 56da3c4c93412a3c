"""Run by langfuse 3 and 2: items of a dataset linked to traces; prints a line of JSON."""

import json
import sys

import langfuse
from langfuse import Langfuse

ANSWERS = {"France": "Paris", "Italy": "Milan"}
client = Langfuse()
client.create_dataset(name="eval/capitals", description="d")
for at, (country, city) in enumerate([("France", "Paris"), ("Italy", "Rome")]):
    client.create_dataset_item(
        dataset_name="eval/capitals", id=f"item-{at}", input={"country": country},
        expected_output=city,
    )  # fmt: skip
dataset = client.get_dataset("eval/capitals")
for item in dataset.items:
    answer = ANSWERS[item.input["country"]]
    value = float(answer == item.expected_output)
    if langfuse.version.__version__.startswith("2."):
        trace = client.trace(name="capital", input=item.input, output=answer)
        item.link(trace, "caps run 1", run_description="desc", run_metadata={"v": "1"})
        trace.score(name="exact", value=value, comment="cmp")
        continue
    described = {"run_description": "desc", "run_metadata": {"v": "1"}}
    with item.run(run_name="caps run 1", **described) as span:
        span.update(input=item.input, output=answer)
        span.score_trace(name="exact", value=value, comment="cmp")
client.flush()
if langfuse.version.__version__.startswith("2."):
    run = client.get_dataset_run("eval/capitals", "caps run 1")
else:
    run = client.get_dataset_run(dataset_name="eval/capitals", run_name="caps run 1")
told = {"items": [one.dataset_item_id for one in run.dataset_run_items], "id": run.id}
sys.stdout.write(json.dumps(told) + "\n")
