"""What the four services share: the contract of events, and how they are sent, taken and served."""
