"""The policies that people and drills restore with: every call against them, and what they must not allow."""

import concurrent.futures
import functools
import importlib.resources
import json

import pytest
from conftest import DR, HOME, Sandbox
from iam_evaluator import (
    ACCOUNT, MAKERS, Right, World, ec2_name, listed, matches, refused, request_tags, resource_tags, rights,
    tagging_in_lightsail)
from judge import making_clients
from moto.iam.access_control import IAMPolicy, PermissionResult
from recorder import Recorder
from support import Aws, Installation
from test_accounts import PROD, TO_VAULT, VAULT, Accounts, world
from test_iam_policy import CHINA, CONFIGS, bare

KEY = f"arn:aws:kms:{HOME}:{ACCOUNT}:key/ours"
MARK = "snapwarden:restore"
HEAD = """
fleet: acme
api-budget: 10000%
timing: { consistency: 1s, poll-first: 1s, poll-longest: 1s }
policies:
"""
SELECT = {
    "servers": "ec2-instances: { ids: [i-web, i-app, i-paid] }", "volumes": "ec2-volumes: { ids: [vol-alone] }",
    "sites": "lightsail-instances: { names: [blog] }", "disks": "lightsail-disks: { names: [spare] }",
    "databases": "lightsail-databases: { names: [orders] }"}
SECRETS = "ec2-instances: { ids: [i-secret] }"
AUTOMATIC = f"""
  automatic:
    regions: [{HOME}]
    select: {{ lightsail-instances: {{ names: [diary] }}, lightsail-disks: {{ names: [vault] }} }}
    source: automatic
    copies: [{{ region: {DR} }}]
"""


def policy(name, selector, more="", key=""):
    """One policy of a config; databases have no copies."""
    copies = "" if name == "databases" else f"    copies: [{{ region: {DR}{key} }}]\n"
    return (
        f"  {name}:\n    regions: [{HOME}]\n    select: {{ {selector} }}\n    schedule: {{ cron: \"0 2 * * *\" }}\n"
        f"{copies}{more}")


def config(source=None, secrets=False):
    """A policy of each kind, with drills from there, and perhaps one of what is encrypted."""
    def drill(name):
        place = "home" if name == "databases" else source
        return f"    drill: {{ schedule: {{ cron: \"0 6 * * *\" }}, from: {place}, limit: 3 }}\n" if source else ""
    text = HEAD + "".join(policy(name, selector, drill(name)) for name, selector in SELECT.items())
    return text + (policy("secrets", SECRETS, drill("secrets"), ", kms-key: alias/dr") if secrets else "")


PLAIN, FROM_DR, FROM_HOME = config(), config("dr"), config("home")
EVERYTHING = config(secrets=True) + AUTOMATIC
PROFILE = f"arn:aws:iam::{ACCOUNT}:instance-profile/web"


def root(name, **more):
    return {"id": f"vol-{name}", "device": "/dev/xvda", "boot": True, **more}


