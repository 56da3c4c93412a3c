"""Incidents: something got worse, one person is told, and every act stands in one timeline.

Whoever finds out that something is wrong says so, as often as it likes:

    from alerts.services.incidents import open_incident, resolve_cause

    open_incident(project, "drift:refund-agent", severity=Severity.PAGE, feature="refund-agent",
                  sentence="Faithfulness of refund-agent fell from 0.93 to 0.84.",
                  origin=Origin.PROVIDER, evidence=Evidence(points=…, bar=0.9, trace_ids=…))
    resolve_cause(project, "drift:refund-agent", why="Faithfulness is above its bar again.")

A cause has at most one open incident. `sentence` and the facts of the evidence leave the house by
mail, Slack, PagerDuty and webhook: none of them may hold what prompts or traces say; excerpts of
that belong into `Evidence.excerpts`, which leave only where the project allows it.
"""
