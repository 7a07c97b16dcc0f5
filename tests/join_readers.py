"""Join a reader with the networks of tests/learn_encoder.py: `python tests/join_readers.py READER.npz … --output FILE`.

Their mean is what runs (bot/matching/reader.py). How they share in it and how its odds are calibrated is taken over
from the reader that ships, but for what is given here.
`--temperature` above 1 makes it less sure of itself; `--calibration` says how often new sanctions are right that the
mean finds so probable, as "0:0 0.3:0.5 1:1": choose both so that `tests/measure.py` on held-out articles shows of
findings said 0.9 about nine in ten to be right.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

SHIPPED = Path(__file__).resolve().parent.parent / "bot" / "matching" / "reader.npz"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", type=Path, help="a file written by tests/learn_reader.py")
    parser.add_argument("--context", type=Path, required=True, help="context.npz of tests/learn_encoder.py, English")
    parser.add_argument("--languages", type=Path, required=True, help="the same of the other languages")
    parser.add_argument("--like", type=Path, default=SHIPPED, help="the reader whose shares and calibration are kept")
    parser.add_argument("--share", type=float, help="of the network of the context in the mean")
    parser.add_argument("--share-of-both", type=float, help="of both where English asks the second too")
    parser.add_argument("--share-of-languages", type=float, help="of the network of the other languages")
    parser.add_argument("--temperature", type=float)
    parser.add_argument("--calibration", type=_curve, help="probability:share right, rising")
    parser.add_argument("--calibration-of-signs", type=_curve, help="the same, of languages but English")
    parser.add_argument("--output", type=Path, required=True)
    args = parser.parse_args(arguments)
    with np.load(args.reader, allow_pickle=False) as numbers:
        joined: dict[str, np.ndarray] = {name: numbers[name] for name in numbers.files}
    for path in (args.context, args.languages):
        with np.load(path, allow_pickle=False) as numbers:
            if not np.array_equal(joined["signs"], numbers["signs"]):
                raise SystemExit(f"{path}: other signs than {args.reader}")
            joined |= {name: numbers[name] for name in numbers.files if name != "signs"}
    settings = {
        "share_of_context": args.share,
        "share_of_both": args.share_of_both,
        "share_of_languages": args.share_of_languages,
        "temperature": args.temperature,
        "calibration": args.calibration,
        "calibration_of_signs": args.calibration_of_signs,
    }
    with np.load(args.like, allow_pickle=False) as numbers:
        joined |= {name: numbers[name] if given is None else np.array(given) for name, given in settings.items()}
    for name in settings:
        print(f"{name}: {joined[name].tolist()}{'' if settings[name] is not None else f', as in {args.like}'}")
    np.savez_compressed(args.output, **joined)
    print(f"{args.output}: {args.output.stat().st_size / 1e6:.1f} MB")


def _curve(told: str) -> np.ndarray:
    return np.array(sorted([float(number) for number in pair.split(":")] for pair in told.split())).T


if __name__ == "__main__":
    main()
