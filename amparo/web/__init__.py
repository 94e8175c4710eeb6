"""The public face: templates, styles, health and error pages."""
