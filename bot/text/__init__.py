"""Text that others wrote, as it is read. Decides nothing about sanctions.

bytes | decoding | markup → text. folding.py makes one string of all spellings of a name, phrasing.py and openers.py
find sentences, dates.py reads when a page was published, figures.py how rough a number is, asides.py what stands beside
a name, datelines.py takes off the place and day of writing, acts.py knows the words of sanctions. furniture.py and
pointers.py know the lines of a page that tell of the page, or of another story. patterns.py reads the words of many
languages, which are data."""
