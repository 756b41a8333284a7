"""Two calls for each run by other programs, at the same endpoint as in `model_path.py`.

    python -m venv peers && peers/bin/pip install distilabel[openai] bespokelabs-curator
    python benchmarks/peers.py --python peers/bin/python [--runs 500] [--concurrency 64] [--latency 1]

Each reads what a run did, asks for what it achieved, and asks again with the answer. Prints the same figures.
"""

# ruff: noqa: PLC0415 - the other programs are in an environment of their own

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from model_path import a_log, command, endpoint, stats, used, write_logs

SYSTEM = "You read the record of one run of a software agent and answer one question about it."


def prompts(runs):
    """One text for each run, as long as what `agenther` shows of it."""
    logs = [a_log(number) for number in range(runs)]
    return [f"{SYSTEM}\n{json.dumps(log['steps'])}\nWhat did it achieve?" for log in logs]


def distilabel(url, runs, concurrency):
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    def model():
        return OpenAILLM(model="m", base_url=url, api_key="k", generation_kwargs={"max_new_tokens": 1000})

    with Pipeline(name="two") as pipeline:
        data = LoadDataFromDicts(data=[{"instruction": text} for text in prompts(runs)], batch_size=concurrency)
        first = TextGeneration(llm=model(), input_batch_size=concurrency, output_mappings={"generation": "found"})
        second = TextGeneration(
            llm=model(),
            input_batch_size=concurrency,
            columns=["instruction", "found"],
            template="{{ instruction }}\n{{ found }}\nWhat goal fits that?",
        )
        data >> first >> second
    pipeline.run(use_cache=False)


def curator(url, runs, concurrency):
    from bespokelabs import curator as package

    params = {
        "base_url": url,
        "api_key": "k",
        "max_concurrent_requests": concurrency,
        "max_requests_per_minute": 1_000_000,
        "max_tokens_per_minute": 1_000_000_000,
    }

    class Ask(package.LLM):
        def prompt(self, row):
            return row["text"]

        def parse(self, row, said):
            return [{"text": f"{row['text']}\n{said}\nWhat goal fits that?"}]

    def ask():
        return Ask(model_name="m", backend="openai", backend_params=params)

    ask()(ask()([{"text": text} for text in prompts(runs)]).dataset)


def measured(name, words, url, latency, concurrency):
    before, start = used(), time.perf_counter()
    process = subprocess.run(words, check=False, capture_output=True, text=True, timeout=600)
    wall, cpu, told = time.perf_counter() - start, used() - before, stats(url)
    if not told["calls"] or process.returncode:
        print(f"{name}: failed after {told['calls']} calls: {process.stderr[-500:]}")
        return
    ideal = told["calls"] * latency / concurrency
    print(f"{name}: {told['calls']} calls, {concurrency} of {latency:g} s at a time")
    print(f"  wall / ideal                                {wall / ideal:.3f}   ({wall:.1f} s of {ideal:.1f} s)")
    print(f"  from the first call to the last / ideal     {told['seconds'] / ideal:.3f}")
    print(f"  CPU for each call, all in                   {cpu / told['calls'] * 1000:.2f} ms")
    print(f"  share of prompts in a prefix already sent   {told['covered'] / told['prompt']:.1%}")


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--python", help="the one that has the other programs")
    options.add_argument("--runs", type=int, default=500)
    options.add_argument("--concurrency", type=int, default=64)
    options.add_argument("--latency", type=float, default=1)
    options.add_argument("--as", dest="name", help=argparse.SUPPRESS)
    options.add_argument("--url", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.name:
        {"distilabel": distilabel, "curator": curator}[chosen.name](chosen.url, chosen.runs, chosen.concurrency)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ |= {"HF_HUB_OFFLINE": "1", "CURATOR_CACHE_DIR": str(folder), "HOME": str(folder)}
        os.environ |= {"TELEMETRY_ENABLED": "false", "CURATOR_VIEWER": "0"}
        for tokenizers in (
            Path(chosen.python).parents[1].glob("lib/*/site-packages/litellm/litellm_core_utils/tokenizers")
        ):
            os.environ["TIKTOKEN_CACHE_DIR"] = str(tokenizers)  # else one of them wants the network
        write_logs(folder / "logs", chosen.runs)
        with endpoint(chosen.latency) as url:
            words = command(folder / "logs", folder / "out", url, chosen.concurrency, folder / "a.db")
            measured("agenther", words, url, chosen.latency, chosen.concurrency)
        for name in ("distilabel", "curator"):
            with endpoint(chosen.latency) as url:
                words = [chosen.python, __file__, "--as", name, "--url", f"{url}/v1", "--runs", str(chosen.runs)]
                words += ["--concurrency", str(chosen.concurrency)]
                measured(name, words, url, chosen.latency, chosen.concurrency)


if __name__ == "__main__":
    sys.exit(main())
