"""What the networks compute with, in plain numpy and in place: the arrays of attention are large."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
_AT_ONCE = 32_768  # numbers: two such rows stay in the processor's cache
_LEAST, _MOST = 1e-30, 1e36  # sums of exp between which no share that counts is lost


def softmax(x: Array) -> Array:
    """Shares of the last axis, in place."""
    x -= x.max(axis=-1, keepdims=True)
    np.exp(x, out=x)
    x /= x.sum(axis=-1, keepdims=True)
    return x


def attend(asking: Array, keys: Array, values: Array, bias: Array | None = None) -> Array:
    """What each of the asking hears of the values: their mean, by how alike its numbers and their keys are. Divided
    last, when little is left to divide. Ask in blocks: what is between should stay in the processor's cache."""
    alike = _alike(asking, keys, bias)
    with np.errstate(over="ignore"):
        np.exp(alike, out=alike)
    whole = _sums(alike)
    if not (whole.min() > _LEAST and whole.max() < _MOST):  # seldom: only then is the greatest taken off first
        alike = _alike(asking, keys, bias)
        alike -= alike.max(axis=-1, keepdims=True)
        np.exp(alike, out=alike)
        whole = _sums(alike)
    told: Array = np.matmul(alike, values)
    told /= whole[..., None]
    return told


def _alike(asking: Array, keys: Array, bias: Array | None) -> Array:
    alike: Array = np.matmul(asking, keys.swapaxes(-1, -2))
    if bias is not None:
        alike += bias
    return alike


def _sums(x: Array) -> Array:
    """Of the last axis: as a product of matrices in a third of the time of `sum`."""
    return np.asarray(np.matmul(x, np.ones(x.shape[-1], np.float32)))


def normed(x: Array, least: float) -> Array:
    """Each row less its mean, in shares of its spread."""
    width = x.shape[-1]
    centred: Array = x - np.matmul(x, np.full((width, 1), 1 / width, np.float32))
    spread = np.einsum("...i,...i->...", centred, centred)[..., None]
    spread *= np.float32(1 / width)
    spread += np.float32(least)
    centred /= np.sqrt(spread)
    return centred


def gelu(x: Array) -> Array:
    """The usual approximation by tanh (Hendrycks and Gimpel, 2016), in place and written with exp, which takes half the
    time of tanh: x / (1 + exp(-2u))."""
    flat = x.reshape(-1)
    room = np.empty(min(_AT_ONCE, flat.size), np.float32)
    with np.errstate(over="ignore"):  # where exp has no number for it the share is nothing
        for start in range(0, flat.size, _AT_ONCE):
            part = flat[start : start + _AT_ONCE]
            inner = np.multiply(part, part, out=room[: part.size])
            inner *= np.float32(-2 * 0.7978845608 * 0.044715)
            inner -= np.float32(2 * 0.7978845608)
            inner *= part
            np.exp(inner, out=inner)
            inner += np.float32(1)
            part /= inner
    return x
