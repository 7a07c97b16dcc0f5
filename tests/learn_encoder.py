"""Learn words in their context: `python tests/learn_encoder.py SET.jsonl … --base DIR --output DIR`.

Goes on learning the upper layers of an encoder (`--base`: its folder as transformers saves it) together with a network
that asks them and the signs who is newly sanctioned (bot/matching/encoder.py, reader.py). Writes the encoder's files,
which belong into bot/matching, and context.npz, which tests/join_readers.py joins with the small network. Wants
PyTorch and transformers, which the bot itself does not.

A base whose pieces are BERT's (all-MiniLM-L6-v2) learns from English articles alone; one whose pieces are unigrams
(multilingual-e5-small, made ready by tests/take_base.py) from all other languages and, each round, `--english` others,
as it reads English too.

The same sets and seeds give the same numbers on the same machine; half an hour a round on two cores for 7,000 articles.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
    in_part,
    is_labelled,
    load,
    load_readings,
    report,
    thinned,
    whose,
)
from measure import read_set

from bot.matching.encoder import ENGLISH, LANGUAGES, Window, find_windows
from bot.matching.pieces import Pieces, Unigrams, WordPieces, in_turn, stand_ins_of
from bot.matching.verdicts import ALERT_FLOOR

DEEP = 384
CONTEXTS = {ENGLISH: "context.", LANGUAGES: "languages."}  # how the network that asks it is named in reader.npz
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


@dataclass
class Windows:
    groups: list[Group]
    held_by: list[list[int]]  # for each article, as bot.matching.pieces.Cut


def find_all_windows(examples: Sequence[Example], pieces: Pieces, *, shuffled: bool, masked: float = 0.0) -> Windows:
    """`shuffled`: names get other words each time. `masked`: the share of words that are not shown."""
    pick = (lambda words, _: random.choice(words)) if shuffled else in_turn
    cuts = [pieces.cut(one.signs, stand_ins_of(one.signs, pick)) for one in examples]
    windows = [
        (row, window)
        for row, (one, cut) in enumerate(zip(examples, cuts, strict=True))
        for window in find_windows(cut, one.signs.sentence_of, pieces)
    ]
    windows.sort(key=lambda pair: -len(pair[1].pieces))
    groups: list[list[tuple[int, Window]]] = []
    for row, window in windows:
        if not groups or len(window.pieces) < 0.7 * len(groups[-1][0][1].pieces):
            groups.append([])
        groups[-1].append((row, window))
    return Windows([_group(one, masked) for one in groups], [cut.held_by for cut in cuts])


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

    def __init__(
        self, signs: int, vectors: Tensor, dropout: float, word_dropout: float, base: str, kept: int = 2
    ) -> None:
        """`kept`: lower layers that are not learnt on, as what they know of words is better left."""
        super().__init__(signs, vectors, dropout, word_dropout)
        self.blocks = nn.ModuleList([Layer(dropout)])
        self.pe = nn.Linear(DEEP, WIDTH)
        # making random numbers for its own dropout would take half of the time
        self.encoder = AutoModel.from_pretrained(base, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        self.encoder.pooler = None
        for part in (self.encoder.embeddings, *self.encoder.encoder.layer[:kept]):
            part.requires_grad_(False)
        self.windows = Windows([], [])

    def given(self, batch: Batch, words: Tensor) -> Tensor:
        return super().given(batch, words) + self.pe(self.encoded(*batch.words.shape))

    def encoded(self, rows: int, tokens: int) -> Tensor:
        """The mean of each token's pieces."""
        told, counts = torch.zeros(rows * tokens, DEEP), torch.zeros(rows * tokens)
        for group in self.windows.groups:
            with torch.autocast("cpu", torch.bfloat16, enabled=self.training):  # twice as fast where processors have it
                read = self.encoder(input_ids=group.pieces, attention_mask=group.mask).last_hidden_state
            read = read.float().reshape(-1, DEEP)
            where = group.row * tokens + group.token
            told = told.index_add(0, where, read[group.place])
            counts = counts.index_add(0, where, torch.ones(len(where)))
        held = torch.zeros(rows, tokens, dtype=torch.long)
        for row, own in enumerate(self.windows.held_by):
            held[row, : len(own)] = torch.tensor(own)
        held += torch.arange(rows)[:, None] * tokens
        return (told / counts.clamp(min=1)[:, None])[held]


