"""The steps by which a database of any age becomes one of today. Run by ``syncd.store.schema``, never by hand."""
