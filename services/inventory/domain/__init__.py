"""Pure decisions on blank cards: where they are, when they are few, what a day's report says."""
