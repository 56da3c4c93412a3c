"""Run by mlflow alone: fills its server with traces and assessments; prints the traces' ids.

Arguments: address, experiment, number of traces.
"""

import json
import sys

import mlflow
from mlflow.entities import AssessmentSource, SpanType

mlflow.set_tracking_uri(sys.argv[1])
mlflow.set_experiment(sys.argv[2])
MODEL = "gpt-4o-mini"


def answer(number):
    """One trace: an agent, a search, a call, and now and then a tool that fails."""
    question = f"Where is order {number}?"
    with mlflow.start_span("answer", span_type=SpanType.AGENT) as root:
        mlflow.update_current_trace(
            tags={"team": "support"},
            metadata={"mlflow.trace.user": "user-7", "mlflow.trace.session": f"sess-{number}"},
        )
        root.set_inputs({"question": question})
        with mlflow.start_span("find", span_type=SpanType.RETRIEVER) as find:
            find.set_inputs({"query": "order"})
            found = {"page_content": "Orders ship daily.", "metadata": {"doc_uri": "faq.md"}}
            find.set_outputs([{**found, "id": "d1"}])
        with mlflow.start_span("chat", span_type=SpanType.CHAT_MODEL) as chat:
            asked = [{"role": "user", "content": question}]
            chat.set_inputs({"messages": asked, "model": MODEL, "temperature": 0.2})
            said = {"message": {"role": "assistant", "content": "On its way."}}
            chat.set_outputs({"choices": [{**said, "finish_reason": "stop"}], "model": MODEL})
            chat.set_attribute("mlflow.llm.model", MODEL)
            chat.set_attribute("mlflow.llm.provider", "openai")
            tokens = {"input_tokens": 120 + number, "output_tokens": 30}
            chat.set_attribute("mlflow.chat.tokenUsage", {**tokens, "total_tokens": 150 + number})
        if number % 3 == 1:
            try:
                with mlflow.start_span("lookup", span_type=SpanType.TOOL) as tool:
                    tool.set_inputs({"order": number})
                    raise ValueError("no such order")
            except ValueError:
                pass
        root.set_outputs({"answer": "On its way."})
        return root.trace_id


made = [answer(number) for number in range(int(sys.argv[3]))]
mlflow.flush_trace_async_logging()
human = AssessmentSource(source_type="HUMAN", source_id="ann@example.com")
judge = AssessmentSource(source_type="LLM_JUDGE", source_id="gpt-4o")
for place, one in enumerate(made[:20]):
    mlflow.log_feedback(trace_id=one, name="helpful", value=True, source=human, rationale="Right.")
    mlflow.log_feedback(trace_id=one, name="quality", value=0.75, source=judge)
    if place == 0:
        mlflow.log_feedback(trace_id=one, name="tone", value="polite", source=judge)
        mlflow.log_feedback(trace_id=one, name="facets", value={"a": 1}, source=judge)
        failed = ValueError("judge failed")
        mlflow.log_feedback(trace_id=one, name="broken", error=failed, source=judge)
        mlflow.log_expectation(trace_id=one, name="expected", value="On its way.", source=human)
sys.stdout.write(json.dumps(made) + "\n")
