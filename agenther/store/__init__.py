"""The run folder: equal input gives equal bytes, in the order of the logs' paths; each file is whole or not there.

    run.json             what the folder was made with, and its counts; comes last
    trajectories.jsonl   every run that was read
    diagnoses.jsonl      stage 1
    outcomes.jsonl       stage 2
    attributions.jsonl   who made each run fail, and when; not there unless that was asked for
    kept.jsonl           which steps are learned under the run's own goal, with verdicts; as before
    proposals.jsonl      stage 3: every proposal with its verdicts, refused ones too
    samples.jsonl        accepted pairs; canonical, the datasets are derived from them
    rejections.jsonl     every other log, each with its one reason
    inputs.jsonl         what was found in which log, those without a run too
    calls.jsonl          what each stage of each run asked of models, and what that used; not there if nothing was
    dataset/             <format>/<split>.jsonl
    forgotten.jsonl      runs and files that are not to be read again; not there if none is
    forgetting.json      what is being forgotten, while it may be left somewhere
    rounds.jsonl         the rounds that come after this one; not there if none does
    redaction.key        makes placeholders of what is private in published rows; there once something was published

As long as there is a `journal.jsonl` the run is unfinished.
"""
