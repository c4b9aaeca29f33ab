"""What strangers' files are read with: programs of their own, with bounded memory and time (`child/`), and what starts them (`run.py`)."""
