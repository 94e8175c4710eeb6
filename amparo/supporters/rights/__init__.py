"""What a person may ask for: their whole record, its erasure, a complaint."""
