"""News that leaves the house: signed webhooks, and mail to persons."""
