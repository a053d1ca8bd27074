"""What a family follows: the tracking code, the status of a case in one sentence, and the promised visit window."""
