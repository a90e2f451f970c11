"""What syncd remembers between two passes: tables, their migrations and the store that reads and writes them.

Everything enters by ``store.open_store``. Nothing of the settings is kept here, so no secret can be.
"""
