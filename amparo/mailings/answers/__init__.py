"""What comes back: bounces, complaints, providers' reports, answered texts, and what follows for the person."""
