"""What the pages of docs/extend/ show, installed as an app, so that the tests can run it."""
