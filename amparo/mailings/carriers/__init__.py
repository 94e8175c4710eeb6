"""The ways on which mailings leave: the mail server, a provider's programming interface, text messages.

A carrier says what is peculiar to its way: which column holds where a message goes, how a text is compiled, and what
talks to the outside. Who is written to, what is known of each recipient, pace, pause and recovery are the same for all
(`delivering_mailings`). A new one is a class in this folder and a line in `choosing`.
"""
