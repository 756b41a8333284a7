"""These tests ask a Hub, which is a local one."""

from local_hub import hub, online

__all__ = ["hub", "online"]
