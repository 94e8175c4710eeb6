"""Lists that leave the house: columns, files, canaries, and a second person's yes."""
