"""Spend by user segment, key and route (`traces.rollups.spend`); the design is in the migration."""

from __future__ import annotations

from django.db import models


class _Spend(models.Model):
    """Sums over calls that say for whom or by what they were made, one row a dimension."""

    project_id = models.BigIntegerField()
    dimension = models.SmallIntegerField()  # traces.rollups.spend.Payer
    value = models.TextField()
    environment = models.TextField()
    feature = models.TextField()
    model = models.TextField()
    sampled = models.BooleanField()
    calls = models.BigIntegerField()
    errors = models.BigIntegerField()
    unpriced = models.BigIntegerField()
    tokens_in = models.BigIntegerField()
    tokens_out = models.BigIntegerField()
    cost_nano = models.DecimalField(max_digits=40, decimal_places=0)  # without evaluators
    evaluator_nano = models.DecimalField(max_digits=40, decimal_places=0)

    class Meta:
        abstract = True


class SpendHour(_Spend):
    """Spend by user segment, key and route, by the hour in which the calls began."""

    hour = models.DateTimeField()
    fresh = models.BooleanField()  # not yet folded into SpendDay

    class Meta:
        db_table = "spend_hour"

    def __str__(self) -> str:
        return f"{self.hour} {self.value}: {self.calls} calls"


class SpendDay(_Spend):
    """The same by day (UTC)."""

    day = models.DateField()

    class Meta:
        db_table = "spend_day"

    def __str__(self) -> str:
        return f"{self.day} {self.value}: {self.calls} calls"


class SpendName(models.Model):
    """A value that SpendHour tells apart; all others are one."""

    pk = models.CompositePrimaryKey("project_id", "dimension", "value")
    project_id = models.BigIntegerField()
    dimension = models.SmallIntegerField()
    value = models.TextField()

    class Meta:
        db_table = "spend_name"

    def __str__(self) -> str:
        return self.value
