"""Ground that knows no app: pages, paging, errors, figures, jobs."""
