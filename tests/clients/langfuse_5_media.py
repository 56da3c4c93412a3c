"""Run by langfuse 5 alone: sends a picture and a document, and resolves what came back.

Address and keys are in the environment, as users have them there.
"""

import base64
import json
import sys

from langfuse import Langfuse
from langfuse.media import LangfuseMedia

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(64))
DOCUMENT = b"%PDF-1.4 test"
uri = f"data:image/png;base64,{base64.b64encode(PICTURE).decode()}"

client = Langfuse()
message = {
    "role": "user",
    "content": [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": uri}},
    ],
}
document = LangfuseMedia(content_bytes=DOCUMENT, content_type="application/pdf")
with client.start_as_current_observation(
    name="see",
    as_type="generation",
    model="gpt-4o",
    input=[message],
    metadata={"contract": document},
) as call:
    call.update(output="A square.")
client.flush()

reference = document._reference_string
resolved = client.resolve_media_references(
    obj={"contract": reference}, resolve_with="base64_data_uri"
)
told = {
    "trace_id": call.trace_id,
    "resolved": resolved["contract"].partition(";base64,")[0],
    "is_same": base64.b64decode(resolved["contract"].partition(",")[2]) == DOCUMENT,
}
client.shutdown()
sys.stdout.write(json.dumps(told) + "\n")
