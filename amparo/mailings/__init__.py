"""What we send to supporters, and what came back."""
