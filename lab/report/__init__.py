"""The story of a simulation as one HTML file: no script, no request to anywhere. `page.render` makes it."""
