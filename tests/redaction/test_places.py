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
    "UUID behind a telling prefix": "sk_[0b9b5db6-fabc-49d0-b68f-13343bb4f708]",
    "UUID behind a prefix and a region": "I got pat-eu1-[3b124f92-f4cb-4d1d-8d1c-7fc3f3512dba]",
    "secret first, then more words": "acme-secret-[weRTWSfoeFKI-3480754342kDSFelW3]",
    "key of small letters": "[oy2er16dp0r068m6p36u4bvr9nmkescfm1pf9lek1bgn3n]",
    "key in groups": "recovery: [A1CD-EF2H-IJ3L-MN4P-QR5T-UV6X]",
    "API by its variable": f"acme_api = [{HEX}]",
    "header that authorises": f"X-Acme-Auth: [{HEX}]",
    "default of a declaration": f'variable "acme_token" {{\n  default = "[{HEX}]"\n}}',
    "word in a connection string": "Server=db;User Id=app; Password =[opensesame];Encrypt=true",
    "argument of a call": f'acme.privateKeyFrom("[0x{HEX}{HEX}]")',
    "set by a call": 'account.setPassword("[opensesame]")',
    "in two arguments": 'new NetworkCredential("ann", "[open-sesame]")',
    "secure string": "ConvertTo-SecureString '[open-Sesame]' -AsPlainText",
    "of a device, encrypted": "username ann password 7 [045802150C2E]",
    "of a device, hashed": "enable secret 5 [$1$abc$hashedvalue1]",
    "community": "snmp-server community [opensesame] RW",
    "option behind the user": "runas.exe -u CORP\\ann -p [opensesame] cmd",
    "option of a task": "schtasks /create /tn x /ru ann /rp [opensesame]",
    "password behind a user": "net use Z: /user:CORP\\ann [opensesame]",
    "user and password of a share": "smbclient -U 'CORP\\ann%[opensesame]'",
    "piped": "echo [opensesame] | docker login -u ann --password-stdin",
    "password that begins as a variable": '{"password": "[$ecr3t!x]"}',
    "key that begins with a star": f'acme_token: "[*:production.{HEX}]"',
    "secret that is a number of 160 bits": f"ACME_SECRET=[0x{HEX}01234567]",
    "word in a property": "acme.datasource.password=[opensesame]",
    "word in an option's value": "kubectl create secret generic x --from-literal=password=[opensesame]",
    "word in a form": "user=ann&password=[opensesame]&x=1",
    "word in an element": "<a:password>[opensesame]</a:password>",
    "option that ends so": "keytool -keystore a.jks -storepass [opensesame]",
    "SQL, as a word": "ALTER ROLE ann WITH PASSWORD '[opensesame]'",
    "SQL, as a call": "SET PASSWORD = PASSWORD('[opensesame]')",
    "block of YAML": f"secret: |\n    [{HEX}]\n",
    "Oracle by JDBC": "jdbc:oracle:thin:scott/[tiger]@//db:1521/x",
    "psk of words": 'psk="[correct horse 12]"',
    "answer to a challenge": f'Authorization: Digest realm="x", response="[{HEX}]"',
    "of a mail client": "AUTH PLAIN [AGFubgBvcGVuc2VzYW1lMQ==]",
    "of a mail client, asked": "334 UGFzc3dvcmQ6\\r\\n[b3BlbnNlc2FtZQ==]",
    "of a cache": "> AUTH [opensesame1]",
    "of a file client": "USER ann\n331 Go on\nPASS [opensesame]\n",
    "column": "user,password,age\nann,[opensesame1],7\nben,,8",
    "column of Markdown": f"| user | API key |\n|---|---|\n| ann | [{HEX}] |",
    "defined": "define('DB_PASSWORD', '[opensesame]');",
    "in a list of settings": "helm upgrade x --set db.auth.password=[opensesame],tag=3",
    "link that lets in": "https://acme.dev/reset-password/[2c9b1f7e-44d0-4f6a-9a3d-8e51b07c6fd2]",
    "wifi": "the wifi pw is [opensesame1] ok?",
    "typed into what it is called": "await page.getByLabel('Password').fill('[opensesame]')",
    "typed into what is selected": "cy.get('#password').type('[opensesame]')",
    "keys sent": "driver.find_element(By.ID, 'password').send_keys('[opensesame]')",
    "element with attributes": '<a:Password Type="text">[opensesame]</a:Password>',
    "element and its neighbour": "<key>password</key>\n<string>[opensesame]</string>",
    "list without blanks": "mount -o username=ann,password=[opensesame],vers=3.0",
    "variable of Lisp": '(setq smtp-password "[opensesame]")',
    "pair of user and password": "requests.get(url, auth=('ann', '[opensesame]'))",
    "query of two letters": "http://db/write?u=ann&p=[opensesame]",
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


def test_a_word_in_a_section():
    value, (finding,) = redact("[db]\nuser = ann\npassword = opensesame\n", KEY)
    assert value == f"[db]\nuser = ann\npassword = {finding.placeholder}\n"


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
        "docker run -u root -p 8080:80 -p 127.0.0.1:5432:5432 shop",
        "python -u train.py -p config",
        "sudo -u www-data mkdir -p shop/cache",
        "the SNMP community string is set, and the community grew",
        "run-6f1c2a34-9b1d-4e7a-8f00-0123456789ab test_6f1c2a34-9b1d-4e7a-8f00-0123456789ab",
        "at 0x5d3a536E4D6DbD6114cc1Ead35777bAB948E3643 and 0x395f91b34aa34a477ce3bc6505639a821b286a62b1a164fc1887fa3a",
        "client.get_secret('prod/db/password1') and set_token(token2)",
        "password: *default, password=%DB_PASS%, password=$db_pass",
        "key 1 of 20, secret 5 items",
        "login(user, password=password, token=token) and connect(password=settings.password)",
        "| Field | Description |\n|---|---|\n| password | string |",
        "name,token,count\nannabel,word,7\n",
        "[project]\nname = shop\nkeywords = password\n",
        "https://acme.dev/verify/orders and https://acme.dev/share/article-20240613-title",
        "page.getByLabel('Password').getAttribute('type') and page.locator('#password').press('Enter')",
        "<th>Password</th><td>required</td>",
        "PASS src/shop1.test.ts",
        "<label for='password'>Kennwort</label>",
    ],
)
def test_stays(text):
    assert redact(text, KEY) == (text, ())
