"""Following a case or a campaign: the form, its confirmation, and the news that is sent."""
