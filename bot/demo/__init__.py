"""A bundled week of news, replayed on loopback: the whole bot with no token, no server and no internet."""
