"""One notebook and many parameters become many reports."""
