"""Why a log ends without a sample, in words for people."""

from agenther.records import Reason

WHY: dict[Reason, str] = {
    Reason.EMPTY: "nothing in the file or record",
    Reason.UNREADABLE: "the file cannot be opened",
    Reason.NOT_JSON: "no JSON, or cut off",
    Reason.ENCODING: "no UTF-8",
    Reason.TOO_LARGE: "larger than is read",
    Reason.UNKNOWN_FORMAT: "no format that is known; `agenther inspect --suggest FILE` proposes a map",
    Reason.AMBIGUOUS_FORMAT: "fits two formats; --log-format chooses",
    Reason.MALFORMED: "not as its format says",
    Reason.NO_GOAL: "no request of a user",
    Reason.NO_STEPS: "the agent did nothing",
    Reason.DUPLICATE: "the same run as another",
    Reason.EARLIER_ROUND: "the same run as one of an earlier round",
    Reason.SUCCESS: "it reached its own goal",
    Reason.NOT_KNOWN_TO_FAIL: "success unknown; --labels FILE tells it, --assume-failed assumes",
    Reason.IRRECOVERABLE: "nothing in it worth saving",
    Reason.LOW_WEIGHT: "too bad a failure (--delta)",
    Reason.NOTHING_ACHIEVED: "no step brought anything",
    Reason.NO_GOAL_PROPOSED: "no goal was found that fits what it did",
    Reason.KNOWN_GOAL: "earlier rounds made its goals",
    Reason.LOW_CONFIDENCE: "too little confidence in the goals (--theta)",
    Reason.REFUSED: "a judge refused every goal",
    Reason.DIALOGUE: "a dialogue in which no request was served to the end",
    Reason.BAD_ANSWER: "the model gave no usable answer; --retry asks again",
    Reason.PACKAGE: "a judge or stage of another package failed; --retry tries again",
    Reason.INTERNAL: "a bug in agenther",
}
