"""The schema that editors read tells of a config what `snapwarden check` tells, as far as a schema can."""

import json
import re
import subprocess
import textwrap

import botocore.session
import jsonschema
import pytest
import referencing
import yaml
from support import ROOT, SNAPWARDEN

SCHEMA = json.loads((ROOT / "config/snapwarden.schema.json").read_text())
INSTALLED = "/usr/share/snapwarden/snapwarden.schema.json"
REGISTRY = referencing.Registry().with_resource("urn:schema", referencing.Resource.from_contents(SCHEMA)).crawl()

# Each map that a config can have stands here once at least.
FULL = """
fleet: acme
timing: { consistency: 60s, poll-first: 5s, poll-longest: 60s, call-timeout: 60s }
start-window: 8h
debris-grace: 24h
prune-grace: 24h
inventory-interval: 1h
history: 400d
max-prunes: 50
max-prune-share: 50%
api-budget: 50%
sidecar: s3://acme-dr-records/snapwarden
metrics-file: /var/lib/prometheus/node-exporter/snapwarden.prom
accounts:
  prod:
    { role-arn: "arn:aws:iam::111122223333:role/snapwarden", external-id: acme, session-name: snapwarden, duration: 1h }
notify:
  ops: { webhook: "https://chat.example/hooks/1", on: [failure, rpo-missed], at-most-every: 1h }
  pager: { command: [/usr/local/bin/tell, 1] }
  topic: { sns: "arn:aws:sns:us-east-1:111122223333:backups" }
  watcher: { ping: credential:ping }
policies:
  web:
    account: prod
    regions: [us-east-1]
    select:
      ec2-instances: { ids: [i-0a1b2c3d], names: [web-1], tags: { Backup: nightly, Tier: [database, queue] } }
      ec2-volumes: { names: ["*"] }
    exclude: { boot-volume: false, volumes: { ids: [vol-0a1b2c3d], tags: { scratch: "*" } } }
    schedule:
      - { cron: "0 2 * * *", time-zone: Europe/Berlin, spread: 10min, missed: run-once }
      - { at: ["02:00", "14:00"], on: [mon..fri], missed: { run-once-within: 6h } }
      - { aws: "rate(12 hours)" }
      - { calendar: "Mon..Fri *-*-* 02:00" }
    blackout:
      - { from: "08:00", to: "18:00", on: [mon..fri], of: [copies, prunes], time-zone: UTC }
    first: next-slot
    retention:
      { keep-last: 3, keep-daily: 14, keep-within: 2d, delete-after: 1y6mo, keep-at-least: 2, manual-keep: 3mo }
    when-resource-gone: { delete-after: 90d, keep-last: 1 }
    adopts: [web-old]
    copies:
      - { region: eu-west-1, account: prod, which: all, kms-key: alias/dr, retention: { keep-daily: 7 } }
    tags: { copy-from-volume: true, add: { CostCenter: web } }
    rpo: { local: 26h, dr: 30h }
    location: regional
    source: own
    drill:
      schedule: { cron: "0 6 * * sun" }
      from: dr
      pick: latest
      check: { http: /health, port: 80, within: 10min }
      keep: 0s
      limit: 1
      isolated: { subnet: subnet-0a1b2c3d, security-group: sg-0a1b2c3d }
    notify: [ops]
  sites:
    regions: [us-east-1]
    select: { lightsail-instances: { names: ["*"] }, lightsail-disks: { names: ["*"] } }
    source: automatic
    automatic-snapshots: "02:00"
    copies: [{ region: eu-west-1 }]
  databases:
    regions: [us-east-1]
    select: { lightsail-databases: { names: ["*"] } }
    schedule: { every: 6h }
    copies: []
  post:
    regions: [us-east-1]
    select: { ec2-instances: { names: ["*"] } }
    schedule: { every: 6h }
    outpost: arn:aws:outposts:us-east-1:111122223333:outpost/op-0123456789abcdef0
    drill: { schedule: { every: 24h }, check: { command: [/usr/local/bin/check-web, 1] } }
"""


