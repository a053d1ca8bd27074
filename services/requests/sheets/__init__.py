"""Lists of residents as spreadsheets write them: read forgivingly, written so that no cell can be a formula."""
