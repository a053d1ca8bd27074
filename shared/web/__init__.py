"""What the pages of all services share: the frame, the parts, the words, and the page Operasi.

A page is made whole on the server and comes alive afterwards; it asks nothing of any other origin, and has no
script or style of its own in the HTML, so that a strict Content-Security-Policy holds.
"""
