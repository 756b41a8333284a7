"""Secrets that their place gives away, behind escapes, and numbers of people: between brackets what must go."""

import base64
import json

import pytest

from agenther.redaction import redact

KEY = b"0123456789abcdef"
HEX = "9f4b2d7e1a3c8056d2e7f1b94a6c3d80"
WORDS = "abandon abandon ability able about above absent absorb abstract absurd abuse access"

PLACES = {
    "key of no known issuer": f"ACME_KEY=[{HEX}]",
    "key in camel case": f'"writeKey": "[{HEX}]"',
    "personal access token": f"acme_pat = '[{HEX}]'",
    "flag": f"hex auth acme --key [{HEX}]",
    "word behind a flag": "psql --password [opensesame]",
    "word in a variable": "PGPASSWORD=[opensesame] psql",
    "word in YAML": "db:\n  password: [opensesame]\n",
    "word in an address": "https://ann:[secret]@example.com/x",
    "passphrase": "passphrase: [correct horse battery staple]",
    "psk": "wpa psk=[MyWifiPass1]",
    ".netrc": "machine h login ann password [opensesame]",
    ".pgpass": "db.acme.dev:5432:shop:app:[opensesame]",
    "Oracle": "sqlplus scott/[tiger]@orcl",
    "SQL": "CREATE USER 'ann' IDENTIFIED BY '[opensesame]'",
    "call": 'connect("db", "ann", "[opensesame]")',
    "kubeconfig": f"token: [{HEX}]\n",
    "hook": "https://hooks.acme.dev/hooks/catch/[123456/abCdef]",
    "signed address": f"https://b.s3.amazonaws.com/a?X-Amz-Signature=[{HEX}]&x=1",
    "hashed password": "root:[$6$rounds5000$" + "aB3dE5fG7h" * 4 + "]:19000",
    "seed phrase": f"seed phrase: [{WORDS}]",
    "one-time code": "Your verification code is [482913]",
    "PIN": '"pin": "[4821]"',
    "key in pieces": "[MIIEpAIBAAKCAQEA" + "aB3dE5fG7h" * 6 + "]",
    "issuer's prefix": f"I got acme_live_[{HEX}]",
    "MAC": "eth0 [00:1a:2b:3c:4d:5e]",
    "UNC": "\\\\[fileserver\\home\\ann]",
    "address in a host's name": "ssh ip-[10-0-0-5].ec2.internal",
    "IBAN in small letters": "[gb82west12345698765432]",
    "IBAN before a word": "I got [GB82WEST12345698765432] from it",
    "national phone number": "call [020 7946 0958] now",
    "extension": "phone: [826-801-8159x083]",
    "CPF": "[529.982.247-25]",
    "NINO": "[AB 12 34 56 C]",
    "passport": "My passport number is [X12345678].",
    "at sign in JSON": "[ann\\u0040example.com]",
    "at sign in JSON in JSON": "[ann\\\\u0040example.com]",
    "at sign in HTML": "[ann&#64;example.com]",
    "name in an address": "q=password%3D[hunter22]%26x=1",
    "quotes in HTML": "&quot;password&quot;: &quot;[hunter22]&quot;",
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_by_place(text):
    before, _, rest = text.partition("[")
    private, _, after = rest.rpartition("]")
    value, findings = redact(before + private + after, KEY)
    assert findings
    assert private not in value
    assert value.endswith(after)


def test_in_base64():
    inner = base64.b64encode(json.dumps({"user": "ann@example.com", "n": 1}).encode()).decode()
    value, (finding,) = redact(f"body {inner} end", KEY)
    assert value == f"body {finding.placeholder} end"


def test_one_placeholder_whatever_the_escape():
    texts = ["ann@example.com", "ann\\u0040example.com", "ann&#64;example.com", "ann%40example.com"]
    assert len(set(redact(texts, KEY).value)) == 1


def test_a_password_of_words_under_its_name():
    value, _ = redact({"passphrase": "correct horse battery staple", "db": {"password": {"value": "opensesame"}}}, KEY)
    assert "horse" not in str(value)
    assert "opensesame" not in str(value)


@pytest.mark.parametrize(
    "text",
    [
        "scores 415.867.5309",
        "chapter 10.24.7.91",
        "license key: GPL-3.0-only",
        "status code: 200, zip code 94103, error code 1234",
        "uses: actions/checkout@v4 and owner/repo@main",
        "started 2025-07-17T15:12:01.478572",
        '{"id": "call_9pw1Xo3fPDAbKcX4xH7yvAzt", "run_id": "SGXvsm4KEQwf7JZmPLCGZFa1b2C3"}',
        "integrity sha512-z3jHdm6gha4BaxKAq6dcKbHocgf77rSn979EAuMRhmRJ335GzKGFXWZb1tWgE8c5P2",
        "https://images.example.com/thmb/tPiAMd43teUb3zWtxdd1G9bMc2Ab9/x",
        "d29ybGQgY2hhbmdlZCBmb3JldmVyLiBBbmQgd2hpbGUgeW91IGRv",
        '{"primary_key": "9f4b2d7e1a3c8056d2e7f1b94a6c3d80"}',
        "the --password option is required; password: required",
        "### Basic Operations, OAuth 2.0.This",
    ],
)
def test_stays(text):
    assert redact(text, KEY) == (text, ())
