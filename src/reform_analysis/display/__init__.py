"""What a reader sees: the only room that rounds, labels, colours and translates."""
