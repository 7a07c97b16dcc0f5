"""Learn words in their context: `python tests/learn_encoder.py SET.jsonl … --base DIR --output DIR`.

Goes on learning the upper layers of all-MiniLM-L6-v2 (`--base`: its folder as transformers saves it) together with a
network that asks them and the signs who is newly sanctioned (bot/matching/encoder.py, reader.py). Writes encoder.npz,
which belongs into bot/matching, and context.npz, which tests/join_readers.py joins with the small networks. English
articles alone. Wants PyTorch and transformers, which the bot itself does not.

The same sets and seeds give the same numbers on the same machine; 18 minutes a round on two cores for 5,000 articles.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from transformers import AutoModel

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import learn_reader
from learn_reader import (
    READER,
    WIDTH,
    Batch,
    Coder,
    Example,
    Layer,
    batch_of,
    batches,
    is_labelled,
    load,
    report,
    thinned,
)
from measure import read_set

from bot.matching.encoder import Pieces, Window, find_windows, in_turn
from bot.matching.verdicts import ALERT_FLOOR

DEEP = 384
KEPT = 2  # layers that are not learnt on: what they know of words is better left
MASK = 103  # [MASK] of the pieces
FIRST_WORD = 999  # pieces before are marks and single letters


@dataclass
class Group:
    """Windows of like length, and which token of which article each piece is of."""

    pieces: Tensor
    mask: Tensor
    row: Tensor
    token: Tensor
    place: Tensor  # in the flattened windows


def group_windows(examples: Sequence[Example], pieces: Pieces, *, shuffled: bool, masked: float = 0.0) -> list[Group]:
    """`shuffled`: names get other words each time. `masked`: the share of words that are not shown."""
    pick = (lambda words, _: random.choice(words)) if shuffled else in_turn
    windows = [(row, window) for row, one in enumerate(examples) for window in find_windows(one.signs, pieces, pick)]
    windows.sort(key=lambda pair: -len(pair[1].pieces))
    groups: list[list[tuple[int, Window]]] = []
    for row, window in windows:
        if not groups or len(window.pieces) < 0.7 * len(groups[-1][0][1].pieces):
            groups.append([])
        groups[-1].append((row, window))
    return [_group(one, masked) for one in groups]


def _group(windows: Sequence[tuple[int, Window]], masked: float) -> Group:
    longest = len(windows[0][1].pieces)
    pieces, mask = (torch.zeros(len(windows), longest, dtype=torch.long) for _ in range(2))
    owners = []
    for at, (row, window) in enumerate(windows):
        count = len(window.pieces)
        pieces[at, :count], mask[at, :count] = torch.tensor(window.pieces), 1
        owners += [(row, token, at * longest + place) for place, token in enumerate(window.token_of) if token >= 0]
    if masked:
        pieces = pieces.masked_fill((torch.rand(pieces.shape) < masked) & (pieces > FIRST_WORD), MASK)
    return Group(pieces, mask, *(torch.tensor(column) for column in zip(*owners, strict=True)))


class Net(learn_reader.Net):
    """The small network with one layer, and each word in its context besides."""

    def __init__(self, signs: int, vectors: Tensor, dropout: float, word_dropout: float, base: str) -> None:
        super().__init__(signs, vectors, dropout, word_dropout)
        self.blocks = nn.ModuleList([Layer(dropout)])
        self.pe = nn.Linear(DEEP, WIDTH)
        # making random numbers for its own dropout would take half of the time
        self.encoder = AutoModel.from_pretrained(base, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        self.encoder.pooler = None
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:KEPT]):
            part.requires_grad_(False)
        self.groups: list[Group] = []

    def given(self, batch: Batch, words: Tensor) -> Tensor:
        return super().given(batch, words) + self.pe(self.encoded(*batch.words.shape))

    def encoded(self, rows: int, tokens: int) -> Tensor:
        """The mean of each token's pieces."""
        told, counts = torch.zeros(rows * tokens, DEEP), torch.zeros(rows * tokens)
        for group in self.groups:
            read = self.encoder(input_ids=group.pieces, attention_mask=group.mask).last_hidden_state.reshape(-1, DEEP)
            where = group.row * tokens + group.token
            told = told.index_add(0, where, read[group.place])
            counts = counts.index_add(0, where, torch.ones(len(where)))
        return (told / counts.clamp(min=1)[:, None]).view(rows, tokens, DEEP)


