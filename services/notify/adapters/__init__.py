"""What notify calls over the network: the receivers of webhooks, and the name servers that find them."""
