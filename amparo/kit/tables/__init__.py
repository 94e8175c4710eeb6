"""Tables in files: reading CSV, TSV, XLSX and ZIP as programs write them, and writing them without formulas."""