def learn(
    readings: Sequence[list[Example]],
    shown: Callable[[], list[Example]],
    coder: Coder,
    vectors: Tensor,
    args: argparse.Namespace,
) -> None:
    """`shown`: the articles of a round. `readings`: of all articles that it can read, which `--tell` asks for."""
    pieces = pieces_of(args.base)
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    net = Net(len(coder.signs), vectors, args.dropout, args.word_dropout, str(args.base), args.kept)
    if args.start:
        read(net, args.start, name_of(args.base))
    if args.tell:
        tell(net, readings, coder, pieces, args.tell)
        return
    deep = [p for name, p in net.named_parameters() if name.startswith("encoder.") and p.requires_grad]
    own = [p for name, p in net.named_parameters() if not name.startswith("encoder.")]
    rates = [
        {"params": deep, "lr": args.deep_rate, "weight_decay": 0.01},
        {"params": own, "lr": args.rate, "weight_decay": 0.05},
    ]
    steps = args.rounds * len(batches(shown(), shuffled=True))
    optimizer = torch.optim.AdamW(rates)
    schedule = learn_reader.schedule_of(optimizer, steps)
    smooth = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995))
    started = time.monotonic()
    for turn in range(args.rounds):
        net.train()
        total, turns = 0.0, batches(shown(), shuffled=True)
        for at, chunk in enumerate(turns, start=1):
            cut = [thinned(one, args.thin) if random.random() < 0.4 else one for one in chunk]
            batch = batch_of(cut, coder, args.sign_dropout)
            net.windows = find_all_windows(cut, pieces, shuffled=True, masked=args.masked)
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
    if args.start and args.mean < 1:
        net.load_state_dict(smooth.module.state_dict())
        learnt = {name: value.clone() for name, value in net.state_dict().items()}
        read(net, args.start, name_of(args.base))
        net.load_state_dict({name: mean(net.state_dict()[name], value, args.mean) for name, value in learnt.items()})
        write(net, coder, args.base, args.output)


def mean(before: Tensor, after: Tensor, share: float) -> Tensor:
    """Of two states of the same numbers, `share` of the later one. Counts and places stay."""
    return torch.lerp(before, after, share) if after.is_floating_point() else after


def odds_of(net: Net, examples: Sequence[Example], coder: Coder, pieces: Pieces) -> dict[tuple[str, str], Tensor]:
    found: dict[tuple[str, str], Tensor] = {}
    net.eval()
    with torch.no_grad():
        for chunk in batches([one for one in examples if is_labelled(one)], shuffled=False):
            batch = batch_of(chunk, coder)
            net.windows = find_all_windows(chunk, pieces, shuffled=False)
            found |= dict(zip(batch.keys, net(batch)[0].softmax(-1), strict=True))
    return found


def tell(net: Net, articles: Sequence[list[Example]], coder: Coder, pieces: Pieces, output: Path) -> None:
    """Write how it reads each reading of each article, for tests/learn_reader.py: {article: [{entity: [odds]}]}."""
    told: dict[str, list[dict[str, list[float]]]] = {whose(one[0]): [{} for _ in one] for one in articles}
    for place in range(max(map(len, articles))):
        readings = [replace(one[place], key=whose(one[0])) for one in articles if len(one) > place]
        for (article, entity), odds in odds_of(net, readings, coder, pieces).items():
            told[article][place][entity] = [round(float(odd), 4) for odd in odds]
    output.write_text(json.dumps(told))


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
    numbers = {"places": places + kinds[0]}
    for ours, theirs in names_of(net).items():
        for kind in ("weight", "bias"):
            value = np.concatenate([state[f"{name}.{kind}"] for name in theirs])
            numbers |= _with_scale(f"{ours}.{kind}", value) if value.ndim == 2 else {f"{ours}.{kind}": value}
    for part, own in (("encoder", numbers), ("pieces", {**packed(base), **_with_scale("vectors", words)})):
        halved = {name: value.astype(np.float16) if value.dtype == np.float32 else value for name, value in own.items()}
        np.savez_compressed(output / f"{part}_{name_of(base)}.npz", **halved)
    own = {name: value for name, value in state.items() if not name.startswith(("encoder.", "ev."))}
    np.savez_compressed(
        output / "context.npz",
        **{CONTEXTS[name_of(base)] + name: value.astype(np.float16) for name, value in own.items()},
        signs=np.frombuffer("\n".join(coder.signs).encode(), np.uint8),
    )


def read(net: Net, folder: Path, which: str) -> None:
    """What `write` wrote, or what ships (the network of the context is in reader.npz there)."""
    prefix = CONTEXTS[which]
    state: dict[str, Tensor] = {}
    with np.load(folder / f"encoder_{which}.npz", allow_pickle=False) as held:
        for ours, theirs in names_of(net).items():
            for kind in ("weight", "bias"):
                name = f"{ours}.{kind}"
                scale = held[f"{name}.scale"].astype(np.float32) if f"{name}.scale" in held.files else 1.0
                parts = np.split(held[name].astype(np.float32) * scale, len(theirs))
                state |= {f"{one}.{kind}": torch.tensor(part) for one, part in zip(theirs, parts, strict=True)}
    own = folder / "context.npz"
    with np.load(own if own.exists() else folder / "reader.npz", allow_pickle=False) as held:
        for name in held.files:
            if name.startswith(prefix):
                state[name.removeprefix(prefix)] = torch.tensor(held[name].astype(np.float32))
    net.load_state_dict(state, strict=False)  # word pieces are not learnt; the question of the event is asked anew


