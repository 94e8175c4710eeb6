"""Programs whose lists can be brought in, one file each; see docs/extend/import-source.md."""
