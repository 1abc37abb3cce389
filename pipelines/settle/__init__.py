"""Step 7: what the records show, the findings and the terms → what is owed, line by line.

Money is decimal and exact. Which calls are wrong is decided in `checks/`, never here.
"""
