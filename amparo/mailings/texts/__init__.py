"""Text messages (SMS): how long one is, what is filled in, how a reader gets out, and the providers that take them.

Whom a text goes to, its approval, pace, pause and recovery are those of every mailing; `carriers.sms` joins the two.
"""
