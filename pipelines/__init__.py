"""Everything that runs. Not here: the lake's columns (`lake_schema`) and its queries (`sql/`)."""
