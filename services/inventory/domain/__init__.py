"""Pure decisions on blank cards: accounts and movements, levels, daily reports, late prints."""
