"""An embedding model on this machine: ONNX weights and a tokenizer in a folder, run on the CPU."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from evals.embedding.errors import NotEmbedded

MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
MOST_TOKENS = 256
AT_ONCE = 32


def fault() -> str:
    """Why there is no local model; '' where there is one."""
    folder = settings.EMBEDDING_MODEL_DIR
    if not folder:
        return "No model is set: EMBEDDING_MODEL_DIR names its folder."
    missing = [name for name in (MODEL, TOKENIZER) if not (Path(folder) / name).is_file()]
    if missing:
        return f"{folder} lacks {' and '.join(missing)}."
    try:
        import onnxruntime  # noqa: F401
        import tokenizers  # noqa: F401
    except ImportError:
        return "The extra is not installed: pip install 'roadworthy[embeddings]'."
    return ""


def embed(texts: Sequence[str]) -> Any:
    """One row of length 1 a text: the mean of its tokens' vectors. Raises: NotEmbedded.

    Source: N. Reimers, I. Gurevych, Sentence-BERT, EMNLP (2019).
    """
    if why := fault():
        raise NotEmbedded(why)
    session, tokenizer = _loaded(settings.EMBEDDING_MODEL_DIR)
    wanted = {one.name for one in session.get_inputs()}
    rows = []
    for at in range(0, len(texts), AT_ONCE):
        encoded = tokenizer.encode_batch(list(texts[at : at + AT_ONCE]))
        mask = np.array([one.attention_mask for one in encoded], dtype=np.int64)
        given = {
            "input_ids": np.array([one.ids for one in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        output = session.run(None, {name: given[name] for name in wanted & set(given)})[0]
        if output.ndim == 3:
            weights = mask[:, :, None].astype(np.float32)
            output = (output * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1e-9)
        rows.append(np.asarray(output, dtype=np.float32))
    found = np.concatenate(rows)
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)


@lru_cache(maxsize=1)
def _loaded(folder: str) -> tuple[Any, Any]:
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(
            str(Path(folder) / MODEL), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(Path(folder) / TOKENIZER))
    except Exception as error:
        raise NotEmbedded(f"The model in {folder} cannot be loaded: {error}") from error
    tokenizer.enable_truncation(MOST_TOKENS)
    tokenizer.enable_padding()
    return session, tokenizer