def _with_scale(name: str, rows: np.ndarray) -> dict[str, np.ndarray]:
    scale = np.abs(rows).max(axis=1, keepdims=True) / 127
    scale = np.maximum(scale, 1e-8).astype(np.float32)
    return {name: np.rint(rows / scale).astype(np.int8), f"{name}.scale": scale}


def vocabulary_of(base: Path) -> dict[str, float] | None:
    """Piece -> its score, of unigrams in the order of their numbers."""
    model = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))["model"]
    return dict(model["vocab"]) if model["type"] == "Unigram" else None


def name_of(base: Path) -> str:
    return LANGUAGES if vocabulary_of(base) else ENGLISH


def packed(base: Path) -> dict[str, np.ndarray]:
    """The pieces as their file has them."""
    scores = vocabulary_of(base)
    if scores:
        words, more = list(scores), {"scores": np.array(list(scores.values()), np.float16)}
    else:
        known = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
        words, more = sorted(known, key=known.__getitem__), {}
    return {"words": np.frombuffer("\n".join(words).encode(), np.uint8), **more}


def pieces_of(base: Path) -> Pieces:
    scores = vocabulary_of(base)
    if scores:
        return Unigrams(list(scores), list(scores.values()))
    return WordPieces(packed(base)["words"].tobytes().decode().split("\n"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", help="labelled articles to learn from")
    parser.add_argument("--base", type=Path, required=True, help="folder of the encoder to go on from")
    parser.add_argument("--check", nargs="*", default=[], help="held-out sets, only measured")
    parser.add_argument("--output", type=Path, help="folder for the encoder and context.npz")
    parser.add_argument(
        "--tell", type=Path, help="learn nothing: write how --start reads the sets, for learn_reader.py"
    )
    parser.add_argument("--start", type=Path, help="a folder to go on from: an earlier output, or bot/matching")
    parser.add_argument("--mean", type=float, default=1.0, help="the share of what is learnt in its mean with --start")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--deep-rate", type=float, default=1e-4, help="of the encoder")
    parser.add_argument("--kept", type=int, default=2, help="lower layers that are not learnt on")
    parser.add_argument("--new", nargs="*", default=[], help="sets of new articles: each round shows all of them")
    parser.add_argument("--known", type=int, help="English articles of the other sets a round; all, if left out")
    parser.add_argument("--english", type=int, default=2600, help="English articles a round beside the other languages")
    parser.add_argument("--part", type=float, default=0.45, help="share of articles shown with some of their names")
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
    if args.tell is None and args.output is None:
        parser.error("--output says where to write what is learnt")
    if args.output:
        args.output.mkdir(parents=True, exist_ok=True)
    with np.load(READER, allow_pickle=False) as held:
        vectors, scale = held["vectors"].astype(np.float32), held["vector_scale"]
        signs, words = (held[name].tobytes().decode().split("\n") for name in ("signs", "words"))
    english = {
        item["id"]
        for path in (*args.sets, *args.new)
        for item in read_set(path)
        if item.get("language", "en")[:2] == "en"
    }
    articles, new = (load_readings(sets) for sets in (args.sets, args.new))
    args.checks = [(Path(path).name, load([path])) for path in args.check]
    theirs, others = ([one for one in articles if (one[0].key in english) == is_one] for is_one in (True, False))
    print(f"{len(theirs)} English articles, {len(others)} others, {len(new)} new ones", flush=True)
    if name_of(args.base) == ENGLISH:
        table = np.concatenate([np.zeros((1, vectors.shape[1]), np.float32), vectors * scale])
        new = [one for one in new if one[0].key in english]
        shown = lambda: new + random.sample(theirs, min(args.known or len(theirs), len(theirs)))  # noqa: E731
        vectors = torch.tensor(table, dtype=torch.float32)
        learn([*new, *theirs], lambda: in_part(shown(), args.part), Coder(signs, words), vectors, args)
    else:  # no vectors of words: they are of English ones
        shown = lambda: new + others + random.sample(theirs, min(args.english, len(theirs)))  # noqa: E731
        nothing = torch.zeros(1, vectors.shape[1])
        learn([*new, *others], lambda: in_part(shown(), args.part), Coder(signs, []), nothing, args)


if __name__ == "__main__":
    main()