class Editor(yaml.SafeLoader):
    """Reads as editors do: scalars by YAML 1.2's core schema, keys as texts."""

    yaml_implicit_resolvers = {}

    def mapping(self, node):
        return {key.value: self.construct_object(value, deep=True) for key, value in node.value}

    def integer(self, node):
        return int(node.value, 0 if node.value[1:2] in ("o", "x") else 10)


Editor.add_constructor("tag:yaml.org,2002:map", Editor.mapping)
Editor.add_constructor("tag:yaml.org,2002:int", Editor.integer)
for kind, form in {
    "null": r"~|null|Null|NULL|",
    "bool": r"true|True|TRUE|false|False|FALSE",
    "int": r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+",
    "float": r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?",
}.items():
    Editor.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"^(?:{form})$"), None)


def part(pointer):
    """A validator of one part of the schema."""
    return jsonschema.Draft202012Validator({"$ref": "urn:schema#" + pointer}, registry=REGISTRY)


def errors(text, pointer=""):
    """What the schema has against a config."""
    return [f"{error.json_path}: {error.message}" for error in part(pointer).iter_errors(yaml.load(text, Editor))]


@pytest.fixture
def check(tmp_path):
    """What `snapwarden check` says of a config: nothing, or its problems; DROP_IN stands in policies.d beside it."""
    def check(text, drop_in=None):
        config = tmp_path / "config.yaml"
        config.write_text(text)
        if drop_in is not None:
            (tmp_path / "policies.d").mkdir(exist_ok=True)
            (tmp_path / "policies.d/more.yaml").write_text(drop_in)
        done = subprocess.run([SNAPWARDEN, "check", "--config", config], capture_output=True, text=True)
        assert done.returncode in (0, 10), done.stderr
        assert (done.returncode == 10) == bool(re.search(r"^\d+ problems?$", done.stderr, re.MULTILINE)), done.stderr
        return done.stderr if done.returncode == 10 else ""
    return check


def changed(path, written=None):
    """The full config with something else at PATH as it is written in YAML, or with nothing there."""
    config = yaml.load(FULL, Editor)
    place = config
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    for step in way:
        place = place[step]
    if written is None:
        del place[last]
    else:
        place[last] = "(written)"
    return json.dumps(config).replace('"(written)"', written or "")


