"""Learn to read: `python tests/learn_reader.py SET.jsonl … [--check HELD_OUT.jsonl …] [--output FILE]`.

Learns the numbers of bot/matching/reader.py from labelled articles (tests/data/judgement/README.md) and prints how
held-out sets fare. Wants PyTorch, which the bot itself does not: `pip install torch` into .venv first. Word vectors are
taken from the reader.npz that is there (`--vectors FILE` for others, made by tests/make_word_vectors.py). A network as
small as this one learns more from how an encoder reads the same articles than from their labels alone: `--told FILE`,
which `tests/learn_encoder.py --tell FILE` writes.

The same sets and seeds give the same numbers on the same machine; an hour on one core for 17,000 articles.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as fn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import article_of, entities_of, read_set

from bot.matching.cues import load_vocabulary
from bot.matching.mentions import find_mentions
from bot.matching.names import NameIndex
from bot.matching.passages import read_passages
from bot.matching.reader import HEADS, VERDICTS, seen_by_heads
from bot.matching.signs import Signs, find_signs
from bot.matching.verdicts import ALERT_FLOOR, decide_verdict

READER = Path(__file__).resolve().parent.parent / "bot" / "matching" / "reader.npz"
EVENTS = ("new_sanctions", "possible", "relief", "renewal", "enforcement", "background", "none")
NAMES = [verdict.value for verdict in VERDICTS]
WIDTH, LAYERS, WINDOW = 128, 2, 5
SMALL = "small."  # how its numbers are named in reader.npz
SEEN_AT_LEAST = 3  # signs rarer than that are not learnt
TOKENS = 3000  # in a step
Made = TypeVar("Made")


@dataclass
class Example:
    """An article with its signs and labels."""

    key: str
    signs: Signs
    labels: dict[str, str]
    evidence: dict[str, int]  # entity -> ordinal of the sentence that decides
    event: str
    source: str
    told: dict[str, list[float]] = field(default_factory=dict)  # entity -> the odds of an encoder, where it was asked


def example_of(item: dict[str, Any]) -> Example | None:
    vocabulary = load_vocabulary(item.get("language", "en"))
    if vocabulary is None:
        return None
    article, index = article_of(item), NameIndex.compile(entities_of(item))
    mentions = find_mentions(article, index)
    sentences = read_passages(article, mentions, vocabulary)
    evidence = {}
    for key, start in item.get("evidence", {}).items():
        wanted = start.strip('"“” ')
        place = next((s.ordinal for s in sentences if wanted and (wanted in s.text or s.text in wanted)), None)
        if place is not None:
            evidence[key] = place
    signs = find_signs(sentences, mentions, index.entities, vocabulary)
    return Example(item["id"], signs, item["labels"], evidence, item.get("event", "none"), item["source"])


def readings_of(item: dict[str, Any]) -> list[Example]:
    """The article as whoever tracks all its names has it, then as who tracks one of them, another one or half of them:
    names that are not tracked are words like any. Empty if nobody labelled is found."""
    whole, pick = example_of(item), random.Random(item["id"])
    if whole is None or not is_labelled(whole):
        return []
    named = sorted({key for _, keys in whole.signs.names for key in keys if key in whole.labels})
    one = pick.choice(named)
    others = [key for key in named if key != one]
    tracked = [[one]] if others else []
    if len(others) > 1:
        tracked.append([pick.choice(others)] if pick.random() < 0.6 else pick.sample(named, len(named) // 2 + 1))
    parts = (example_of(_tracking(item, keys)) for keys in tracked)
    return [whole, *(part for part in parts if part and is_labelled(part))]


def _tracking(item: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    own = {
        field: {key: item[field][key] for key in keys if key in item.get(field, {})} for field in ("labels", "evidence")
    }
    return {**item, **own, "watch": [row for row in item["watch"] if row["key"] in keys]}


def load(paths: Sequence[str]) -> list[Example]:
    return _load(paths, example_of)


def load_readings(paths: Sequence[str]) -> list[list[Example]]:
    return _load(paths, readings_of)


def _load(paths: Sequence[str], make: Callable[[dict[str, Any]], Made | None]) -> list[Made]:
    items = [dict(item, source=Path(path).name) for path in paths for item in read_set(path)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return [one for one in pool.map(make, items, chunksize=16) if one]


def thinned(example: Example, share: float) -> Example:
    """The article without some of the sentences that name nobody and decide nothing, as an outlet might have cut it."""
    signs = example.signs
    held = {0, *example.evidence.values(), *(signs.sentence_of[token] for token, _ in signs.names)}
    gone = {one for one in set(signs.sentence_of) - held if random.random() < share}
    if not gone:
        return example
    kept = [token for token, sentence in enumerate(signs.sentence_of) if sentence not in gone]
    place = {token: at for at, token in enumerate(kept)}
    cut = Signs(
        [signs.words[token] for token in kept],
        [signs.signs[token] for token in kept],
        [signs.sentence_of[token] for token in kept],
        [(place[token], entities) for token, entities in signs.names],
        [signs.written[token] for token in kept],
    )
    return replace(example, signs=cut)


def is_labelled(example: Example) -> bool:
    return any(key in example.labels for _, keys in example.signs.names for key in keys)


class Coder:
    """Words and signs as numbers."""

    def __init__(self, signs: Sequence[str], words: Sequence[str]) -> None:
        self.signs, self.words = list(signs), list(words)
        self._sign = {sign: place for place, sign in enumerate(signs, start=1)}
        self._word = {word: place for place, word in enumerate(words, start=1)}

    def code(self, example: Example) -> tuple[Any, ...]:
        """Words, rows and columns of the signs, sentences."""
        signs = example.signs
        known = self._sign
        pairs = [(row, known[sign]) for row, own in enumerate(signs.signs) for sign in own if sign in known]
        rows, columns = np.array(pairs).T
        return np.array([self._word.get(word, 0) for word in signs.words]), rows, columns, np.array(signs.sentence_of)


@dataclass
class Batch:
    words: Tensor
    signs: Tensor
    mask: Tensor
    sentences: Tensor
    seen: Tensor
    places: tuple[Tensor, Tensor, Tensor]  # row, token, name
    rows: Tensor  # of each name
    labels: Tensor
    evidence: Tensor
    events: Tensor
    keys: list[tuple[str, str]]
    told: Tensor  # a row of odds for each name; nothing where no encoder was asked


def batch_of(examples: Sequence[Example], coder: Coder, sign_dropout: float = 0.0) -> Batch:
    coded = [coder.code(example) for example in examples]
    size, longest = len(examples), max(len(c[0]) for c in coded)
    words = np.zeros((size, longest), np.int64)
    signs = np.zeros((size, longest, len(coder.signs) + 1), np.float32)
    mask = np.zeros((size, longest), bool)
    sentences = np.full((size, longest), 10_000, np.int64)
    seen = np.full((size, HEADS, longest, longest), -1e4, np.float32)
    places: list[tuple[int, int, int]] = []
    rows, labels, evidence, keys, told = [], [], [], [], []
    for row, (example, (own, at, columns, ordinals)) in enumerate(zip(examples, coded, strict=True)):
        count = len(own)
        words[row, :count], mask[row, :count], sentences[row, :count] = own, True, ordinals
        signs[row][at, columns] = 1.0
        seen[row, :, :count, :count] = seen_by_heads(ordinals)
        numbers: dict[str, int] = {}
        for token, entities in example.signs.names:
            for entity in entities:
                if entity not in example.labels:
                    continue
                if entity not in numbers:
                    numbers[entity] = len(labels)
                    labels.append(NAMES.index(example.labels[entity]))
                    rows.append(row)
                    keys.append((example.key, entity))
                    evidence.append(example.evidence.get(entity, -1))
                    told.append(example.told.get(entity) or [0.0] * len(NAMES))
                places.append((row, token, numbers[entity]))
    shown = torch.from_numpy(signs)
    if sign_dropout:
        shown = shown.masked_fill(torch.rand(shown.shape) < sign_dropout, 0)
    first, second, third = (torch.tensor(column) for column in zip(*places, strict=True))
    return Batch(
        torch.from_numpy(words),
        shown,
        torch.from_numpy(mask),
        torch.from_numpy(sentences),
        torch.from_numpy(seen),
        (first, second, third),
        torch.tensor(rows),
        torch.tensor(labels),
        torch.tensor(evidence),
        torch.tensor([EVENTS.index(e.event) if e.event in EVENTS else 6 for e in examples]),
        keys,
        torch.tensor(told),
    )


def batches(examples: Sequence[Example], shuffled: bool) -> list[list[Example]]:
    """Examples of like length together, TOKENS words at a time."""
    order = list(examples)
    if shuffled:
        random.shuffle(order)
    found: list[list[Example]] = []
    for start in range(0, len(order), 256):
        current: list[Example] = []
        for example in sorted(order[start : start + 256], key=lambda one: len(one.signs.words)):
            if current and len(example.signs.words) * (len(current) + 1) > TOKENS:
                found.append(current)
                current = []
            current.append(example)
        found.append(current)
    if shuffled:
        random.shuffle(found)
    return found


class Layer(nn.Module):
    """As Reader._layer computes it."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.n0, self.n1, self.n2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.c = nn.Linear(WINDOW * WIDTH, WIDTH)
        self.qkv, self.o = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.f1, self.f2 = nn.Linear(WIDTH, 2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor, seen: Tensor) -> Tensor:
        size, count, _ = x.shape
        y = fn.pad(self.n0(x) * mask[..., None], (0, 0, WINDOW // 2, WINDOW // 2))
        window = torch.cat([y[:, i : i + count] for i in range(WINDOW)], -1)
        x = x + self.drop(fn.gelu(self.c(window), approximate="tanh"))
        q, k, v = self.qkv(self.n1(x)).view(size, count, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        y = fn.scaled_dot_product_attention(q, k, v, attn_mask=seen)
        x = x + self.drop(self.o(y.transpose(1, 2).reshape(size, count, WIDTH)))
        return x + self.drop(self.f2(fn.gelu(self.f1(self.n2(x)), approximate="tanh")))


class Net(nn.Module):
    """As Reader computes it, with dropout and two more questions that are only asked while it learns: the article's
    main event, and the sentence that decides."""

    def __init__(self, signs: int, vectors: Tensor, dropout: float, word_dropout: float) -> None:
        super().__init__()
        self.register_buffer("vectors", vectors, persistent=False)
        self.we, self.fe = nn.Linear(vectors.shape[1], WIDTH), nn.Linear(signs + 1, WIDTH, bias=False)
        nn.init.normal_(self.fe.weight, std=0.05)
        self.n, self.nf = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.drop, self.word_dropout = nn.Dropout(dropout), word_dropout
        self.blocks = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.att, self.doc = nn.Linear(WIDTH, 1), nn.Linear(WIDTH, 1)
        self.out = nn.Sequential(
            nn.Dropout(dropout), nn.Linear(3 * WIDTH, 128), nn.GELU("tanh"), nn.Dropout(dropout), nn.Linear(128, 9)
        )
        self.ev, self.q, self.k = nn.Linear(WIDTH, len(EVENTS)), nn.Linear(3 * WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        words = batch.words
        if self.training:
            words = words.masked_fill(torch.rand(words.shape) < self.word_dropout, 0)
        x = self.drop(self.n(self.given(batch, words)))
        for layer in self.blocks:
            x = layer(x, batch.mask, batch.seen)
        x = self.nf(x)
        weights = torch.softmax(self.doc(x).squeeze(-1).masked_fill(~batch.mask, -1e4), -1)
        whole = (weights[..., None] * x).sum(1)
        held = torch.cat([*self._pooled(x, batch), whole[batch.rows]], -1)
        return self.out(held), self.ev(whole), self._sentences(x, held, batch)

    def given(self, batch: Batch, words: Tensor) -> Tensor:
        return self.we(self.vectors[words]) + self.fe(batch.signs)

    def _pooled(self, x: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        row, token, name = batch.places
        here, count = x[row, token], len(batch.rows)
        score = self.att(here).squeeze(-1)
        top = torch.full((count,), -1e4).scatter_reduce(0, name, score, "amax")
        share = torch.exp(score - top[name])
        share = share / torch.zeros(count).index_add(0, name, share)[name]
        mean = torch.zeros(count, WIDTH).index_add(0, name, share[:, None] * here)
        most = torch.full((count, WIDTH), -1e4).scatter_reduce(0, name[:, None].expand_as(here), here, "amax")
        return mean, most

    def _sentences(self, x: Tensor, held: Tensor, batch: Batch) -> Tensor:
        """Scores of sentences by ordinal."""
        last = int(batch.sentences[batch.mask].max()) + 1
        inside = fn.one_hot(batch.sentences.clamp(max=last), last + 1)[..., :last].float() * batch.mask[..., None]
        counts = inside.sum(1)
        means = inside.transpose(1, 2) @ x / (counts[..., None] + 1e-6)
        scores = (self.q(held)[:, None, :] * self.k(means)[batch.rows]).sum(-1) / math.sqrt(WIDTH)
        return scores.masked_fill((counts == 0)[batch.rows], -1e4)


def loss_of(told: tuple[Tensor, Tensor, Tensor], batch: Batch, share: float = 0.0) -> Tensor:
    """`share`: of the odds that an encoder told, where it did; the rest is of the labels."""
    verdicts, events, sentences = told
    wrong = fn.cross_entropy(verdicts, batch.labels, label_smoothing=0.05, reduction="none")
    unlike = -(batch.told * torch.log_softmax(verdicts, -1)).sum(-1)
    loss = torch.where(batch.told.sum(-1) > 0, (1 - share) * wrong + share * unlike, wrong).mean()
    loss = loss + 0.2 * fn.cross_entropy(events, batch.events)
    known = batch.evidence >= 0
    if known.any():
        loss = loss + 0.3 * fn.cross_entropy(sentences[known], batch.evidence[known])
    return loss


def schedule_of(optimizer: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LambdaLR:
    """Up for a tenth of the steps, then down along a cosine."""
    return torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min(1, s / (0.1 * steps)) * max(0.01, 0.5 * (1 + math.cos(math.pi * min(1, s / steps))))
    )


def in_part(articles: Sequence[list[Example]], share: float) -> list[Example]:
    """Each article once: a share of those with several names as somebody who tracks only some of them has it."""
    return [random.choice(one[1:]) if len(one) > 1 and random.random() < share else one[0] for one in articles]


def whose(example: Example) -> str:
    """An article's name among those of all sets: two sets may have one id."""
    return f"{example.source}:{example.key}"


def with_odds(articles: Sequence[list[Example]], path: Path) -> list[list[Example]]:
    """`path`: what `tests/learn_encoder.py --tell` wrote of the same sets, for each reading of an article in order."""
    odds = json.loads(path.read_text())
    known = [odds.get(whose(one[0])) for one in articles]
    if not any(known):
        raise SystemExit(f"{path} tells of none of these articles: was it written of other sets?")
    return [
        [replace(reading, told=told) for reading, told in zip(one, theirs or [{}] * len(one), strict=True)]
        for one, theirs in zip(articles, known, strict=True)
    ]


def learn(articles: Sequence[list[Example]], coder: Coder, vectors: Tensor, args: argparse.Namespace, seed: int) -> Net:
    """`articles`: the readings of each; a round shows one of them."""
    random.seed(seed)
    torch.manual_seed(seed)
    net = Net(len(coder.signs), vectors, args.dropout, args.word_dropout)
    if args.start:
        with np.load(args.start, allow_pickle=False) as held:
            known = {
                name.removeprefix(SMALL): torch.tensor(held[name].astype(np.float32))
                for name in held.files
                if name.startswith(SMALL)
            }
        net.load_state_dict(known, strict=False)  # the question of the event is asked anew
    steps = args.rounds * len(batches(in_part(articles, args.part), shuffled=True))
    optimizer = torch.optim.AdamW(net.parameters(), lr=args.rate, betas=(0.9, 0.98), weight_decay=0.05)
    schedule = schedule_of(optimizer, steps)
    smooth = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.998))
    started = time.monotonic()
    for turn in range(args.rounds):
        net.train()
        total, turns = 0.0, batches(in_part(articles, args.part), shuffled=True)
        for chunk in turns:
            cut = [thinned(one, args.thin) if random.random() < 0.4 else one for one in chunk]
            batch = batch_of(cut, coder, args.sign_dropout)
            loss = loss_of(net(batch), batch, args.told_share)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            smooth.update_parameters(net)
            total += loss.item()
        print(f"round {turn + 1}: loss {total / len(turns):.3f}, {time.monotonic() - started:.0f} s", flush=True)
        if (turn + 1) % args.every == 0 or turn + 1 == args.rounds:
            check(smooth.module, coder, args)
            if args.output:
                write(smooth.module, coder, args.held_vectors, len(articles), args.output)
    return smooth.module


def check(net: Net, coder: Coder, args: argparse.Namespace) -> None:
    for name, held in args.checks:
        print(f"  {name}: {report(held, odds_of(net, held, coder), args.floor)}", flush=True)


def odds_of(net: Net, examples: Sequence[Example], coder: Coder) -> dict[tuple[str, str], Tensor]:
    found: dict[tuple[str, str], Tensor] = {}
    net.eval()
    with torch.no_grad():
        for chunk in batches([one for one in examples if is_labelled(one)], shuffled=False):
            batch = batch_of(chunk, coder)
            found |= dict(zip(batch.keys, net(batch)[0].softmax(-1), strict=True))
    return found


def report(examples: Sequence[Example], found: dict[tuple[str, str], Tensor], floor: float) -> str:
    """Figures of one set; names that are not found count as `absent`."""
    pairs: Counter[tuple[str, str]] = Counter()
    quiet = noisy = 0
    for example in examples:
        alerts = 0
        for key, label in example.labels.items():
            row = found.get((example.key, key))
            said = "absent"
            if row is not None:
                odds = {verdict: float(row[place]) for place, verdict in enumerate(VERDICTS)}
                said = decide_verdict(odds, floor).value
            pairs[label, said] += 1
            alerts += said == "new_sanctions"
        if "new_sanctions" not in example.labels.values():
            quiet += 1
            noisy += bool(alerts)
    scores = dict(_scores(pairs))
    new = scores["new_sanctions"]
    macro = sum(f1 for _, _, f1 in scores.values()) / len(scores)
    right = sum(pairs[name, name] for name in NAMES) / max(1, sum(pairs.values()))
    each = " ".join(f"{name[:5]} {f1:.2f}" for name, (_, _, f1) in scores.items())
    alert = f"P {new[0]:.3f} R {new[1]:.3f} F1 {new[2]:.3f} noisy {noisy}/{quiet}"
    return f"{alert} macro {macro:.3f} right {right:.3f} | {each}"


def _scores(pairs: Counter[tuple[str, str]]) -> Iterator[tuple[str, tuple[float, float, float]]]:
    for name in NAMES:
        hit = pairs[name, name]
        truth = sum(n for (label, _), n in pairs.items() if label == name)
        said = sum(n for (_, one), n in pairs.items() if one == name)
        if truth or name == "new_sanctions":
            precision, recall = hit / max(1, said), hit / max(1, truth)
            yield name, (precision, recall, 2 * precision * recall / max(1e-9, precision + recall))


def write(net: Net, coder: Coder, vectors: dict[str, Any], examples: int, output: Path) -> None:
    """The learnt numbers as 16-bit floats, the word vectors as bytes with a scale."""
    numbers = {
        f"{SMALL}{name}": value.detach().numpy().astype(np.float16)
        for name, value in net.state_dict().items()
        if not name.startswith("ev.")
    }
    np.savez_compressed(
        output,
        **numbers,
        temperature=np.array(1.0),
        vectors=vectors["vectors"],
        vector_scale=vectors["vector_scale"],
        words=np.frombuffer("\n".join(coder.words).encode(), np.uint8),
        signs=np.frombuffer("\n".join(coder.signs).encode(), np.uint8),
    )
    print(f"{output}: {output.stat().st_size / 1e6:.1f} MB, learnt from {examples} articles")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", help="labelled articles to learn from")
    parser.add_argument("--check", nargs="*", default=[], help="held-out sets, only measured")
    parser.add_argument("--output", type=Path, help="where to write the reader; nothing is written without it")
    parser.add_argument("--vectors", type=Path, default=READER, help="file with the word vectors")
    parser.add_argument("--start", type=Path, help="a reader of one network to go on from, with its signs")
    parser.add_argument("--told", type=Path, help="odds of an encoder for the same sets, to learn from too")
    parser.add_argument("--told-share", type=float, default=0.65, help="how much of what is learnt is theirs")
    parser.add_argument("--part", type=float, default=0.45, help="share of articles shown with some of their names")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--word-dropout", type=float, default=0.1)
    parser.add_argument("--sign-dropout", type=float, default=0.1)
    parser.add_argument("--thin", type=float, default=0.2, help="share of idle sentences to leave out")
    parser.add_argument("--floor", type=float, default=ALERT_FLOOR)
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with np.load(args.vectors, allow_pickle=False) as held:
        vectors = {name: held[name] for name in ("vectors", "vector_scale", "words")}
    words = vectors["words"].tobytes().decode().split("\n")
    articles = load_readings(args.sets)
    if args.told:
        articles = with_odds(articles, args.told)
    args.checks = [(Path(path).name, load([path])) for path in args.check]
    counted = Counter(sign for one in articles for own in one[0].signs.signs for sign in own)
    known_signs = [sign for sign, n in counted.most_common() if n >= SEEN_AT_LEAST]
    if args.start:
        with np.load(args.start, allow_pickle=False) as held:
            known_signs = held["signs"].tobytes().decode().split("\n")
    coder = Coder(known_signs, words)
    print(f"{len(articles)} articles, {sum(counted.values())} signs of {len(coder.signs)} kinds")
    table = np.concatenate([np.zeros((1, vectors["vectors"].shape[1])), vectors["vectors"] * vectors["vector_scale"]])
    args.held_vectors = vectors
    learn(articles, coder, torch.tensor(table, dtype=torch.float32), args, args.seed)


if __name__ == "__main__":
    main()
