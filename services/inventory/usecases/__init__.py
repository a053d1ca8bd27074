"""What inventory does: lock, decide, post movements, publish. An event is never refused for lack of cards."""
