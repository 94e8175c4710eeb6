"""Petitions and open letters: signing, how signatures are shown, versions of the text, posters and sheets."""
