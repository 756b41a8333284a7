"""Logs as text for prompts: short, and without anything that could pass for a part of the prompt."""
