"""The connections of a mailing: mails in hand, the log of what was begun, SMTP that never waits. No database here."""
