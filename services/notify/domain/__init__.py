"""Pure decisions on alerts, working time, shipments and webhooks."""
