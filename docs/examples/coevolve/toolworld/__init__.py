"""A small world of tools: 25 of them in five domains, tasks from templates, exact rewards, and agents that fail.

Everything follows from numbers given as seeds; nothing is random beyond them, and nothing but Python is needed.
"""