def learn(examples: Sequence[Example], coder: Coder, pieces: Pieces, vectors: Tensor, args: argparse.Namespace) -> None:
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    net = Net(len(coder.signs), vectors, args.dropout, args.word_dropout, str(args.base))
    if args.start:
        read(net, args.start)
    deep = [p for name, p in net.named_parameters() if name.startswith("encoder.") and p.requires_grad]
    own = [p for name, p in net.named_parameters() if not name.startswith("encoder.")]
    rates = [
        {"params": deep, "lr": args.deep_rate, "weight_decay": 0.01},
        {"params": own, "lr": args.rate, "weight_decay": 0.05},
    ]
    steps = args.rounds * len(batches(examples, shuffled=True))
    optimizer = torch.optim.AdamW(rates)
    schedule = learn_reader.schedule_of(optimizer, steps)
    smooth = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99))
    started = time.monotonic()
    for turn in range(args.rounds):
        net.train()
        total, turns = 0.0, batches(examples, shuffled=True)
        for at, chunk in enumerate(turns, start=1):
            cut = [thinned(one, args.thin) if random.random() < 0.4 else one for one in chunk]
            batch = batch_of(cut, coder, args.sign_dropout)
            net.groups = group_windows(cut, pieces, shuffled=True, masked=args.masked)
            loss = learn_reader.loss_of(net(batch), batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            smooth.update_parameters(net)
            total += loss.item()
            if at % 50 == 0:
                print(f"  {at} of {len(turns)}: loss {total / at:.3f}, {time.monotonic() - started:.0f} s", flush=True)
        print(f"round {turn + 1}: loss {total / len(turns):.3f}, {time.monotonic() - started:.0f} s", flush=True)
        for name, held in args.checks:
            found = odds_of(smooth.module, held, coder, pieces)
            print(f"  {name}: {report(held, found, args.floor)}", flush=True)
        write(smooth.module, coder, args.base, args.output)


def odds_of(net: Net, examples: Sequence[Example], coder: Coder, pieces: Pieces) -> dict[tuple[str, str], Tensor]:
    found: dict[tuple[str, str], Tensor] = {}
    net.eval()
    with torch.no_grad():
        for chunk in batches([one for one in examples if is_labelled(one)], shuffled=False):
            batch = batch_of(chunk, coder)
            net.groups = group_windows(chunk, pieces, shuffled=False)
            found |= dict(zip(batch.keys, net(batch)[0].softmax(-1), strict=True))
    return found


def names_of(net: Net) -> dict[str, list[str]]:
    """A name in encoder.npz -> the names in the net's state that it holds, one after the other."""
    found = {"norm": ["encoder.embeddings.LayerNorm"]}
    for layer in range(net.encoder.config.num_hidden_layers):
        theirs = f"encoder.encoder.layer.{layer}."
        found |= {
            f"{layer}.qkv": [f"{theirs}attention.self.{part}" for part in ("query", "key", "value")],
            f"{layer}.o": [f"{theirs}attention.output.dense"],
            f"{layer}.n1": [f"{theirs}attention.output.LayerNorm"],
            f"{layer}.f1": [f"{theirs}intermediate.dense"],
            f"{layer}.f2": [f"{theirs}output.dense"],
            f"{layer}.n2": [f"{theirs}output.LayerNorm"],
        }
    return found


def write(net: Net, coder: Coder, base: Path, output: Path) -> None:
    """The encoder's weights as bytes with a scale for each row; the network as tests/learn_reader.py writes its own."""
    state = {name: value.detach().numpy() for name, value in net.state_dict().items()}
    places, kinds, words = (
        state[f"encoder.embeddings.{kind}_embeddings.weight"] for kind in ("position", "token_type", "word")
    )
    numbers = {"places": places + kinds[0], **_with_scale("vectors", words)}
    for ours, theirs in names_of(net).items():
        for kind in ("weight", "bias"):
            value = np.concatenate([state[f"{name}.{kind}"] for name in theirs])
            numbers |= _with_scale(f"{ours}.{kind}", value) if value.ndim == 2 else {f"{ours}.{kind}": value}
    np.savez_compressed(
        output / "encoder.npz",
        words=np.frombuffer("\n".join(pieces_of(base)).encode(), np.uint8),
        **{name: value.astype(np.float16) if value.dtype == np.float32 else value for name, value in numbers.items()},
    )
    own = {name: value for name, value in state.items() if not name.startswith(("encoder.", "ev."))}
    np.savez_compressed(
        output / "context.npz",
        **{f"context.{name}": value.astype(np.float16) for name, value in own.items()},
        signs=np.frombuffer("\n".join(coder.signs).encode(), np.uint8),
    )


def read(net: Net, folder: Path) -> None:
    """What `write` wrote, or what ships (the network of the context is in reader.npz there)."""
    state: dict[str, Tensor] = {}
    with np.load(folder / "encoder.npz", allow_pickle=False) as held:
        for ours, theirs in names_of(net).items():
            for kind in ("weight", "bias"):
                name = f"{ours}.{kind}"
                scale = held[f"{name}.scale"].astype(np.float32) if f"{name}.scale" in held.files else 1.0
                parts = np.split(held[name].astype(np.float32) * scale, len(theirs))
                state |= {f"{one}.{kind}": torch.tensor(part) for one, part in zip(theirs, parts, strict=True)}
    own = folder / "context.npz"
    with np.load(own if own.exists() else folder / "reader.npz", allow_pickle=False) as held:
        for name in held.files:
            if name.startswith("context."):
                state[name.removeprefix("context.")] = torch.tensor(held[name].astype(np.float32))
    net.load_state_dict(state, strict=False)  # word pieces are not learnt; the question of the event is asked anew


def _with_scale(name: str, rows: np.ndarray) -> dict[str, np.ndarray]:
    scale = np.abs(rows).max(axis=1, keepdims=True) / 127
    scale = np.maximum(scale, 1e-8).astype(np.float32)
    return {name: np.rint(rows / scale).astype(np.int8), f"{name}.scale": scale}


def pieces_of(base: Path) -> list[str]:
    known = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return sorted(known, key=known.__getitem__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", help="labelled articles to learn from")
    parser.add_argument("--base", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--check", nargs="*", default=[], help="held-out sets, only measured")
    parser.add_argument("--output", type=Path, required=True, help="folder for encoder.npz and context.npz")
    parser.add_argument("--start", type=Path, help="a folder to go on from: an earlier output, or bot/matching")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--deep-rate", type=float, default=1e-4, help="of the encoder")
    parser.add_argument("--words", type=int, default=2200, help="in a step")
    parser.add_argument("--dropout", type=float, default=0.2)
    parser.add_argument("--word-dropout", type=float, default=0.1)
    parser.add_argument("--sign-dropout", type=float, default=0.1)
    parser.add_argument("--masked", type=float, default=0.05)
    parser.add_argument("--thin", type=float, default=0.2)
    parser.add_argument("--floor", type=float, default=ALERT_FLOOR)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    learn_reader.TOKENS = args.words
    args.output.mkdir(parents=True, exist_ok=True)
    with np.load(READER, allow_pickle=False) as held:
        vectors, scale = held["vectors"].astype(np.float32), held["vector_scale"]
        signs, words = (held[name].tobytes().decode().split("\n") for name in ("signs", "words"))
    coder = Coder(signs, words)
    english = {item["id"] for path in args.sets for item in read_set(path) if item.get("language", "en")[:2] == "en"}
    examples = [one for one in load(args.sets) if is_labelled(one) and one.key in english]
    args.checks = [(Path(path).name, load([path])) for path in args.check]
    print(f"{len(examples)} articles", flush=True)
    table = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), vectors * scale])
    learn(examples, coder, Pieces(pieces_of(args.base)), torch.tensor(table, dtype=torch.float32), args)


if __name__ == "__main__":
    main()
