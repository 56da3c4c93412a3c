"""The demo's evals: a golden dataset, judges that people labelled, experiments, a gate, a queue.

Names and numbers are those of the demo's prompts and traces. All of it goes through the services,
and is then set back in time. What stands already is left alone.
"""

from evals.demo.telling import begin, complete

__all__ = ["begin", "complete"]
