"""Tokens that tell by their shape whose they are.

The shapes are those that the issuers document (GitHub: "Behind GitHub's new authentication token formats";
GitLab: "Token overview"; AWS: "IAM identifiers"; Slack: "Token types"; Stripe: "API keys"; RFC 7468 PEM;
RFC 7519 JWT) or, where they document none, that gitleaks' rule set has found to hold. Lengths are lower bounds:
issuers lengthen their tokens.
"""

import re

from agenther.redaction.checks import is_aws_secret, is_filled_in, is_random
from agenther.redaction.spans import Group, Rule

# Once more where it begins: a run of signs that holds many "eyJ" must not be read from each.
_JWT_BEGIN = r"eyJ(?:(?<![\w-]eyJ)|(?<=\\[nrtbf]eyJ)|(?<=%[0-9A-Fa-f]{2}eyJ))"
# By what every token of the group has in it: a search that begins with fixed text is quick to say no.
_SHAPES = {
    r"_[A-Za-z0-9]{16}": (
        ("HF_TOKEN", r"hf_[A-Za-z0-9]{30,}"),
        ("GROQ_KEY", r"gsk_[A-Za-z0-9]{40,}"),
        ("REPLICATE_TOKEN", r"r8_[A-Za-z0-9]{30,}"),
        ("LANGSMITH_KEY", r"lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}"),
        ("GITHUB_TOKEN", r"gh[pousr]_[A-Za-z0-9]{36,}"),
        ("GITHUB_TOKEN", r"github_pat_\w{22,}"),
        ("NPM_TOKEN", r"npm_[A-Za-z0-9]{36,}"),
        ("DIGITALOCEAN_TOKEN", r"do[opr]_v1_[a-f0-9]{64}"),
        ("SUPABASE_KEY", r"sbp_[a-f0-9]{40}"),
        ("GRAFANA_TOKEN", r"glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}"),
        ("STRIPE_KEY", r"sk_(?:live|test|prod)_[A-Za-z0-9]{16,}"),
        ("STRIPE_KEY", r"rk_(?:live|test|prod)_[A-Za-z0-9]{16,}"),
        ("STRIPE_KEY", r"whsec_[A-Za-z0-9+/=]{24,}"),
        ("SHOPIFY_TOKEN", r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
        ("NOTION_TOKEN", r"ntn_[A-Za-z0-9]{40,}"),
        ("LINEAR_KEY", r"lin_api_[A-Za-z0-9]{40}"),
    ),
    r"-[A-Za-z0-9_-]{20}": (
        ("ANTHROPIC_KEY", r"sk-ant-[\w-]{20,}"),
        ("OPENAI_KEY", r"sk-(?:(?:proj|svcacct|admin|None|or-v1|lf)-[\w-]{20,}|(?=[a-zA-Z]*\d)[A-Za-z0-9]{20,})"),
        ("XAI_KEY", r"xai-[A-Za-z0-9]{40,}"),
        ("PERPLEXITY_KEY", r"pplx-[A-Za-z0-9]{40,}"),
        ("TAVILY_KEY", r"tvly-[\w-]{20,}"),
        ("GITLAB_TOKEN", r"gl(?:pat|ptt|dt|rt|cbt|soat|imt|ft|agent|oas)-[\w-]{20,}(?:\.[\w-]+)*"),
        ("PYPI_TOKEN", r"pypi-[\w-]{50,}"),
        ("GOOGLE_OAUTH", r"GOCSPX-[\w-]{28,}"),
        ("SQUARE_TOKEN", r"sq0[a-z]{3}-[\w-]{22,}"),
        ("MAILGUN_KEY", r"key-[0-9a-f]{32}(?![A-Za-z0-9])"),
    ),
    r"xox[a-z]": (("SLACK_TOKEN", r"xox[a-z](?:\.xox[a-z])?-[\w-]{10,}"),),
    r"xapp-": (("SLACK_TOKEN", r"xapp-\d-[\w-]{20,}"),),
    r"dckr_": (("DOCKER_TOKEN", r"dckr_[op]at_[\w-]{27,}"),),
    r"GR1348941": (("GITLAB_TOKEN", r"GR1348941[\w-]{20,}"),),
    r"ATATT3": (("ATLASSIAN_TOKEN", r"ATATT3[\w=-]{50,}"),),
    r"A[A-Z]{3}[A-Z0-9]{16}": (("AWS_KEY_ID", r"(?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA)[A-Z0-9]{16}(?![A-Za-z0-9])"),),
    r"AIza": (("GOOGLE_KEY", r"AIza[\w-]{35,}"),),
    r"ya29\.": (("GOOGLE_OAUTH", r"ya29\.[\w-]{20,}(?:\.[\w-]+)*"),),
    r"1//0": (("GOOGLE_OAUTH", r"1//0[\w-]{30,}"),),
    r"Q~": (("AZURE_SECRET", r"[\w~.]{3}\dQ~[\w~.-]{31,34}"),),
    r"dapi[a-f0-9]{32}": (("DATABRICKS_TOKEN", r"dapi[a-f0-9]{32}(?:-\d)?"),),
    r"hv[sbr]\.": (("VAULT_TOKEN", r"hv[sbr]\.[\w-]{24,}"),),
    r"pat[A-Za-z0-9]{14}\.": (("AIRTABLE_TOKEN", r"pat[A-Za-z0-9]{14}\.[a-f0-9]{64}"),),
    r"AGE-SECRET-KEY-": (("AGE_KEY", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),),
    r"SK[0-9a-f]{32}": (("TWILIO_KEY", r"SK[0-9a-f]{32}(?![A-Za-z0-9])"),),
    r"AC[0-9a-f]{32}": (("TWILIO_KEY", r"AC[0-9a-f]{32}(?![A-Za-z0-9])"),),
    r"SG\.": (("SENDGRID_KEY", r"SG\.[\w-]{16,}\.[\w-]{16,}"),),
    r"-us\d": (("MAILCHIMP_KEY", r"[0-9a-f]{32}-us\d{1,2}(?!\w)"),),
    r"\.[\w-]{6}\.[\w-]{27}": (("DISCORD_TOKEN", r"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,}"),),
    r"eyJ": (("JWT", _JWT_BEGIN + r"[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){1,3}"),),
}

_ANYWHERE = re.compile("")
_NO_BASE64 = re.compile(r"(?<![\w/+=-])")
# Those that begin inside a word or a URL, or whose place gives them away.
_PLACED = (
    Group(
        re.compile(r"://[^\s/@]*@"),  # RFC 3986 §3.2.1: user:password, or a token for a user
        (
            Rule(
                "SECRET",
                re.compile(r"://[^\s/:@\"'<>\\]{0,256}:(?P<v>[^\s/?\"'<>\\]{1,256})@"),
                lambda match: is_filled_in(match["v"]),
                _ANYWHERE,
            ),
            Rule(
                "SECRET",
                re.compile(r"://(?P<v>[\w-]{20,256}+):?@"),
                lambda match: is_random(match["v"], least=20),
                _ANYWHERE,
            ),
        ),
    ),
    Group(
        re.compile(r"A[KS]IA[A-Z0-9]{16}"),  # where a key's id stands, its secret is near
        (
            Rule(
                "SECRET",
                re.compile(r"(?P<v>[A-Za-z0-9/+]{40}+)(?![\w/+=-])"),
                lambda match: is_aws_secret(match["v"]),
                _NO_BASE64,
            ),
        ),
    ),
    Group(
        re.compile("hooks.slack.com/"),
        (
            Rule(
                "SLACK_WEBHOOK",
                re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<v>[\w/+-]{20,})"),
                begin=_ANYWHERE,
            ),
        ),
    ),
    Group(
        re.compile("/api/webhooks/"),
        (Rule("DISCORD_WEBHOOK", re.compile(r"/api/webhooks/(?P<v>\d{10,}/[\w-]{40,})"), begin=_ANYWHERE),),
    ),
    Group(
        re.compile(r":A[\w-]{34}"),
        (Rule("TELEGRAM_TOKEN", re.compile(r"(?P<v>\d{8,10}:A[\w-]{34})(?![\w-])"), begin=re.compile(r"(?<!\d)")),),
    ),
    Group(
        re.compile(" AAAA[A-Za-z0-9+/]"),
        (Rule("SSH_KEY", re.compile(r"(?:ssh-[a-z0-9]+|ecdsa-[a-z0-9-]{1,40}) (?P<v>AAAA[A-Za-z0-9+/]{40,}={0,2})")),),
    ),
    Group(
        re.compile("PRIVATE KEY"),
        (
            Rule(
                "PRIVATE_KEY",  # whole, or as much as there is of one that was cut
                re.compile(
                    r"(?P<v>-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
                    r"(?:(?:[^-]|-(?!----))*+-----END [A-Z0-9 ]{0,40}-----|[A-Za-z0-9+/=\s\\]*+))"
                ),
                begin=_ANYWHERE,
            ),
        ),
    ),
)

TOKENS = (
    *(
        Group(re.compile(hint), tuple(Rule(kind, re.compile(f"(?P<v>{shape})")) for kind, shape in shapes))
        for hint, shapes in _SHAPES.items()
    ),
    *_PLACED,
)
