"""watch and approve: the watchlists, changed and seen in a chat.

table.py: what can be done | watching.py: what all of it shares | adding.py, drafting.py (one question after another),
filling.py (a form): a new name | editing.py: one that is there | importing.py, keyless.py (rows without keys): many |
nearly.py, doubles.py: perhaps tracked already | approving.py: a second admin's word | versions.py: history and back |
watchlists.py: which there are, and export"""
