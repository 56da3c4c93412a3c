"""Facts about costs that other apps may hear of."""

from django.dispatch import Signal

# A budget reached a share, is about to break, or was drilled. Sent on commit with `budget_id`.
budget_marked = Signal()
# An anomaly of spend began, went on or ended. Sent on commit with `anomaly_id`.
anomaly_changed = Signal()
