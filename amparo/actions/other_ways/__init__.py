"""Ways to act that leave no letter with us: calls, letters by post, sharing, partners' actions."""
