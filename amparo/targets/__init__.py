"""Who can grant a demand, anywhere in the world, and how to reach them."""
