"""SQL of the pages that list requests, residents of a drive, and visits of a day."""