def nodes(value=SCHEMA, pointer=""):
    """Each object of the schema with the way to it, but for those that say when something holds and what then."""
    if isinstance(value, dict):
        yield pointer, value
        for key, inner in value.items():
            if key not in ("if", "then", "else", "examples"):
                yield from nodes(inner, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from nodes(inner, f"{pointer}/{index}")


NODES = dict(nodes())
# The maps whose keys are the program's own, not names or tags that people give.
MAPS = {pointer: node for pointer, node in NODES.items() if node.get("additionalProperties") is False}


# The schema itself.

def test_the_schema_is_one():
    assert SCHEMA["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["title"]


def test_every_part_is_used():
    used = set(re.findall(r'"\$ref": "#/\$defs/([^"]+)"', json.dumps(SCHEMA)))
    assert used == set(SCHEMA["$defs"]) - {"drop-in"}


def test_every_key_is_explained():
    for pointer, node in MAPS.items():
        for key, value in node["properties"].items():
            assert re.fullmatch(r"\S.*\.", value.get("description", "")), f"{pointer}: {key}"


def test_examples_and_defaults_are_legal():
    found = 0
    for pointer, node in NODES.items():
        if pointer.endswith("/properties"):
            continue
        for value in [*node.get("examples", []), *([node["default"]] if "default" in node else [])]:
            part(pointer).validate(value)
            found += 1
    assert found > 50


def test_defaults_are_those_of_the_shipped_config():
    shipped = (ROOT / "config/snapwarden.yaml").read_text()
    for key, value in SCHEMA["properties"].items():
        if "default" in value:
            assert re.search(rf"^#{key}: {value['default']}$", shipped, re.MULTILINE), key
    [timing] = re.findall(r"^#timing: (.*)", shipped, re.MULTILINE)
    waits = SCHEMA["properties"]["timing"]["properties"]
    assert yaml.load(timing, Editor) == {key: value["default"] for key, value in waits.items()}


@pytest.mark.parametrize("file", sorted(ROOT.glob("config/**/*.yaml")), ids=lambda file: file.stem)
def test_editors_find_the_schema(file):
    """As yaml-language-server looks for it; where the package puts it, so that it is found from copies, too."""
    first = file.read_text().splitlines()[0]
    assert re.match(r"#\s+yaml-language-server\s*:", first) and re.findall(r"\$schema=(\S+)", first) == [INSTALLED]


# What is legal.

def uncommented(text):
    """The config with the example that it holds; prose begins with `# ` and a word, the example does not."""
    lines = [line for line in text.splitlines() if line != "policies: {}"]
    return "\n".join(line[1:] if re.match(r"#( {2}|[^ ])", line) else line for line in lines)


def documented():
    """Whole configs as people get to read them."""
    files = [*ROOT.glob("config/**/*.yaml"), *ROOT.glob("Tests/BackupConfigTests/Fixtures/policies/*.yaml")]
    configs = {file.stem: file.read_text() for file in files}
    configs["uncommented"] = uncommented((ROOT / "config/snapwarden.yaml").read_text())
    page = (ROOT / "packaging/man/snapwarden.yaml.5").read_text()
    [configs["page"]] = re.findall(r"^\.Bd -literal -offset indent\n(.*?)^\.Ed$", page, re.DOTALL | re.MULTILINE)
    readme = (ROOT / "README.md").read_text()
    for index, block in enumerate(re.findall(r"^```yaml\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)):
        # What does not begin with a fleet is what one more policy holds.
        whole = block if block.startswith("fleet:") else configs["page"] + block
        configs[f"readme-{index}"] = whole
    return configs | {"full": FULL}


DOCUMENTED = documented()


def test_all_that_is_documented_is_looked_at():
    assert {"snapwarden", "quickstart", "policies", "limits", "readme-0", "readme-1"} <= set(DOCUMENTED)
    assert "web-nightly" in yaml.load(DOCUMENTED["uncommented"], Editor)["policies"]
    assert "drill" in yaml.load(DOCUMENTED["readme-1"], Editor)["policies"]["web-nightly"]


@pytest.mark.parametrize("text", DOCUMENTED.values(), ids=DOCUMENTED)
def test_both_accept_what_is_documented(check, text):
    assert check(text) == "" and errors(text) == []


def test_the_schema_accepts_what_other_tests_run_on(check):
    """Of the configs that stand in tests, all those that the program accepts."""
    accepted = 0
    for file in sorted([*ROOT.glob("Tests/*/*.swift"), *ROOT.glob("Tests/*/*.py")]):
        for block in re.findall(r'"""(.*?)"""', file.read_text(), re.DOTALL):
            text = textwrap.dedent(block).lstrip()
            if text.startswith("fleet:") and check(text) == "":
                assert errors(text) == [], f"{file}:\n{text}"
                accepted += 1
    assert accepted >= 20


FORMS = [
    ("fleet", "2024"), ("fleet", "1e3"), ("fleet", "true"),
    ("policies", "~"), ("policies", "{}"), ("policies", ""),
    ("timing", "~"), ("timing", "{ consistency: 0s }"), ("accounts/prod/external-id", "123456"),
    ("max-prunes", '"50"'), ("max-prunes", "050"), ("api-budget", "10000%"), ("max-prune-share", "100%"),
    ("prune-grace", "1d12h"), ("prune-grace", "0s"), ("prune-grace", "0mo"), ("history", "30d"),
    ("sidecar", "s3://acme-dr-records"), ("sidecar", "s3://acme-dr-records/"), ("sidecar", "s3://acme.dr/a..b/c"),
    ("policies/web/regions", "us-east-1"), ("policies/web/regions", "[us-east-1, us-west-2]"),
    ("policies/web/select/ec2-instances", "{ names: web-1 }"),
    ("policies/web/select/ec2-instances/names", "[1, 2.5, true]"),
    ("policies/web/select/ec2-instances/ids", "[]"), ("policies/web/select/ec2-instances/tags", "{ Backup: [] }"),
    ("policies/web/select/ec2-instances/tags", "{ 1: yes, on: 22:00 }"),
    ("policies/web/exclude", "~"), ("policies/web/exclude/volumes", "{}"),
    ("policies/web/exclude/boot-volume", '"true"'),
    ("policies/web/schedule", "{ every: 6h }"), ("policies/web/schedule", '{ at: "2:00" }'),
    ("policies/web/schedule", '{ at: ["02:00:30"], on: SUNDAY..Mon }'), ("policies/web/schedule", '{ cron: "@daily" }'),
    ("policies/web/schedule", '{ cron: " 0  2 * * mon-fri " }'), ("policies/web/schedule", "{ calendar: daily }"),
    ("policies/web/schedule", '{ aws: "cron(0 2 ? * 6L *)" }'), ("policies/web/schedule", "{ every: 6h, missed: {} }"),
    ("policies/web/schedule", "{ every: 6h, missed: skip }"), ("policies/web/schedule", '{ at: "02:00", on: [] }'),
    ("policies/web/blackout", '{ from: "22:00", to: "24:00", of: backups, on: sat }'), ("policies/web/blackout", "[]"),
    ("policies/web/first", "now"), ("policies/web/location", "local"), ("policies/sites/automatic-snapshots", "off"),
    ("policies/web/retention/keep-last", "all"), ("policies/web/retention/keep-last", '"3"'),
    ("policies/web/retention", "{ keep-at-least: 2 }"), ("policies/web/retention/keep-within", "1y6mo2d12h"),
    ("policies/web/when-resource-gone", "keep"), ("policies/web/when-resource-gone/keep-last", "0"),
    ("policies/web/adopts", "web-old"), ("policies/web/tags", "~"),
    ("policies/web/tags/add", "{ CostCenter: 17, é: ü }"), ("policies/web/copies/0/which", "monthly"),
    ("policies/web/copies/0/kms-key", "mrk-1234abcd12ab34cd56ef1234567890ab"),
    ("policies/web/copies/0/kms-key", "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("policies/web/rpo", "~"), ("policies/web/rpo", "{ local: 26h }"),
    ("policies/web/drill/schedule", "[{ every: 24h }]"), ("policies/web/drill/check", '{ tcp: "22" }'),
    ("policies/web/drill/check", "{ command: /usr/local/bin/check-web }"), ("policies/web/drill/check", None),
    ("policies/web/drill/isolated", "~"), ("policies/post/drill/from", "home"), ("policies/web/notify", "[]"),
    ("policies/web/notify", "pager"), ("notify/ops/webhook", "credential:chat"), ("notify/ops/on", "recovered"),
    ("notify/topic/sns", '"arn:aws-cn:sns:cn-north-1:111122223333:backups.fifo"'),
    ("notify/pager/command", "/usr/local/bin/tell"), ("notify/pager/at-most-every", "0s"),
]


@pytest.mark.parametrize("path, written", FORMS, ids=[f"{path}: {written}" for path, written in FORMS])
def test_both_accept_each_form(check, path, written):
    text = changed(path, written)
    assert check(text) == "" and errors(text) == []


# What is not.

MISTAKES = {
    "no-fleet": ("fleet", None),
    "upper-case-fleet": ("fleet", "Acme_Corp"),
    "two-hyphens": ("fleet", "acme--corp"),
    "long-fleet": ("fleet", "a" * 41),
    "list-of-fleets": ("fleet", "[acme]"),
    "empty-fleet": ("fleet", "~"),
    "list-of-policies": ("policies", "[web]"),
    "policies-as-text": ("policies", "web"),
    "bad-policy-name": (
        "policies/Web", '{ regions: us-east-1, select: { ec2-volumes: { names: "*" } }, schedule: { every: 6h } }'),
    "empty-policy": ("policies/web", "~"),
    "policy-as-list": ("policies/web", "[]"),
    "timing-as-duration": ("timing", "60s"),
    "no-wait": ("timing/poll-first", "0s"),
    "number-of-seconds": ("timing/consistency", "60"),
    "quoted-number-of-seconds": ("timing/consistency", '"60"'),
    "ambiguous-minutes": ("start-window", "26m"),
    "duration-in-words": ("start-window", "soon"),
    "months-where-days-are-due": ("debris-grace", "1mo"),
    "blanks-in-duration": ("prune-grace", "1h 30min"),
    "no-interval": ("inventory-interval", "0s"),
    "no-history": ("history", "0d"),
    "no-prunes": ("max-prunes", "0"),
    "prunes-in-words": ("max-prunes", "many"),
    "fraction-of-prunes": ("max-prunes", "1.5"),
    "share-without-unit": ("max-prune-share", "50"),
    "share-of-more-than-all": ("max-prune-share", "101%"),
    "budget-without-unit": ("api-budget", "50"),
    "budget-of-nothing": ("api-budget", "0%"),
    "no-url": ("sidecar", "acme-dr-records/snapwarden"),
    "bad-bucket": ("sidecar", "s3://Acme/snapwarden"),
    "bad-prefix": ("sidecar", "s3://acme//snapwarden"),
    "metrics-elsewhere": ("metrics-file", "snapwarden.prom"),
    "metrics-otherwise": ("metrics-file", "/var/lib/snapwarden.txt"),
    "empty-accounts": ("accounts", "~"),
    "account-without-role": ("accounts/prod/role-arn", None),
    "user-for-role": ("accounts/prod/role-arn", '"arn:aws:iam::111122223333:user/snapwarden"'),
    "blank-in-external-id": ("accounts/prod/external-id", '"with space"'),
    "short-session-name": ("accounts/prod/session-name", "x"),
    "number-of-an-hour": ("accounts/prod/duration", "1"),
    "no-regions": ("policies/web/regions", None),
    "empty-regions": ("policies/web/regions", "[]"),
    "no-such-region": ("policies/web/regions", "[us-east-1, eu-wst-1]"),
    "no-select": ("policies/web/select", None),
    "select-nothing": ("policies/web/select", "{}"),
    "select-a-list": ("policies/web/select", "[ec2-instances]"),
    "kind-of-nothing": ("policies/web/select/ec2-instances", "{}"),
    "kind-of-empty-lists": ("policies/web/select/ec2-instances", "{ ids: [], names: [], tags: {} }"),
    "kind-as-glob": ("policies/web/select/ec2-instances", '"*"'),
    "empty-name": ("policies/web/select/ec2-instances/names", "[~]"),
    "tags-as-list": ("policies/web/select/ec2-instances/tags", "[Backup]"),
    "empty-tag": ("policies/web/select/ec2-instances/tags/Backup", "~"),
    "flag-in-words": ("policies/web/exclude/boot-volume", "yes"),
    "flag-as-number": ("policies/web/exclude/boot-volume", "1"),
    "volumes-as-list": ("policies/web/exclude/volumes", "[vol-0a1b2c3d]"),
    "no-schedule": ("policies/web/schedule", None),
    "empty-schedules": ("policies/web/schedule", "[]"),
    "schedule-as-text": ("policies/web/schedule", '"0 2 * * *"'),
    "no-notation": ("policies/web/schedule", "{ spread: 5min }"),
    "two-notations": ("policies/web/schedule", '{ every: 6h, cron: "0 2 * * *" }'),
    "four-fields": ("policies/web/schedule", '{ cron: "0 2 * *" }'),
    "cron-of-aws-under-cron": ("policies/web/schedule", '{ cron: "cron(0 2 ? * 6L *)" }'),
    "aws-without-a-word": ("policies/web/schedule", '{ aws: "0 2 ? * 6L *" }'),
    "every-month": ("policies/web/schedule", "{ every: 1mo }"),
    "every-nothing": ("policies/web/schedule", "{ every: 0h }"),
    "at-no-time": ("policies/web/schedule", "{ at: [] }"),
    "at-hour-25": ("policies/web/schedule", '{ at: ["25:00"] }'),
    "on-no-day": ("policies/web/schedule", '{ at: ["02:00"], on: [mon..fry] }'),
    "on-without-at": ("policies/web/schedule", '{ cron: "0 2 * * *", on: [mon] }'),
    "missed-in-other-words": ("policies/web/schedule", "{ every: 6h, missed: sometimes }"),
    "missed-soon": ("policies/web/schedule", "{ every: 6h, missed: { run-once-within: soon } }"),
    "spread-as-number": ("policies/web/schedule", "{ every: 6h, spread: 10 }"),
    "zone-as-list": ("policies/web/schedule", "{ every: 6h, time-zone: [UTC] }"),
    "blackout-without-end": ("policies/web/blackout/0/to", None),
    "blackout-without-start": ("policies/web/blackout/0/from", None),
    "blackout-from-24": ("policies/web/blackout/0/from", '"24:00"'),
    "blackout-of-other-words": ("policies/web/blackout/0/of", "[backup]"),
    "first-in-other-words": ("policies/web/first", "later"),
    "empty-retention": ("policies/web/retention", "{}"),
    "keep-none": ("policies/web/retention/keep-last", "0"),
    "keep-in-words": ("policies/web/retention/keep-daily", "seven"),
    "keep-within-a-number": ("policies/web/retention/keep-within", "2"),
    "delete-after-ever": ("policies/web/retention/delete-after", "never"),
    "at-least-all": ("policies/web/retention/keep-at-least", "all"),
    "gone-in-other-words": ("policies/web/when-resource-gone", "delete"),
    "gone-without-when": ("policies/web/when-resource-gone", "{ keep-last: 1 }"),
    "gone-keeps-all": ("policies/web/when-resource-gone/keep-last", "all"),
    "adopts-a-map": ("policies/web/adopts", "{ web-old: 1 }"),
    "one-copy-without-list": ("policies/web/copies", "{ region: eu-west-1 }"),
    "copy-without-region": ("policies/web/copies/0/region", None),
    "copy-as-text": ("policies/web/copies/0", "eu-west-1"),
    "copy-nowhere": ("policies/web/copies/0/region", "eu-wst-1"),
    "which-yearly": ("policies/web/copies/0/which", "yearly"),
    "bare-alias": ("policies/web/copies/0/kms-key", "dr"),
    "empty-retention-of-copies": ("policies/web/copies/0/retention", "{}"),
    "tag-of-ours": ("policies/web/tags/add", '{ "snapwarden:x": y }'),
    "tag-of-aws": ("policies/web/tags/add", '{ "aws:x": y }'),
    "forbidden-character": ("policies/web/tags/add", '{ a: "b*" }'),
    "tag-of-tags": ("policies/web/tags/add", "{ a: [b] }"),
    "36-tags": ("policies/web/tags/add", json.dumps({f"tag{number}": "x" for number in range(36)})),
    "rpo-as-duration": ("policies/web/rpo", "26h"),
    "dr-without-copies": ("policies/post/rpo", "{ dr: 30h }"),
    "no-outpost": ("policies/post/outpost", "op-0123456789abcdef0"),
    "copies-off-an-outpost": ("policies/post/copies", "[{ region: eu-west-1 }]"),
    "location-in-other-words": ("policies/web/location", "nearby"),
    "source-in-other-words": ("policies/sites/source", "auto"),
    "automatic-with-schedule": ("policies/sites/schedule", "{ every: 6h }"),
    "automatic-without-copies": ("policies/sites/copies", None),
    "automatic-of-ec2": ("policies/sites/select/ec2-volumes", '{ names: ["*"] }'),
    "automatic-at-half-past": ("policies/sites/automatic-snapshots", '"02:30"'),
    "automatic-snapshots-of-databases": ("policies/databases/automatic-snapshots", '"02:00"'),
    "copies-of-databases": ("policies/databases/copies", "[{ region: eu-west-1 }]"),
    "empty-drill": ("policies/web/drill", "~"),
    "drill-without-schedule": ("policies/web/drill/schedule", None),
    "drill-with-two-schedules": ("policies/web/drill/schedule", "[{ every: 6h }, { every: 24h }]"),
    "drill-with-spread": ("policies/web/drill/schedule/spread", "5min"),
    "drill-with-missed": ("policies/web/drill/schedule/missed", "skip"),
    "drill-from-elsewhere": ("policies/web/drill/from", "eu-west-1"),
    "drill-of-no-copies": ("policies/post/drill/from", "dr"),
    "drill-picks-oldest": ("policies/web/drill/pick", "oldest"),
    "empty-check": ("policies/web/drill/check", "{}"),
    "two-checks": ("policies/web/drill/check/tcp", "22"),
    "check-with-port-only": ("policies/web/drill/check/http", None),
    "port-of-tcp": ("policies/web/drill/check", "{ tcp: 22, port: 80 }"),
    "port-0": ("policies/web/drill/check/port", "0"),
    "port-in-words": ("policies/web/drill/check/port", "http"),
    "page-without-slash": ("policies/web/drill/check/http", "health"),
    "command-without-path": ("policies/post/drill/check/command", "[check-web]"),
    "empty-command": ("policies/post/drill/check/command", "[]"),
    "drill-keeps-all": ("policies/web/drill/keep", "all"),
    "drill-of-none": ("policies/web/drill/limit", "0"),
    "isolated-as-text": ("policies/web/drill/isolated", "subnet-0a1b2c3d"),
    "empty-notify": ("notify", "~"),
    "list-of-targets": ("notify", "[ops]"),
    "no-way": ("notify/ops/webhook", None),
    "two-ways": ("notify/ops/ping", '"https://ping.example/1"'),
    "webhook-without-scheme": ("notify/ops/webhook", "chat.example/hooks/1"),
    "credential-elsewhere": ("notify/ops/webhook", "credential:../chat"),
    "blank-in-address": ("notify/watcher/ping", '"https://ping.example/a b"'),
    "queue-for-topic": ("notify/topic/sns", '"arn:aws:sqs:us-east-1:111122223333:backups"'),
    "teller-without-path": ("notify/pager/command", "[tell]"),
    "on-nothing": ("notify/ops/on", "[]"),
    "on-other-words": ("notify/ops/on", "[success]"),
    "ping-on-failure": ("notify/watcher/on", "[failure]"),
    "pause-as-number": ("notify/ops/at-most-every", "5"),
    "policy-tells-a-map": ("policies/web/notify", "{ ops: 1 }"),
}


@pytest.mark.parametrize("path, written", MISTAKES.values(), ids=MISTAKES)
def test_both_refuse(check, path, written):
    text = changed(path, written)
    assert check(text) != "" and errors(text) != []


# That the schema knows what the program knows.

# Where each map stands in the full config, and what it is in the schema.
PLACES = {
    "": "",
    "timing": "/properties/timing",
    "accounts/prod": "/$defs/account",
    "policies/web": "/$defs/policy",
    "policies/web/select": "/$defs/policy/properties/select",
    "policies/web/select/ec2-instances": "/$defs/selector",
    "policies/web/select/ec2-volumes": "/$defs/selector",
    "policies/sites/select/lightsail-instances": "/$defs/selector",
    "policies/sites/select/lightsail-disks": "/$defs/selector",
    "policies/databases/select/lightsail-databases": "/$defs/selector",
    "policies/web/exclude": "/$defs/policy/properties/exclude",
    "policies/web/exclude/volumes": "/$defs/policy/properties/exclude/properties/volumes",
    "policies/web/schedule/0": "/$defs/schedule",
    "policies/post/schedule": "/$defs/schedule",
    "policies/web/schedule/1/missed": "/$defs/schedule/properties/missed/anyOf/1",
    "policies/web/blackout/0": "/$defs/blackout",
    "policies/web/retention": "/$defs/retention",
    "policies/web/when-resource-gone": "/$defs/policy/properties/when-resource-gone/anyOf/1",
    "policies/web/copies/0": "/$defs/copy",
    "policies/web/copies/0/retention": "/$defs/retention",
    "policies/web/tags": "/$defs/policy/properties/tags",
    "policies/web/rpo": "/$defs/policy/properties/rpo",
    "policies/web/drill": "/$defs/drill",
    "policies/web/drill/schedule": "/$defs/schedule",
    "policies/web/drill/check": "/$defs/drill/properties/check",
    "policies/web/drill/isolated": "/$defs/drill/properties/isolated",
    "notify/ops": "/$defs/notify",
}


def known_keys(said):
    """Of a map with a key that it cannot have, those that the program says it can have."""
    [keys] = re.findall(r'unknown key "nonsense".*: known are (.*)$', said, re.MULTILINE)
    return keys.split(", ")


def test_every_map_has_its_place():
    assert set(PLACES.values()) | {"/$defs/drop-in"} == set(MAPS)


@pytest.mark.parametrize("place, pointer", PLACES.items(), ids=[place or "top" for place in PLACES])
def test_keys_are_the_programs(check, place, pointer):
    text = changed(f"{place}/nonsense".lstrip("/"), "1")
    assert sorted(known_keys(check(text))) == sorted(MAPS[pointer]["properties"])
    assert errors(text) != []


def test_keys_of_drop_ins_are_the_programs(check):
    keys = known_keys(check("fleet: acme", "nonsense: 1"))
    assert keys == list(MAPS["/$defs/drop-in"]["properties"])


# The words of which one is to be given, where, and as what.
WORDS = {
    "policies/web/blackout/0/of": "/$defs/work",
    "policies/web/first": "/$defs/policy/properties/first",
    "policies/web/location": "/$defs/policy/properties/location",
    "policies/web/source": "/$defs/policy/properties/source",
    "policies/web/copies/0/which": "/$defs/copy/properties/which",
    "policies/web/schedule/0/missed": "/$defs/schedule/properties/missed/anyOf/0",
    "policies/web/drill/from": "/$defs/drill/properties/from",
    "policies/web/drill/pick": "/$defs/drill/properties/pick",
    "notify/ops/on": "/$defs/news",
}


def test_all_words_have_their_place():
    assert set(WORDS.values()) | {"/$defs/region"} == {pointer for pointer, node in NODES.items() if "enum" in node}


@pytest.mark.parametrize("place, pointer", WORDS.items(), ids=WORDS)
def test_words_are_the_programs(check, place, pointer):
    """The program names them when it is given another one, perhaps each with what it means."""
    [said] = re.findall(r': expected (.*), got "nonsense"', check(changed(place, "nonsense")))
    parts = re.split(r",? or |, ", re.sub(r"\(.*?\)|\{.*?\}", "", said))
    assert sorted(part.split()[0] for part in parts if part.strip()) == sorted(NODES[pointer]["enum"])


def test_regions_are_the_programs(check):
    """Of all that botocore knows."""
    partitions = botocore.session.get_session().get_component("data_loader").load_data("partitions")["partitions"]
    names = {name for partition in partitions for name in partition["regions"]}
    listed = set(NODES["/$defs/region"]["enum"])
    said = check(changed("policies/post/regions", json.dumps(sorted(names | listed))))
    refused = set(re.findall(r'"(\S+)" is not an AWS region', said))
    assert len(listed) > 30 and names | listed == listed | refused and not listed & refused


# Files in policies.d.

MORE = {"regions": "us-east-1", "select": {"ec2-volumes": {"names": "*"}}, "schedule": {"every": "6h"}}
POLICIES = {"policies": {"more": MORE}}
DROP_INS = {"policies": json.dumps(POLICIES), "no-policies": "policies:", "nothing": "", "comment": "# Later.\n"}


@pytest.mark.parametrize("drop_in", DROP_INS.values(), ids=DROP_INS)
def test_both_accept_drop_ins(check, drop_in):
    assert check("fleet: acme", drop_in) == "" and errors(drop_in) == [] and errors(drop_in, "/$defs/drop-in") == []


@pytest.mark.parametrize("key, value", [
    ("timing", "{ consistency: 1s }"), ("prune-grace", "1h"), ("accounts", "{}"), ("policy", "{}"), ("policies", "[]")])
def test_both_refuse_what_no_drop_in_can_hold(check, key, value):
    """A file of which nothing tells that it is a main one is taken for a drop-in."""
    drop_in = json.dumps(POLICIES | {key: "(written)"}).replace('"(written)"', value)
    assert check("fleet: acme", drop_in) != "" and errors(drop_in) != [] and errors(drop_in, "/$defs/drop-in") != []
