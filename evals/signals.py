"""What evals tells whoever stands above."""

from __future__ import annotations

from django.dispatch import Signal

# An alarm was opened, its cause told, or it was closed: `alarm_id`, `step` ("opened", "told",
# "closed"). Sent once the transaction commits; whoever listens reads the row.
drift_alarm_changed = Signal()
