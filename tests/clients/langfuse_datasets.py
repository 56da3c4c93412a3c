"""Run by langfuse 5 and by langfuse 2: a dataset made, filled and read; prints a line of JSON."""

import json
import sys

from langfuse import Langfuse

client = Langfuse()
NAME = "folder/caps"
made = client.create_dataset(name=NAME, description="Capitals", metadata={"owner": "team"})
told = {"made": [made.name, made.description, made.metadata]}
for at in range(53):  # more than a page
    client.create_dataset_item(
        dataset_name=NAME,
        id=f"item-{at}",
        input={"country": str(at)},
        expected_output=f"city {at}",
        metadata={"at": at},
    )
items = client.get_dataset(NAME).items
told["items"] = len({item.id for item in items})
told["first"] = [items[0].input, items[0].expected_output, items[0].metadata]
client.create_dataset_item(dataset_name=NAME, id="item-0", expected_output="another city")
told["changed"] = client.get_dataset(NAME).items[0].expected_output
client.create_dataset_item(dataset_name=NAME, id="item-1", status="ARCHIVED")
told["archived"] = len(client.get_dataset(NAME).items)
sys.stdout.write(json.dumps(told) + "\n")
