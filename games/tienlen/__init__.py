"""The card game Tiến Lên Miền Nam as pure functions over plain data: no Django, no clock, no chance of its own."""
