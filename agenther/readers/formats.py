"""The log formats that can be read, each by its name; see `base` for what one is."""

from agenther.readers import agenther_json, crews, inspect_ai, smolagents
from agenther.readers.base import Reader
from agenther.readers.chat import apis, responses
from agenther.readers.coding import atif, claude_code, codex, mini_swe_agent, openhands, swe_agent
from agenther.readers.dialogue import tau2, tau_bench
from agenther.readers.maps.reader import shipped
from agenther.readers.spans import langsmith, otlp
from agenther.readers.toolbench import answers, converted, training
from agenther.readers.web import browser_use, browsergym, occam, operator, webvoyager
from agenther.readers.webarena import dumps, renders

READERS: dict[str, Reader] = {
    "webarena": renders.READER,
    "webarena-json": dumps.READER,
    "tau-bench": tau_bench.READER,
    "tau2-bench": tau2.READER,
    "crew": crews.READER,
    "webvoyager": webvoyager.READER,
    "open-operator": operator.READER,
    "browser-use": browser_use.READER,
    "browsergym": browsergym.READER,
    "agent-occam": occam.READER,
    "agenther": agenther_json.READER,
    "openai-chat": apis.OPENAI,
    "sharegpt": apis.SHAREGPT,
    "anthropic": apis.ANTHROPIC,
    "langchain": apis.LANGCHAIN,
    "gemini": apis.GEMINI,
    "langsmith": langsmith.READER,
    "otlp": otlp.READER,
    "smolagents": smolagents.READER,
    "claude-code": claude_code.READER,
    "swe-agent": swe_agent.READER,
    "mini-swe-agent": mini_swe_agent.READER,
    **{name: shipped(name) for name in ("general-agent-bench", "agentbench", "swe-agent-trajectories")},
    "codex": codex.READER,
    "openai-responses": responses.READER,
    "atif": atif.READER,
    "openhands": openhands.READER,
    "inspect": inspect_ai.READER,
    "toolbench": answers.READER,
    "toolbench-converted": converted.READER,
    "toolbench-training": training.READER,
}
