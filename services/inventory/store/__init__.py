"""All SQL of inventory. Order of locks, everywhere: provincial store, movements, office_stock, then the rest."""
