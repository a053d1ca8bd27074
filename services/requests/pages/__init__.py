"""The pages of requests: a module of routes a page, its templates beside it."""
