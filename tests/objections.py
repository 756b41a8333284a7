"""What the mechanical judge has against a proposal."""

import asyncio

from agenther.judges.grounded import grounded


def objections(run, proposal):
    """The rule that proves it wrong, alone, or those that doubt it."""
    verdict = asyncio.run(grounded(run, proposal))
    assert verdict.valid is not bool(verdict.rule)
    return (verdict.rule,) if verdict.rule else tuple(point.rule for point in verdict.points)


def is_said(expected, found):
    """Is it one of the rules that were found; where it is None, was none?"""
    return expected in found if expected else found == ()
