"""Run by mlflow alone: registers a prompt, reads it by its alias; prints what the read asked for.

Arguments: address, the prompt's text.
"""

import json
import sys

import mlflow
import requests

mlflow.set_tracking_uri(sys.argv[1])
mlflow.genai.register_prompt(name="refund-agent", template=sys.argv[2])
mlflow.genai.set_prompt_alias("refund-agent", "production", 1)
asked = []
send = requests.Session.send


def noted(session, request, **options):
    """Send it, and note its method and address."""
    asked.append([request.method, request.path_url])
    return send(session, request, **options)


requests.Session.send = noted
read = mlflow.genai.load_prompt("prompts:/refund-agent@production", cache_ttl_seconds=0)
assert read.template == sys.argv[2]
sys.stdout.write(json.dumps(asked) + "\n")
