"""What other apps may want to hear of prices; sent once the change is committed."""

from django.dispatch import Signal

# project_id, provider ('' is any), pattern, since, until (aware datetimes or None for no bound)
prices_changed = Signal()
