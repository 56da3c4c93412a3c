"""Addresses of prompts below `/api/public/`; names hold slashes, so what is below one is first."""

from django.urls import path

from accounts.models import Scope
from prompts.langfuse import prompts
from traces.langfuse.envelope import address

KEY = Scope.PROMPTS

app_name = "langfuse_prompts"
urlpatterns = [
    path(
        "v2/prompts",
        address(get=(KEY, prompts.listed), post=(KEY, prompts.create)),
        name="prompts",
    ),
    path(
        "v2/prompts/<path:name>/versions/<int:number>",
        address(patch=(KEY, prompts.add_labels)),
        name="version",
    ),
    path(
        "v2/prompts/<path:name>",
        address(get=(KEY, prompts.one), delete=(KEY, prompts.delete)),
        name="prompt",
    ),
    path(
        "prompts",
        address(get=(KEY, prompts.one_v1), post=(KEY, prompts.create_v1)),
        name="prompts_v1",
    ),
]
