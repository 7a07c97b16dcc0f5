"""Score the judgement core on a labelled set: `python tests/measure.py SET.jsonl [--errors]`.

Prints precision, recall and F1 for each verdict, macro F1, noisy articles, and which facts the key points cover. The format
of a set is that of tests/data/judgement/README.md.
"""