WORLD = {
    "regions": [HOME, DR],
    "timings": {"snapshot-seconds": 0, "copy-seconds": 0, "instance-seconds": 0},
    "ec2-instances": [
        {"id": "i-web", "name": "web", "zone": "b", "subnet": "subnet-us-east-1b", "key-name": "ours",
         "profile": PROFILE, "security-groups": ["sg-1"],
         "volumes": [root("web"), {"id": "vol-web-2", "device": "/dev/sdf"}]},
        {"id": "i-app", "name": "app", "volumes": [root("app")]},
        {"id": "i-paid", "name": "paid", "platform": "Windows", "volumes": [root("paid")]},
        {"id": "i-secret", "name": "secret", "volumes": [root("secret", **{"kms-key": KEY})]},
        {"id": "i-bare", "volumes": [root("bare")]}, {"id": "i-far", "region": DR, "volumes": [root("far")]}],
    "ec2-volumes": [{"id": "vol-alone", "name": "archive"}],
    "lightsail-instances": [
        {"name": "blog", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a01",
         "ports": [{"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrs": ["0.0.0.0/0"]}],
         "disks": [{"name": "blog-data", "path": "/dev/xvdf", "size": 32}]},
        {"name": "shop", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a02"},
        {"name": "diary", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a03", "auto-snapshots": [{"date": "2026-01-01"}]}],
    "lightsail-disks": [
        {"name": "spare", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a04", "tags": {"team": "a"}},
        {"name": "vault", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a05", "auto-snapshots": [{"date": "2026-01-01"}]}],
    "lightsail-databases": [{"name": "orders", "uuid": "6f1d2c3b-4a59-4687-9021-3c4d5e6f7a06"}],
    "lightsail-static-ips": [{"name": "free"}]}
#: What people restore, and undo.
RESTORES = {
    "volumes": ["web --volumes-only", "web --undo"],
    "a volume by itself": ["archive --tag team=a", "archive --undo"],
    "attached volumes": [
        "web --as att --attach-to i-bare --device /dev/xvda=/dev/sdh", "web --as att --undo"],
    "a new instance": ["web --as like --new-instance", "web --as like --undo"],
    "a new instance, its image kept": ["app --as kept --new-instance --keep-image", "app --as kept --undo"],
    "a new instance of a template": [
        "app --as tmp --new-instance --launch-template lt-0ab:3 --profile db --key-pair k", "app --as tmp --undo"],
    "a root volume": ["web --replace-root-volume i-web"],
    "copied volumes": [f"web --region {DR} --volumes-only", f"web --region {DR} --undo"],
    "attached copied volumes": [
        f"web --region {DR} --as att --attach-to i-far --device /dev/xvda=/dev/sdh",
        f"web --region {DR} --as att --undo"],
    "a copied instance": [
        f"web --region {DR} --as like --new-instance --key-pair k", f"web --region {DR} --as like --undo"],
    "a Lightsail instance": ["blog --as single --static-ip free", "blog --as single --undo"],
    "several Lightsail instances": ["blog --as one --as two", "blog --as one --as two --undo"],
    "a copied Lightsail instance": [f"blog --region {DR}", f"blog --region {DR} --undo"],
    "an automatic Lightsail instance": ["diary --as today", "diary --as today --undo"],
    "a copied automatic instance": [f"diary --region {DR}", f"diary --region {DR} --undo"],
    "a Lightsail disk": ["spare --as extra", "spare --as extra --undo"],
    "an attached Lightsail disk": ["spare --as more --attach-to shop --device /dev/xvdg"],
    "an automatic Lightsail disk": ["vault --as today-vault", "vault --as today-vault --undo"],
    "a copied Lightsail disk": [f"spare --region {DR}", f"spare --region {DR} --undo"],
    "a database": ["orders --as again --bundle small_2_0", "orders --as again --undo"],
    "a list": ["", f"--region {DR}"],
}
#: The same of what is encrypted under a customer's key, or becomes so.
ENCRYPTED = {
    "encrypted volumes": ["secret --volumes-only", "secret --undo"],
    "an encrypted instance": ["secret --as like --new-instance", "secret --as like --undo"],
    "an encrypted root volume": ["secret --replace-root-volume i-secret"],
    "encrypted copies": [f"secret --region {DR} --volumes-only", f"secret --region {DR} --undo"],
    "volumes under another key": [f"app --as under --volumes-only --kms-key {KEY}", "app --as under --undo"],
}
#: A drill removes what any other of its fleet made in the region: those of one service and region follow each other.
DRILLS = [
    [(f"{name} from dr", name, FROM_DR) for name in ("servers", "volumes")]
    + [("secrets from dr", "secrets", config("dr", secrets=True))],
    [(f"{name} from home", name, FROM_HOME) for name in ("servers", "volumes")]
    + [("secrets from home", "secrets", config("home", secrets=True))],
    [(f"{name} from dr", name, FROM_DR) for name in ("sites", "disks")],
    [(f"{name} from home", name, FROM_HOME) for name in ("sites", "disks", "databases")],
]
DRILLED = {row: text for chain in DRILLS for row, _, text in chain}
OF_KEYS = {"secrets from dr", "secrets from home"}
#: How each policy is printed, and who acts by it. Of databases there are no copies.
POLICIES = {
    "restore": ((EVERYTHING, "--restore"), [*RESTORES, *ENCRYPTED]),
    "drills from dr": ((FROM_DR,), [*(row for row in DRILLED if row.endswith("dr")), "databases from home"]),
    "drills from home": ((FROM_HOME,), [row for row in DRILLED if row.endswith("home")])}


def chains():
    """Restores of one point follow each other: each note of what is undone is on the same snapshots."""
    found = {}
    for row, texts in (RESTORES | ENCRYPTED).items():
        found.setdefault((texts[0].split(" ")[0], DR in texts[0]), {})[row] = texts
    return sorted(found.values(), key=len, reverse=True)


class Stage:
    """A sandbox with a point of everything, and the calls of each row, with the world before each that changes it."""

    def __init__(self, folder):
        self.folder, self.calls = folder, {}
        (folder / "seed.json").write_text(json.dumps(WORLD))
        self.sandbox = Sandbox(folder / "seed.json")
        with making_clients:
            self.clients = {
                region: [self.sandbox.client(service, region) for service in ("ec2", "lightsail")]
                for region in (HOME, DR)}
        try:
            Installation(folder, Aws(self.sandbox.url), EVERYTHING).run("run", "--once")
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                work = [pool.submit(self.drill, chain) for chain in DRILLS]
                work += [pool.submit(self.restore, chain) for chain in chains()]
                for one in work:
                    one.result()
        finally:
            self.sandbox.stop()

    def drill(self, chain):
        for row, name, text in chain:
            self.perform(row, text, ["drill", name])

    def restore(self, chain):
        for row, texts in chain.items():
            first, ask = ("list", []) if row == "a list" else ("restore", ["--yes"])
            self.perform(row, EVERYTHING, *([first, *text.split(), *ask] for text in texts))

    def perform(self, row, text, *commands):
        folder = self.folder / row.replace(" ", "-").replace(",", "")
        folder.mkdir()
        recorder = Recorder(self.sandbox)
        recorder.before = self.look
        installation = Installation(folder, recorder, text)
        said = [installation.run(*command, code=None) for command in commands]
        recorder.close()
        failures = [f"{done.args[5:]}: {done.stdout}{done.stderr}" for done in said if done.returncode]
        self.calls[row] = (recorder.calls, recorder.misuses + failures)

    def look(self, call):
        if changes(call):
            call.world = World(self.sandbox.admin("GET", "dump"), *self.clients[call.region])

    def of(self, *rows):
        """The calls of rows, which went well."""
        assert not [self.calls[row][1] for row in rows if self.calls[row][1]]
        return [call for row in rows for call in self.calls[row][0]]


def changes(call):
    return not call.operation.startswith(("Describe", "Get", "AssumeRole"))


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return Stage(tmp_path_factory.mktemp("stage"))


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The policy that `iam-policy` prints of a config."""
    @functools.cache
    def printed(text, *options):
        folder = tmp_path_factory.mktemp("printed")
        return json.loads(Installation(folder, None, text).run("iam-policy", *options).stdout)
    return printed


# What AWS knows of actions and resources, as cfn-lint brings it: the Service Authorization Reference.

REFERENCE = json.loads(importlib.resources.files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json").read_text())


def kinds(action):
    """The kinds of resources that each of an action's meanings has rights on: none stands for "*" alone."""
    service, pattern = action.split(":")
    found = [
        {kind.lower() for kind in entry.get("Resources", [])} for name, entry in REFERENCE[service]["Actions"].items()
        if matches(pattern.lower(), name)]
    assert found, f"AWS has no {action}"
    return found


def kind_of(resource):
    return "*" if resource == "*" else resource.split(":", 5)[5].split("/")[0].lower()


def check_known(right):
    """That AWS asks for such a right at all."""
    [known] = kinds(right.action)
    assert kind_of(right.resource) in (known or {"*"}), right


STATEMENTS = {name: arguments for name, (arguments, _) in POLICIES.items()} | {
    "the daemon": (EVERYTHING.replace("source: automatic", 'source: automatic\n    automatic-snapshots: "02:00"'),)}


@pytest.mark.parametrize("name", STATEMENTS)
def test_aws_knows_every_statement(printed, name):
    """An action that AWS has no resources for is allowed by "*" alone, any other by a resource of its own kinds."""
    statements = printed(*STATEMENTS[name])["Statement"]
    if name.startswith("drills"):
        statements = [s for s in statements if s["Sid"].startswith("Drill")]
    vain = []
    for statement in statements:
        resources = {kind_of(resource) for resource in listed(statement["Resource"])}
        keys = [key for by_key in statement.get("Condition", {}).values() for key in by_key]
        for action in listed(statement["Action"]):
            for known in kinds(action):
                if "*" not in resources and not known & resources:
                    vain.append((statement["Sid"], action, sorted(known) or "*"))
                for kind in known & resources if any(key.startswith("aws:ResourceTag/") for key in keys) else ():
                    conditions = REFERENCE[action.split(":")[0]]["Resources"][kind]["ConditionKeys"]
                    assert "aws:ResourceTag/${TagKey}" in conditions, (statement["Sid"], kind)
    assert not vain, "real AWS refuses these all the same"


@pytest.mark.parametrize("name", CONFIGS)
def test_only_what_the_config_needs(printed, name):
    text = CONFIGS[name]
    policy = printed(text, "--restore")
    everything = json.dumps(policy)
    assert ("lightsail:" in everything) == ("lightsail-instances" in text)
    assert ("ec2:RunInstances" in everything) == ("iam:PassRole" in everything) == ("ec2-instances" in text)
    assert not [word for word in ("CopySnapshot", "CreateSnapshot", "DeleteSnapshot", "sts:") if word in everything]
    names = [s["Sid"] for s in policy["Statement"]]
    assert len(names) == len(set(names)) and all(name.isalnum() for name in names)
    partition = "aws-cn" if text == CHINA else "aws"
    named = [r for s in policy["Statement"] for r in listed(s["Resource"]) if r != "*"]
    assert named and all(resource.split(":")[1] == partition for resource in named)


# Every call


def check_allowed(policy, calls):
    vain = [right for call in calls for right in refused(policy, rights(call))]
    assert not vain
    needed = {(right.action, right.resource) for call in calls for right in rights(call)}
    for call in calls:
        for right in rights(call):
            check_known(right)
    # moto's evaluator, which nobody here wrote, agrees on actions and resources.
    bares = [IAMPolicy(json.dumps({"Version": "2012-10-17", "Statement": [bare(s)]})) for s in policy["Statement"]]
    for action, resource in needed:
        assert any(b.is_action_permitted(action, resource) == PermissionResult.PERMITTED for b in bares), action


@pytest.mark.parametrize("row", RESTORES | ENCRYPTED)
def test_every_call_of_a_restore_is_allowed(printed, stage, row):
    check_allowed(printed(EVERYTHING, "--restore"), stage.of(row))


def test_all_kinds_of_calls_were_made(stage):
    made = {call.operation for call in stage.of(*RESTORES, *ENCRYPTED) if changes(call)}
    assert made == {
        "CreateVolume", "AttachVolume", "DetachVolume", "DeleteVolume", "RegisterImage", "DeregisterImage",
        "RunInstances", "TerminateInstances", "CreateReplaceRootVolumeTask", "CreateTags",
        "CreateInstancesFromSnapshot", "CreateDiskFromSnapshot", "CreateRelationalDatabaseFromSnapshot",
        "PutInstancePublicPorts", "AttachDisk", "AttachStaticIp", "TagResource", "DeleteInstance", "DeleteDisk",
        "DeleteRelationalDatabase"}
    drilled = {call.operation for call in stage.of(*DRILLED) if changes(call)}
    assert made - drilled == {
        "AttachVolume", "DetachVolume", "CreateReplaceRootVolumeTask", "CreateTags", "AttachDisk", "AttachStaticIp"}
    assert drilled < made


@pytest.mark.parametrize("row", DRILLED)
def test_every_call_of_a_drill_is_allowed(printed, stage, row):
    check_allowed(printed(DRILLED[row]), stage.of(row))


@pytest.mark.parametrize("name", POLICIES)
def test_each_statement_is_needed(printed, stage, name):
    """And each of its actions, for something that is allowed."""
    arguments, rows = POLICIES[name]
    policy, prefix = printed(*arguments), "Drill" if name.startswith("drills") else ""
    asked = [right for call in stage.of(*rows) for right in rights(call)]
    makers = [call for call in stage.of(*rows) if call.operation in MAKERS.values()]
    asked += [right for call in makers for right in tagging_in_lightsail(call)]
    asked = [right for right in asked if not refused(policy, [right])]
    statements = [s for s in policy["Statement"] if s["Sid"].startswith(prefix)]
    idle = [
        statement["Sid"] for statement in statements
        if not refused({"Statement": [s for s in policy["Statement"] if s is not statement]}, asked)]
    assert idle == []
    patterns = {action for s in statements for action in listed(s["Action"])}
    assert [p for p in patterns if not any(matches(p, right.action) for right in asked)] == []


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", POLICIES)
def test_tags_that_lightsail_is_given_with_what_it_makes(printed, stage, name, kind):
    """The reference names lightsail:TagResource as an action that these calls depend on."""
    arguments, rows = POLICIES[name]
    calls = [call for call in stage.of(*rows) if call.operation == MAKERS[kind]]
    assert calls and all("tags" in call.parameters for call in calls)
    assert not refused(printed(*arguments), [right for call in calls for right in tagging_in_lightsail(call)])


# What must not be allowed

OURS, FOREIGN = resource_tags({"snapwarden:fleet": "acme"}), resource_tags({"snapwarden:fleet": "other", "Name": "x"})
UNMARKED, UNMARKING = resource_tags({"Name": "x"}), request_tags({"Name": "x"})
PERSONS, DRILLS_OWN = "0123456789abcdef", "drill acme/web/k2/2026-11-20T02:00:00Z"
NOT_DRILLS_OWN = {
    "a person's": PERSONS, "another fleet's": DRILLS_OWN.replace("acme", "other"),
    "a longer fleet's": DRILLS_OWN.replace("acme", "acme-2"), "one within": f"x {DRILLS_OWN}"}


def marked(mark):
    return resource_tags({MARK: mark, "Name": "x"})


def marking(mark, **more):
    return request_tags({MARK: mark, **more})


def right(action, kind, *known, region=HOME):
    """A right on one thing of that kind."""
    service = action.split(":")[0]
    names = {
        "ec2": ec2_name(region, kind, f"{kind}-1"), "iam": f"arn:aws:iam::{ACCOUNT}:role/{kind}",
        "lightsail": f"arn:aws:lightsail:{region}:{ACCOUNT}:{kind}/6f1d2c3b",
        "kms": f"arn:aws:kms:{region}:{ACCOUNT}:key/a"}
    made = Right(action, "*" if kind == "*" else names[service], region)
    for context in known:
        made.add(context)
    return made


REMOVES = [
    ("ec2:TerminateInstances", "instance"), ("ec2:DeleteVolume", "volume"), ("ec2:DeregisterImage", "image"),
    ("ec2:RunInstances", "image"), ("lightsail:DeleteInstance", "Instance"),
    ("lightsail:PutInstancePublicPorts", "Instance"), ("lightsail:DeleteDisk", "Disk"),
    ("lightsail:DeleteRelationalDatabase", "RelationalDatabase")]
MAKES = [
    ("ec2:CreateVolume", "volume"), ("ec2:RegisterImage", "image"), ("ec2:RunInstances", "instance"),
    ("ec2:RunInstances", "volume"), ("lightsail:TagResource", "Disk")]
SOURCES = [("ec2:CreateVolume", "snapshot"), ("ec2:RegisterImage", "snapshot")]
FROM_SNAPSHOT = [
    ("lightsail:CreateInstancesFromSnapshot", "InstanceSnapshot"), ("lightsail:CreateDiskFromSnapshot", "DiskSnapshot"),
    ("lightsail:CreateRelationalDatabaseFromSnapshot", "RelationalDatabaseSnapshot")]
ATTACHES = [("ec2:AttachVolume", "volume"), ("ec2:DetachVolume", "volume"), ("lightsail:AttachDisk", "Disk")]
TASK = ("ec2:CreateReplaceRootVolumeTask", "replace-root-volume-task")


def pairs(mark, others, region, removes=REMOVES, makes=MAKES, sources=SOURCES):
    """What is denied, and the same as it is allowed, in which one thing is otherwise."""
    at = lambda kind: HOME if kind.startswith("RelationalDatabase") else region
    of = lambda action, kind, *known: right(action, kind, *known, region=at(kind))
    found = {}
    bearing = {"no mark": UNMARKED, **{f"{why} mark": marked(other) for why, other in others.items()}}
    for why, context in bearing.items():
        for one in removes:
            found[f"{one[0]} on {one[1]} with {why}"] = (of(*one, context), of(*one, marked(mark)))
    giving = {"no mark": UNMARKING, **{f"{why} mark": marking(other) for why, other in others.items()}}
    for why, context in giving.items():
        for one in makes:
            found[f"{one[0]} on {one[1]}, giving {why}"] = (of(*one, context), of(*one, marking(mark)))
        for one in FROM_SNAPSHOT:
            found[f"{one[0]}, giving {why}"] = (of(*one, OURS, context), of(*one, OURS, marking(mark)))
    for one in sources:
        found[f"{one[0]} from a foreign snapshot"] = (of(*one, FOREIGN), of(*one, OURS))
    for one in FROM_SNAPSHOT:
        found[f"{one[0]} from a foreign snapshot"] = (
            of(*one, FOREIGN, marking(mark)), of(*one, OURS, marking(mark)))
    return found


TABLES = {
    "restore": ((PLAIN, "--restore"), pairs(
        PERSONS, {}, HOME, REMOVES + ATTACHES, [*MAKES, TASK], [*SOURCES, (TASK[0], "snapshot")])),
    "restore of copies": ((PLAIN, "--restore"), pairs(PERSONS, {}, DR, REMOVES + ATTACHES)),
    "drills from dr": ((FROM_DR,), pairs(DRILLS_OWN, NOT_DRILLS_OWN, DR)),
    "drills from home": ((FROM_HOME,), pairs(DRILLS_OWN, NOT_DRILLS_OWN, HOME)),
}
ROWS = [(name, row) for name, (_, table) in TABLES.items() for row in table]


@pytest.mark.parametrize("name, row", ROWS, ids=[f"{name}: {row}" for name, row in ROWS])
def test_denied(printed, name, row):
    arguments, table = TABLES[name]
    wrong, proper = table[row]
    policy = printed(*arguments)
    check_known(wrong)
    assert not refused(policy, [proper]), f"{proper} is not allowed"
    assert refused(policy, [wrong]), f"{wrong} is allowed"


@pytest.mark.parametrize("name, region", [
    *((name, "ap-south-1") for name in TABLES), ("drills from dr", HOME), ("drills from home", DR)])
def test_denied_in_other_regions(printed, name, region):
    arguments, table = TABLES[name]
    for _, proper in table.values():
        [own] = proper.context["aws:RequestedRegion"]
        moved = Right(proper.action, proper.resource.replace(own, region), region)
        moved.add({key: value for key, value in proper.context.items() if key != "aws:RequestedRegion"})
        if own != region:
            assert refused(printed(*arguments), [moved]), moved


def tagging(mark, region=HOME):
    """Marking what is there, of whatever can be told from what is made just now, and taking the mark off."""
    of_ec2, snapshots = ["instance", "volume", "image"], [kind for _, kind in FROM_SNAPSHOT]
    of_lightsail, off = ["Instance", "RelationalDatabase"], [marked(mark), {"aws:TagKeys": [MARK]}]
    table = [
        ("ec2:CreateTags", of_ec2, [UNMARKED, marking(mark)]), ("ec2:DeleteTags", of_ec2, off),
        ("lightsail:TagResource", of_lightsail, [UNMARKED, UNMARKING]),
        ("lightsail:TagResource", ["StaticIp", *snapshots], [UNMARKED, marking(mark)]),
        ("lightsail:UntagResource", ["Disk", "StaticIp", *of_lightsail, *snapshots], off)]
    return {
        f"{action} of {kind} in {region}": right(action, kind, *known, region=region)
        for action, kinds, known in table for kind in kinds}


def via(service, region=HOME, **more):
    return {"kms:ViaService": [f"{service}.{region}.amazonaws.com"], **{f"kms:{key}": [more[key]] for key in more}}


KEYS = {
    f"{name} in {region}": right(f"kms:{action}", "key", known, region=region)
    for region in (HOME, DR, "ap-south-1") for name, action, known in [
        ("decrypting by oneself", "Decrypt", {}), ("decrypting by another service", "Decrypt", via("s3", region)),
        ("a grant to people", "CreateGrant", via("ec2", region, GrantIsForAWSResource="false")),
        ("a grant by oneself", "CreateGrant", {"kms:GrantIsForAWSResource": ["true"]})]
} | {"decrypting in another region": right("kms:Decrypt", "key", via("ec2", "ap-south-1"), region="ap-south-1")}
NEVER = tagging(PERSONS) | KEYS | {
    f"{action} of {kind}": right(action, kind, *known) for action, kind, *known in [
        *((*one, marked(PERSONS)) for one in [
            ("ec2:StopInstances", "instance"), ("ec2:ModifyVolume", "volume"),
            ("ec2:CreateReplaceRootVolumeTask", "image"), ("lightsail:DetachDisk", "Disk"),
            ("lightsail:DetachStaticIp", "StaticIp"), ("lightsail:ReleaseStaticIp", "StaticIp")]),
        *((*one, OURS) for one in [
            ("ec2:DeleteSnapshot", "snapshot"), ("ec2:ModifySnapshotAttribute", "snapshot"),
            ("ec2:CopySnapshot", "snapshot"), ("lightsail:DeleteInstanceSnapshot", "InstanceSnapshot"),
            ("lightsail:DeleteDiskSnapshot", "DiskSnapshot"),
            ("lightsail:DeleteRelationalDatabaseSnapshot", "RelationalDatabaseSnapshot")]),
        *((*one, request_tags({"snapwarden:fleet": "acme"})) for one in [
            ("ec2:CreateSnapshot", "snapshot"), ("ec2:CreateSnapshots", "snapshot"), ("ec2:CreateSnapshot", "volume"),
            ("lightsail:CreateInstanceSnapshot", "Instance"), ("lightsail:CreateDiskSnapshot", "Disk"),
            ("lightsail:CreateRelationalDatabaseSnapshot", "*")]),
        ("lightsail:CopySnapshot", "*"), ("lightsail:EnableAddOn", "*")]
} | {
    f"{name} on a snapshot": right("ec2:CreateTags", "snapshot", own, request_tags(given)) for name, own, given in [
        ("a hold", OURS, {"snapwarden:hold": "x"}), ("another fleet", OURS, {"snapwarden:fleet": "x"}),
        ("more than the note", OURS, {"snapwarden:undone": "i-1", "Name": "x"}),
        ("the note", FOREIGN, {"snapwarden:undone": "i-1"})]
} | {"a role for another service": right("iam:PassRole", "web", {"iam:PassedToService": ["lambda.amazonaws.com"]})}
NEVER_IN_DRILLS = tagging(DRILLS_OWN) | tagging(DRILLS_OWN, DR) | KEYS | {
    f"{action} of {kind} in {region}": right(action, kind, *known, region=region) for region in (HOME, DR)
    for action, kind, *known in [
        *((f"ec2:{action}Volume", kind, marked(DRILLS_OWN)) for action in ("Attach", "Detach") for kind in (
            "instance", "volume")),
        ("ec2:CreateReplaceRootVolumeTask", "instance"), ("ec2:CreateReplaceRootVolumeTask", "snapshot", OURS),
        (*TASK, marking(DRILLS_OWN)), ("ec2:RunInstances", "launch-template"),
        *((*one, marked(DRILLS_OWN)) for one in [
            ("lightsail:AttachDisk", "Disk"), ("lightsail:AttachStaticIp", "Instance"),
            ("lightsail:AttachStaticIp", "StaticIp"), ("lightsail:DetachDisk", "Disk"),
            ("ec2:StopInstances", "instance")]),
        ("iam:PassRole", "web", {"iam:PassedToService": ["ec2.amazonaws.com"]})]
} | {
    f"{what} on {kind} in {region}": right("lightsail:TagResource", kind, known, region=region)
    for region in (HOME, DR) for what, kind, known in [
        ("a person's mark", "Disk", marking(PERSONS)), ("a person's mark", "Instance", marking(PERSONS)),
        ("more than the mark", "Disk", marking(DRILLS_OWN, team="x"))]}


@pytest.mark.parametrize("row", NEVER)
def test_never_allowed_to_who_restores(printed, row):
    check_known(NEVER[row])
    assert refused(printed(PLAIN, "--restore"), [NEVER[row]]), "it is allowed"


@pytest.mark.parametrize("row", NEVER_IN_DRILLS)
@pytest.mark.parametrize("text", [FROM_DR, FROM_HOME], ids=["from dr", "from home"])
def test_never_allowed_to_drills(printed, text, row):
    check_known(NEVER_IN_DRILLS[row])
    assert refused(printed(text), [NEVER_IN_DRILLS[row]]), "it is allowed"


# Without drills


def test_without_drills_nothing_of_them_is_allowed(printed, stage):
    plain = printed(PLAIN)
    for text in (FROM_DR, FROM_HOME):
        rest = [s for s in printed(text)["Statement"] if not s["Sid"].startswith("Drill")]
        assert plain["Statement"] == rest and printed(text, "--restore") == printed(PLAIN, "--restore")
    calls = [call for call in stage.of(*(set(DRILLED) - OF_KEYS)) if changes(call)]
    assert len(calls) > 20
    for call in calls:
        needed = rights(call)
        assert refused(plain, needed) == needed, call
    for name, (_, table) in TABLES.items():
        for _, proper in table.values():
            assert refused(plain, [proper]), f"{proper} is allowed"


# Other accounts


def test_each_account_has_a_policy_of_its_own(tmp_path, start_sandbox):
    """What people and drills do in the vault, its policies allow, and no other account's."""
    seed = world()
    seed["timings"] = WORLD["timings"]
    sandbox = start_sandbox(seed)
    recorder, accounts = Recorder(sandbox), Accounts(sandbox)
    text = TO_VAULT.replace("consistency: 2s", "consistency: 1s") + '    drill: { schedule: { cron: "0 6 * * *" } }\n'
    installation = Installation(tmp_path, recorder, text)
    installation.run("run", "--once")
    recorder.calls.clear()
    owners = {HOME: "prod", DR: "vault"}
    clients = {HOME: accounts.ec2(PROD, HOME), DR: accounts.ec2(VAULT, DR)}

    def look(call):
        if changes(call):
            call.world = World(sandbox.admin("GET", "dump"), clients[call.region])

    recorder.before = look
    for region in owners:
        installation.run("restore", "db", "--region", region, "--volumes-only", "--yes")
        installation.run("restore", "db", "--region", region, "--undo", "--yes")
    by_people = list(recorder.calls)
    installation.run("drill", "nightly")
    by_drills = recorder.calls[len(by_people):]
    recorder.close()
    assert recorder.misuses == []
    for calls, made, options in ((by_people, "CreateVolume", ["--restore"]), (by_drills, "RunInstances", [])):
        policies = {
            name: json.loads(installation.run("iam-policy", "--account", name, *options).stdout)
            for name in ("default", "prod", "vault")}
        assert [s["Action"] for s in policies["default"]["Statement"]] == ["sts:AssumeRole"]
        assert made in {call.operation for call in calls}
        for call in calls:
            owner = "default" if call.service == "sts" else owners[call.region]
            needed = rights(call)
            assert not refused(policies[owner], needed), (owner, call)
            if changes(call) and call.service == "ec2":
                assert all(refused(policies[name], needed) == needed for name in policies if name != owner), call
