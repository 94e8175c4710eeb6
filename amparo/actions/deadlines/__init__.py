"""What an hour decides: the countdown's plan, reminders to staff, closing, and what was achieved."""
