"""What people give on the page of invoices."""

from __future__ import annotations

from django import forms

from costs.invoicing.texts import MOST_BYTES
from costs.models import Invoice
from costs.services.invoices import ADD, REPLACE


class InvoiceForm(forms.Form):
    """An export, and what is to become of days that are here already."""

    file = forms.FileField(
        label="Export", allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "field", "accept": ".csv,.tsv,.txt,text/csv"}),
        help_text=f"CSV, at most {MOST_BYTES // 2**20} MB. Nothing is kept of a file with a fault.",
    )  # fmt: skip
    provider = forms.ChoiceField(
        label="Provider", required=False,
        choices=[("", "As the file's columns say"), *Invoice.Provider.choices],
        widget=forms.Select(attrs={"class": "field"}),
    )  # fmt: skip
    only = forms.CharField(
        label="Only this project, workspace or key", max_length=200, required=False,
        widget=forms.TextInput(attrs={"class": "field", "autocomplete": "off"}),
        help_text="Of the provider, by its name or id. Empty: all rows.",
    )  # fmt: skip
    overlap = forms.ChoiceField(
        label="Days that are here already", required=False,
        choices=[("", "Ask me"), (REPLACE, "Replace them"), (ADD, "Count both")],
        widget=forms.Select(attrs={"class": "field"}),
        help_text="Count both only where files are of different projects or keys.",
    )  # fmt: skip
