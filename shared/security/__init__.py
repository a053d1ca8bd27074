"""Who a caller is and what that allows: tokens, roles and wilayah, session cookies, keys, encryption."""
