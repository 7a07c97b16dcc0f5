"""Who is named in an article (names, mentions) and what the article says of them (cues, verdicts)."""
