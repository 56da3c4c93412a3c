"""Addresses of the REST of prompts; sub-resources stand before the prompt itself."""

from django.urls import path

from prompts.api import reading

app_name = "prompts_api"
urlpatterns = [
    # The name is that by which `prompts.serving.endpoint` knows its own address.
    path("prompts/<path:name>", reading.PromptRead.as_view(), name="prompt-read"),
]
