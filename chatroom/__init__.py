"""The project. Imported first by every process, so this is where SQLite is chosen."""

import sys

try:
    import pysqlite3
    import pysqlite3.dbapi2
except (
    ImportError
):  # no wheel for this platform: the system's SQLite serves, and `serve` warns when it is an affected version
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
