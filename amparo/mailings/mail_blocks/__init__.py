"""The built-in blocks of a mailing. What upper floors have to show, they offer in a `mail_blocks.py` of their own."""
