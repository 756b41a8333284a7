"""Stage 4: accepted samples become dataset rows (AgentHER §3.4).

selection/  which samples go in, how much each counts, and on which side of the split it is
talk/       a run as a conversation
pairs/      two runs of one task, of which one did better
formats/    a file for each dataset format
table.py    the formats by name
"""
